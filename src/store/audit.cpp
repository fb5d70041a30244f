#include "store/audit.hpp"

#include "store/queries.hpp"

namespace hs::store {

Task<std::optional<AuditHead>> audit_head(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::audit_head, pg::params(tenant));
    if (rows.empty()) co_return std::nullopt;
    co_return AuditHead{rows.front().integer("sequence"), rows.front().bytes("hash")};
}

Task<std::vector<AuditRow>> pending_audit(pg::Session& session, TenantId tenant, int limit) {
    const auto rows = co_await session.run(sql::pending_audit, pg::params(tenant, limit));
    std::vector<AuditRow> pending;
    for (const auto row : rows)
        pending.push_back({row.integer("id"), row.text("canonical")});
    co_return pending;
}

Task<void> append_audit(pg::Session& session,
                        TenantId tenant,
                        std::int64_t outbox_id,
                        AuditHead previous,
                        Sha256 hash) {
    const Bytes bytes(hash.begin(), hash.end());
    co_await session.run(
        sql::append_audit,
        pg::params(tenant, outbox_id, previous.sequence + 1, previous.hash, bytes));
}

} // namespace hs::store
