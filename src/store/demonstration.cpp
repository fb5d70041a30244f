#include "store/demonstration.hpp"

#include <utility>

#include "store/queries.hpp"

namespace hs::store {

Task<void>
insert_demonstration_call(pg::Session& session, TenantId tenant, DemonstrationCall call) {
    auto values = pg::params(tenant,
                             call.id,
                             call.agent,
                             call.city,
                             call.customer_name_sealed,
                             call.duration_seconds,
                             call.call_timestamp,
                             call.issue_category,
                             call.external_id,
                             call.language,
                             call.transcript);
    co_await session.run(sql::insert_demonstration_call, std::move(values));
}

Task<void> silence_judgement(pg::Session& session, TenantId tenant, CallId call) {
    co_await session.run(sql::silence_judgement, pg::params(tenant, call));
}

Task<void> insert_demonstration_escalation(pg::Session& session,
                                           TenantId tenant,
                                           DemonstrationEscalation escalation) {
    auto values = pg::params(tenant,
                             escalation.id,
                             escalation.call,
                             escalation.evaluation,
                             escalation.reason,
                             escalation.score,
                             escalation.note,
                             escalation.raised_at);
    co_await session.run(sql::insert_demonstration_escalation, std::move(values));
}

Task<void> mark_demonstration_agent(pg::Session& session, TenantId tenant, AgentId agent) {
    co_await session.run(sql::mark_demonstration_agent, pg::params(tenant, agent));
}

Task<void> mark_demonstration_city(pg::Session& session, TenantId tenant, CityId city) {
    co_await session.run(sql::mark_demonstration_city, pg::params(tenant, city));
}

Task<std::int64_t> demonstration_calls(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::demonstration_calls, pg::params(tenant));
    co_return rows.front().integer("calls");
}

Task<std::int64_t> remove_demonstration_calls(pg::Session& session, TenantId tenant, int most) {
    const auto rows =
        co_await session.run(sql::remove_demonstration_calls, pg::params(tenant, most));
    co_return rows.affected();
}

Task<RemovedDirectory> remove_demonstration_directory(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::remove_demonstration_directory, pg::params(tenant));
    const RemovedDirectory removed{rows.front().integer("agents"), rows.front().integer("cities")};
    co_await session.run(sql::unmark_demonstration_directory, pg::params(tenant));
    co_return removed;
}

} // namespace hs::store
