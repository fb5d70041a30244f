/// Escalations: raised by evaluations and overrides, handled by people.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct Escalation {
    Uuid id;
    CallId call_id;
    EvaluationId evaluation_id;
    std::string reason;
    std::int64_t score = 0; // basis points
    std::string state;      // open | acknowledged | assigned | snoozed | resolved
    std::optional<std::string> assigned_to;
    std::optional<Time> snoozed_until;
    std::optional<std::string> note;
    std::string changed_by;
    Time created_at;
    Time updated_at;
    Time call_timestamp;
    std::optional<AgentId> agent_id;
    std::string agent_name;
    std::optional<std::int64_t> city_id;
    std::string city_name;
};

struct EscalationRaise {
    Uuid id; // of a new one; a live one of the call keeps its own
    CallId call_id;
    EvaluationId evaluation_id;
    std::string reason;
    int score = 0;
    std::string who;
};

/// Whether the call is flagged by a person, or else by its current evaluation; also inside the
/// transaction that has just changed either.
Task<bool> effectively_flagged(pg::Session& session, TenantId tenant, CallId call);
/// Raises the call's escalation, or repeats the live one; step and event included.
Task<void> raise_escalation(pg::Session& session, TenantId tenant, EscalationRaise raise);
/// Resolves what nobody has taken up: the newer judgement does not flag the call.
Task<void> clear_escalation(
    pg::Session& session, TenantId tenant, CallId call, std::string note, std::string who);

struct EscalationAction {
    Uuid id;
    std::string action;            // acknowledge | assign | snooze | resolve
    std::string state;             // the new one
    std::vector<std::string> from; // states it may start from
    std::optional<std::string> assigned_to;
    std::optional<Time> snoozed_until;
    std::optional<std::string> note;
    std::string who;
    std::string event;
};

/// False when there is no such escalation in one of the states.
Task<bool> handle_escalation(pg::Session& session, TenantId tenant, EscalationAction action);
Task<std::optional<Escalation>> find_escalation(pg::Session& session, TenantId tenant, Uuid id);

struct EscalationList {
    std::optional<std::string> state;
    std::optional<AgentId> agent_id;
    std::optional<std::int64_t> city_id;
    std::string order = "-created_at";      // created_at | updated_at | score, with - for falling
    std::optional<std::string> after_place; // of the last one of the page before
    std::optional<Uuid> after_id;
    int limit = 50;
};

struct ListedEscalation {
    Escalation escalation;
    std::string place; // in the order
};

Task<std::vector<ListedEscalation>>
list_escalations(pg::Session& session, TenantId tenant, EscalationList list);

} // namespace hs::store
