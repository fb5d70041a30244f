/// The hash-chained audit log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct AuditRow { // as written by the acting transaction
    std::int64_t outbox_id = 0;
    std::string canonical; // the bytes that are hashed
};

struct AuditHead {
    std::int64_t sequence = 0;
    Bytes hash; // empty before the first row
};

Task<std::optional<AuditHead>> audit_head(pg::Session& session, TenantId tenant);
Task<std::vector<AuditRow>> pending_audit(pg::Session& session, TenantId tenant, int limit);
/// Moves one row behind `head` with its chained hash.
Task<void> append_audit(
    pg::Session& session, TenantId tenant, std::int64_t outbox_id, AuditHead previous, Sha256 hash);

} // namespace hs::store
