#include "analysis/judging/document.hpp"

#include <utility>

namespace hs::analysis {

namespace {

double basis_points(double value) {
    return round_half_away(value, 4);
}

json::value text_or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return json::string(text);
}

template <typename T>
json::value number_or_null(const std::optional<T>& value) {
    if (!value) return nullptr;
    return *value;
}

json::object to_json(const Evidence& evidence) {
    return {{"kind", to_string(evidence.kind)},
            {"turn", evidence.turn},
            {"word_from", evidence.word_from},
            {"word_to", evidence.word_to},
            {"start_time", seconds(evidence.start_ms)},
            {"end_time", seconds(evidence.end_ms)},
            {"quote", evidence.quote},
            {"verified", evidence.verified}};
}

json::array to_json(const std::vector<Evidence>& list) {
    json::array out;
    for (const auto& evidence : list)
        out.push_back(to_json(evidence));
    return out;
}

json::value to_json(const std::optional<SearchedWindow>& window) {
    if (!window) return nullptr;
    return json::object{{"turn_from", window->turn_from},
                        {"turn_to", window->turn_to},
                        {"words", window->words},
                        {"start_time", seconds(window->start_ms)},
                        {"end_time", seconds(window->end_ms)}};
}

json::object to_json(const Answer& answer) {
    json::object out;
    out["question_id"] = answer.question_id;
    out["section_id"] = answer.section_id;
    out["title"] = answer.title;
    out["state"] = to_string(answer.state);
    out["value"] = text_or_null(answer.value);
    out["score"] = answer.score ? json::value(basis_points(*answer.score)) : json::value(nullptr);
    out["weight"] = answer.weight;
    out["critical"] = answer.critical;
    out["confidence"] = round_half_away(answer.confidence, 2);
    out["method"] = to_string(answer.method);
    out["evidence"] = to_json(answer.evidence);
    out["counter_evidence"] = to_json(answer.counter_evidence);
    out["rationale"] = answer.rationale;
    out["searched"] = to_json(answer.searched);
    out["should_have_said"] = answer.should_have_said;
    out["actual"] = answer.actual;
    return out;
}

json::object to_json(const Deviation& deviation) {
    return {{"turn_number", deviation.turn_number},
            {"start_time", seconds(deviation.start_ms)},
            {"end_time", seconds(deviation.end_ms)},
            {"deviated_phrase", deviation.deviated_phrase},
            {"should_have_said", deviation.should_have_said},
            {"what_was_wrong", deviation.what_was_wrong},
            {"severity", round_half_away(deviation.severity, 2)},
            {"question_id", deviation.question_id},
            {"kind", to_string(deviation.kind)},
            {"confidence", round_half_away(deviation.confidence, 2)}};
}

json::object to_json(const IssueAnalysis& issue) {
    json::array entities;
    for (const auto& entity : issue.entities)
        entities.push_back(
            json::object{{"type", entity.type}, {"text", entity.text}, {"turn", entity.turn}});
    return {{"primary_issue", issue.primary_issue},
            {"declared_category", issue.declared_category},
            {"category_match", issue.category_match},
            {"detected_category", issue.detected_category},
            {"summary", issue.summary},
            {"customer_request", issue.customer_request},
            {"severity", issue.severity},
            {"entities", std::move(entities)},
            {"turn_number", issue.turn_number},
            {"start_time", seconds(issue.start_ms)},
            {"end_time", seconds(issue.end_ms)},
            {"quote", issue.quote},
            {"confidence", round_half_away(issue.confidence, 2)}};
}

json::object to_json(const ResolutionAnalysis& resolution) {
    json::array promises;
    for (const auto& promise : resolution.promises)
        promises.push_back(
            json::object{{"text", promise.text}, {"due", promise.due}, {"turn", promise.turn}});
    return {{"status", resolution.status},
            {"is_valid", resolution.is_valid},
            {"raw_score", basis_points(resolution.raw_score)},
            {"action", resolution.action},
            {"owner", resolution.owner},
            {"due", resolution.due},
            {"amount", resolution.amount},
            {"customer_accepted", number_or_null(resolution.customer_accepted)},
            {"promises", std::move(promises)},
            {"turn_number", resolution.turn_number},
            {"start_time", seconds(resolution.start_ms)},
            {"end_time", seconds(resolution.end_ms)},
            {"quote", resolution.quote},
            {"confidence", round_half_away(resolution.confidence, 2)}};
}

json::object to_json(const RoleMetrics& metrics) {
    return {
        {"talk_ms", metrics.talk_ms},
        {"talk_ratio", basis_points(metrics.talk_ratio)},
        {"words", metrics.words},
        {"turns", metrics.turns},
        {"questions", metrics.questions},
        {"wpm", metrics.wpm ? json::value(round_half_away(*metrics.wpm, 1)) : nullptr},
        {"longest_monologue_ms", metrics.longest_monologue_ms},
        {"fillers_per_min",
         metrics.fillers_per_min ? json::value(round_half_away(*metrics.fillers_per_min, 2))
                                 : nullptr},
        {"response_latency_p50_ms", number_or_null(metrics.response_latency_p50_ms)},
        {"response_latency_p90_ms", number_or_null(metrics.response_latency_p90_ms)},
        {"loudness_dbfs",
         metrics.loudness_dbfs ? json::value(round_half_away(*metrics.loudness_dbfs, 1)) : nullptr},
        {"patience_ms", number_or_null(metrics.patience_ms)}};
}

json::array to_json(const std::vector<Event>& events) {
    json::array out;
    for (const auto& event : events) {
        json::object item{{"start_time", seconds(event.start_ms)},
                          {"end_time", seconds(event.end_ms)}};
        if (event.by) item["by"] = to_string(*event.by);
        out.push_back(std::move(item));
    }
    return out;
}

json::object to_json(const ConversationMetrics& metrics) {
    json::array holds;
    for (const auto& hold : metrics.holds)
        holds.push_back(json::object{{"start_time", seconds(hold.start_ms)},
                                     {"end_time", seconds(hold.end_ms)},
                                     {"announced", hold.announced},
                                     {"thanked", hold.thanked},
                                     {"turn", hold.turn}});
    json::object out;
    out["duration_ms"] = metrics.duration_ms;
    out["agent"] = to_json(metrics.agent);
    out["customer"] = to_json(metrics.customer);
    out["silence_ms"] = metrics.silence_ms;
    out["silence_ratio"] = basis_points(metrics.silence_ratio);
    out["longest_silence_ms"] = metrics.longest_silence_ms;
    out["silences"] = to_json(metrics.silences);
    out["overlap_ms"] = number_or_null(metrics.overlap_ms);
    out["overlaps"] = to_json(metrics.overlaps);
    out["interruptions"] = to_json(metrics.interruptions);
    out["holds"] = std::move(holds);
    out["monologues"] = to_json(metrics.monologues);
    out["raised_voice"] = to_json(metrics.raised_voice);
    out["dead_air_after_question_ms"] = metrics.dead_air_after_question_ms;
    out["interactivity"] = round_half_away(metrics.interactivity, 2);
    return out;
}

json::object to_json(const Transcript& transcript) {
    json::array turns;
    for (const auto& turn : transcript.turns)
        turns.push_back(json::object{{"turn", turn.index},
                                     {"speaker", turn.speaker},
                                     {"role", to_string(turn.role)},
                                     {"start_time", seconds(turn.start_ms)},
                                     {"end_time", seconds(turn.end_ms)},
                                     {"text", turn.text},
                                     {"language", turn.language},
                                     {"confidence", round_half_away(turn.confidence, 2)},
                                     {"overlap", turn.overlap}});
    json::array reasons;
    for (const auto& reason : transcript.low_confidence_reasons)
        reasons.push_back(json::string(reason));
    json::object out;
    out["language"] = transcript.language;
    out["role_confidence"] = round_half_away(transcript.role_confidence, 2);
    out["diarisation"] = transcript.diarisation;
    out["low_confidence"] = transcript.low_confidence;
    out["low_confidence_reasons"] = std::move(reasons);
    out["words_timed"] = transcript.words_timed;
    out["duration"] = seconds(transcript.duration_ms);
    out["turns"] = std::move(turns);
    return out;
}

/// Null when no model was asked.
json::value to_json(const ModelUse& use) {
    if (use.models.empty() && use.error.empty()) return nullptr;
    json::array models;
    for (const auto& share : use.models)
        models.push_back(json::object{{"provider", share.provider},
                                      {"model", share.model},
                                      {"reported", text_or_null(share.reported)},
                                      {"requests", share.requests},
                                      {"cached", share.cached},
                                      {"repaired", share.repaired},
                                      {"tokens_in", share.tokens_in},
                                      {"tokens_out", share.tokens_out},
                                      {"tokens_cached", share.tokens_cached},
                                      {"cost_usd", share.cost_usd},
                                      {"latency_ms", share.latency_ms}});
    return json::object{{"prompt_version", use.prompt_version},
                        {"schema_hash", use.schema_hash},
                        {"parameters", use.parameters},
                        {"models", std::move(models)},
                        {"samples", use.samples},
                        {"agreement", number_or_null(use.agreement)},
                        {"error", text_or_null(use.error)}};
}

json::object to_json(const Provenance& provenance) {
    return {{"evaluator", provenance.evaluator},
            {"scorecard_key", provenance.scorecard_key},
            {"scorecard_version", provenance.scorecard_version},
            {"scorecard_hash", provenance.scorecard_hash},
            {"rules_engine_version", provenance.rules_engine_version},
            {"lexicon_hash", provenance.lexicon_hash},
            {"transcript_hash", provenance.transcript_hash},
            {"redaction_version", provenance.redaction_version},
            {"speech_engine", provenance.speech_engine},
            {"speech_model", provenance.speech_model},
            {"prompt_id", text_or_null(provenance.prompt_id)},
            {"prompt_hash", text_or_null(provenance.prompt_hash)},
            {"model", text_or_null(provenance.model)},
            {"model_use", to_json(provenance.use)}};
}

json::object raw_scores(const Scores& scores) {
    return {{"sop_compliance", basis_points(scores.sop_compliance)},
            {"communication", basis_points(scores.communication)},
            {"sentiment_stabilization", basis_points(scores.sentiment_stabilization)},
            {"resolution_validity", basis_points(scores.resolution_validity)},
            {"overall_quality", basis_points(scores.overall_quality)},
            {"escalation_risk", basis_points(scores.escalation_risk)},
            {"coaching_priority", basis_points(scores.coaching_priority)}};
}

void add_scores(const Scores& scores, json::object& out) {
    out["sop_compliance_score"] = basis_points(scores.sop_compliance);
    out["sentiment_stabilization_score"] = quantised_sentiment(scores.sentiment_stabilization);
    out["resolution_validity_score"] = quantised_resolution(scores.resolution_validity);
    out["overall_quality_score"] = basis_points(scores.overall_quality);
    out["communication_score"] = basis_points(scores.communication);
    out["coaching_priority"] = basis_points(scores.coaching_priority);
    out["escalation_risk"] = escalation_flagged(scores);
    out["raw_scores"] = raw_scores(scores);
    out["scored"] = scores.scored;
    out["provisional"] = scores.provisional;
    out["coverage"] = basis_points(scores.coverage);
}

json::array cues(const Evaluation& evaluation) {
    json::array out;
    for (const auto& cue : evaluation.cues)
        out.push_back(json::object{{"cue", cue.cue},
                                   {"label", cue.label},
                                   {"weight", cue.weight},
                                   {"evidence", to_json(cue.evidence)}});
    return out;
}

json::array trajectory(const Evaluation& evaluation) {
    json::array out;
    for (const auto& point : evaluation.sentiment.trajectory)
        out.push_back(json::object{
            {"turn", point.turn}, {"score", point.score}, {"sentiment", point.sentiment}});
    return out;
}

} // namespace

