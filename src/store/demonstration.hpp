/// Calls of a demonstration history, marked so that they can be told from real ones and removed.
#pragma once

#include <optional>
#include <string>

#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct DemonstrationCall {
    CallId id;
    AgentId agent;
    CityId city;
    Bytes customer_name_sealed;
    int duration_seconds = 0;
    Time call_timestamp;
    std::string issue_category;
    std::string external_id;
    std::string language;
    TranscriptId transcript;
};

struct DemonstrationEscalation {
    Uuid id;
    CallId call;
    EvaluationId evaluation;
    std::string reason;
    int score = 0;                     // basis points
    std::optional<std::string> note{}; // of its end; unset: open
    Time raised_at;
};

/// Transcript and evaluation are to follow in the same transaction.
Task<void> insert_demonstration_call(pg::Session& session, TenantId tenant, DemonstrationCall call);
/// The call's current judgement enters no window of new ones.
Task<void> silence_judgement(pg::Session& session, TenantId tenant, CallId call);
Task<void> insert_demonstration_escalation(pg::Session& session,
                                           TenantId tenant,
                                           DemonstrationEscalation escalation);
/// Added for the demonstration, and to go with it.
Task<void> mark_demonstration_agent(pg::Session& session, TenantId tenant, AgentId agent);
Task<void> mark_demonstration_city(pg::Session& session, TenantId tenant, CityId city);

Task<std::int64_t> demonstration_calls(pg::Session& session, TenantId tenant);
/// Removes at most so many calls with all that hangs on them; how many there were.
Task<std::int64_t> remove_demonstration_calls(pg::Session& session, TenantId tenant, int most);

struct RemovedDirectory {
    std::int64_t agents = 0;
    std::int64_t cities = 0;
};

/// Removes the agents and cities that nothing else needs. In one transaction.
Task<RemovedDirectory> remove_demonstration_directory(pg::Session& session, TenantId tenant);

} // namespace hs::store
