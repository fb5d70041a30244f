#include "store/recordings.hpp"

#include "store/queries.hpp"

namespace hs::store {

Task<void>
set_audio_locator(pg::Session& session, TenantId tenant, CallId call, std::string locator) {
    co_await session.run(sql::set_audio_locator, pg::params(tenant, call, locator));
}

Task<std::optional<CallId>>
call_of_key(pg::Session& session, TenantId tenant, std::string scope, std::string key) {
    const auto rows = co_await session.run(sql::find_reservation, pg::params(tenant, scope, key));
    if (rows.empty() || !rows.front().boolean("finished")) co_return std::nullopt;
    co_return CallId{rows.front().uuid("call_id")};
}

} // namespace hs::store