double seconds(int ms) {
    return round_half_away(ms / 1000.0, 2);
}

json::object call_document(const Evaluation& evaluation, const Transcript& redacted) {
    json::object out;
    add_scores(evaluation.scores, out);
    out["why_flagged"] =
        evaluation.why_flagged ? json::value(json::string(*evaluation.why_flagged)) : nullptr;
    out["business_insight"] = evaluation.business_insight;
    out["coaching_insight"] = evaluation.coaching_insight;
    out["agent_summary"] = evaluation.agent_summary;
    out["language_spoken"] = evaluation.language_spoken;
    json::array answers;
    for (const auto& answer : evaluation.answers)
        answers.push_back(to_json(answer));
    out["answers"] = std::move(answers);
    json::array deviations;
    for (const auto& deviation : evaluation.sop_deviations)
        deviations.push_back(to_json(deviation));
    out["sop_deviations"] = std::move(deviations);
    out["escalation_cues"] = cues(evaluation);
    out["sentiment_trajectory"] = trajectory(evaluation);
    out["sentiment_direction"] = evaluation.sentiment.direction;
    out["issue_analysis"] = to_json(evaluation.issue);
    out["resolution_analysis"] = to_json(evaluation.resolution);
    out["metrics"] = to_json(evaluation.metrics);
    out["transcript"] = to_json(redacted);
    json::array flags;
    for (const auto& flag : evaluation.flags)
        flags.push_back(json::string(flag));
    out["flags"] = std::move(flags);
    out["provenance"] = to_json(evaluation.provenance);
    return out;
}

} // namespace hs::analysis
