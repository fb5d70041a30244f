/// Transcripts and evaluations: what a call's words were and what was made of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"
#include "domain/evaluation.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct TranscriptInsert {
    TranscriptId id;
    CallId call_id;
    std::string engine;
    std::string model;
    std::string engine_version;
    std::string language;
    bool low_confidence = false;
    Bytes turns_sealed; // the original, sealed
    std::string spotted_json;
    std::string redacted_json; // {"turns": […], …}
    std::string redacted_text;
    std::string redaction_version;
    std::string sha256;
};

struct StoredTranscript {
    TranscriptId id;
    Bytes turns_sealed;
    std::string spotted_json;
    std::string redacted_json;
    std::string sha256;
    std::string language;
    Time created_at;
};

/// The columns of call_insights beside those taken from the evaluation itself.
struct EvaluationInsert {
    EvaluationId id;
    CallId call_id;
    TranscriptId transcript_id;
    Evaluation evaluation;
    std::string versions_key;
    json::object document;
    std::string redacted_text;
    json::value issue_analysis; // reference shapes (http-api 3.11)
    json::value resolution_analysis;
    json::value sop_deviations;
    json::value sentiment_trajectory;
    int latency_ms = 0;
    std::string reason; // first | reprocess | …
    bool degraded = false;
    bool current = true; // false: history only, what the call shows stays
};

struct StoredEvaluation {
    EvaluationId id;
    TranscriptId transcript_id;
    std::string versions_key;
    std::string document_json;
    Time created_at;
    // The reference's shapes (http-api 3.11), as stored in call_insights.
    std::string issue_analysis_json;
    std::string resolution_analysis_json;
    std::string sop_deviations_json;
    std::string sentiment_trajectory_json;
};

Task<void> insert_transcript(pg::Session& session, TenantId tenant, TranscriptInsert insert);
Task<std::optional<StoredTranscript>>
current_transcript(pg::Session& session, TenantId tenant, CallId call);

/// Adds the evaluation to the history and makes it the current one.
Task<void> insert_evaluation(pg::Session& session, TenantId tenant, EvaluationInsert insert);
/// Adds the evaluation to the history and keeps what would make it current: promote_insight().
Task<void> hold_evaluation(pg::Session& session, TenantId tenant, EvaluationInsert insert);
Task<std::optional<StoredEvaluation>>
current_evaluation(pg::Session& session, TenantId tenant, CallId call);

/// Codes of deviations in two or more of the nine judged calls that the call's agent had before it,
/// by time of call: later calls change nothing. By name.
Task<std::vector<std::string>>
agents_deviations(pg::Session& session, TenantId tenant, CallId call);

} // namespace hs::store
