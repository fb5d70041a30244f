#include "store/system.hpp"

#include "store/queries.hpp"

namespace hs::store {

Task<int> schema_version(pg::Session& session) {
    const auto rows = co_await session.run(sql::ping, pg::Params{});
    co_return static_cast<int>(rows.front().integer("schema_version"));
}

Task<std::int64_t> queue_length(pg::Session& session, TenantId tenant, std::int64_t most) {
    const auto rows = co_await session.run(sql::queue_length, pg::params(tenant, most));
    co_return rows.front().integer("jobs");
}

Task<std::vector<QueueFinding>> queue_findings(pg::Session& session) {
    const auto rows = co_await session.run(sql::queue_findings, pg::Params{});
    std::vector<QueueFinding> findings;
    for (const auto row : rows)
        findings.push_back({row.text("what"), row.text("value")});
    co_return findings;
}

} // namespace hs::store
