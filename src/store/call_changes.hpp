/// What people change about a call: corrections, remarks, overrides, deletion; and its history.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct LockedCall {
    bool legal_hold = false;
    Time updated_at;
    std::optional<AgentId> agent_id;
    std::optional<std::string> object_path;
    std::optional<std::string> playback_path;
};

/// Until the end of the transaction nobody else changes the call.
Task<std::optional<LockedCall>> lock_call(pg::Session& session, TenantId tenant, CallId id);
/// Rows and event; the objects are the caller's to remove.
Task<void> delete_call(pg::Session& session, TenantId tenant, CallId id);
Task<void> delete_journal(pg::Session& session, TenantId tenant, CallId id);
/// Live jobs about the call other than `asking`.
Task<std::vector<JobId>>
jobs_beside(pg::Session& session, TenantId tenant, CallId id, JobId asking);

struct CallPatch { // an unset member stays as it is
    std::optional<AgentId> agent_id;
    std::optional<CityId> city_id;
    std::optional<std::string> issue_category;
    std::optional<std::string> call_context;
    std::optional<std::string> note;
    bool clear_note = false;
};

Task<void> update_call(pg::Session& session, TenantId tenant, CallId id, CallPatch patch);

struct Remark {
    Uuid id;
    std::string text;
    std::string principal;
    Time created_at;
};

/// A place in a list that runs from new to old.
struct HistoryPlace {
    Time created_at;
    Uuid id;
};

/// Gives the time it was recorded at.
Task<Time> insert_remark(pg::Session& session, TenantId tenant, CallId call, Remark remark);
Task<std::vector<Remark>> list_remarks(pg::Session& session,
                                       TenantId tenant,
                                       CallId call,
                                       std::optional<HistoryPlace> after,
                                       int limit);

struct Override {
    Uuid id;
    CallId call_id;
    std::string field;
    double value = 0;
    std::string reason;
    std::string principal;
};

Task<Time> insert_override(pg::Session& session, TenantId tenant, Override made);
/// The field that is the evaluation's again; nothing when there is no such live override.
Task<std::optional<std::string>>
withdraw_override(pg::Session& session, TenantId tenant, CallId call, Uuid id, std::string who);

struct PastEvaluation {
    EvaluationId id;
    Time created_at;
    bool current = false;
    std::string reason;
    TranscriptId transcript_id;
    std::string scorecard_key;
    std::int64_t scorecard_version = 0;
    std::string scorecard_hash;
    std::optional<std::string> prompt_id;
    std::optional<std::string> prompt_hash;
    std::string evaluator;
    std::optional<std::string> model;
    bool scored = false;
    bool provisional = false;
    double coverage = 0;
    bool degraded = false;
    std::int64_t tokens_in = 0;
    std::int64_t tokens_out = 0;
    double cost_usd = 0;
    std::int64_t latency_ms = 0;
    std::optional<Uuid> supersedes;
    std::string document_json;
};

/// Newest first; with `only` that one.
Task<std::vector<PastEvaluation>> list_evaluations(pg::Session& session,
                                                   TenantId tenant,
                                                   CallId call,
                                                   std::optional<HistoryPlace> after,
                                                   int limit,
                                                   std::optional<EvaluationId> only);

struct CallStep {
    Time at;
    std::string type;
    std::optional<std::string> principal;
    std::string payload_json;
};

/// In the order they happened.
Task<std::vector<CallStep>>
call_steps(pg::Session& session, TenantId tenant, CallId call, int most);

} // namespace hs::store
