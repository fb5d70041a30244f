/// The state of the database itself.
#pragma once

#include <string>
#include <vector>

#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

/// Version of the schema; throws DatabaseError when the database cannot be asked.
Task<int> schema_version(pg::Session& session);
/// Live jobs of a tenant, counted up to `most`.
Task<std::int64_t> queue_length(pg::Session& session, TenantId tenant, std::int64_t most);

struct QueueFinding {
    std::string what;
    std::string value;
};

/// What an operator asks first about a queue that stands still.
Task<std::vector<QueueFinding>> queue_findings(pg::Session& session);

} // namespace hs::store
