/// JSON of calls: the replies of ingest, process and detail.
#pragma once

#include <optional>
#include <string>

#include "api/context.hpp"
#include "domain/call.hpp"
#include "store/call_views.hpp"
#include "store/calls.hpp"
#include "store/judgements.hpp"

namespace hs::api {

/// The seven raw scores under the names of the reference.
struct RawScores {
    double sop_compliance = 0;
    double communication = 0;
    double sentiment_stabilization = 0;
    double resolution_validity = 0;
    double overall_quality = 0;
    double escalation_risk = 0;
    double coaching_priority = 0;
};

[[nodiscard]] RawScores raw_scores_of(const json::object& document);
void write_scores(JsonWriter& json, const RawScores& scores);

[[nodiscard]] std::string ingest_reply(const pipeline::Ingested& ingested,
                                       const std::string& status,
                                       const std::optional<store::StoredEvaluation>& evaluation);

/// `ai_output` of POST /api/calls/{id}/process, in the reference's shape.
[[nodiscard]] std::string
process_reply(CallId call, const std::string& message, const store::StoredEvaluation& evaluation);

/// GET /api/calls/{id}: what is recorded of the call, then the members of its current judgement
/// (the same as `hacksmart judge` prints) once it is analysed. `effective`: scores that people have
/// overridden replace the computed ones; may be null.
[[nodiscard]] std::string call_detail(const Context& context,
                                      TenantId tenant,
                                      const Call& call,
                                      const std::optional<store::Media>& media,
                                      const std::optional<store::StoredEvaluation>& evaluation,
                                      const store::CallView* effective);

} // namespace hs::api
