#include "api/call_object.hpp"

#include <algorithm>

#include "api/stored_json.hpp"

namespace hs::api {

namespace {

void write_agent(JsonWriter& out, const Call& call) {
    out.key("agent").begin_object();
    out.field("agent_id", call.agent_id ? std::optional(call.agent_id->str()) : std::nullopt);
    out.field("name", call.agent_name.empty() ? "Unknown" : call.agent_name);
    out.field("employee_id", call.agent_employee_id).end_object();
}

void write_city(JsonWriter& out, const Call& call) {
    out.key("city").begin_object();
    if (call.city_id) {
        out.field("city_id", call.city_id->value);
    } else {
        out.null_field("city_id");
    }
    out.field("name", call.city_name.empty() ? "Unknown" : call.city_name);
    out.field("state", call.city_state).end_object();
}

void write_scores(JsonWriter& out, const store::CallView& view) {
    const auto score = [&](std::string_view name, std::optional<std::int64_t> basis_points) {
        out.key(name).number(static_cast<double>(basis_points.value_or(0)) / 10000.0, 4);
    };
    out.key("scores").begin_object();
    score("sop_compliance", view.sop);
    score("communication", view.communication);
    score("sentiment_stabilization", view.sentiment);
    score("resolution_validity", view.resolution);
    score("overall_quality", view.quality);
    score("coaching_priority", view.priority);
    out.end_object();
}

/// When flagged: the evaluator's reason, else the business insight, else a fixed sentence.
std::optional<std::string> why_flagged(const store::CallView& view) {
    if (!view.escalated) return std::nullopt;
    for (const auto& text : {view.why_flagged, view.business_insight})
        if (text && !text->empty()) return text;
    return "High escalation risk detected";
}

} // namespace

void write_call_summary(JsonWriter& json,
                        const Context& context,
                        TenantId tenant,
                        const store::CallView& view) {
    const auto& call = view.call;
    json.field("call_id", call.id.str());
    json.field("call_timestamp", rfc3339(call.call_timestamp));
    json.field("audio_url",
               context.links.url(tenant, call.id, "playback", context.services.clock.now()));
    json.field("duration_seconds", call.duration_seconds);
    json.field("processing_status", call.processing_status);
    json.field("primary_issue_category", call.primary_issue_category);
    json.field("customer_preferred_language", call.customer_preferred_language);
    write_agent(json, call);
    write_city(json, call);
    write_scores(json, view);
}

void write_call_members(JsonWriter& json,
                        const Context& context,
                        TenantId tenant,
                        const store::CallView& view) {
    write_call_summary(json, context, tenant, view);
    json.key("analysis").begin_object();
    json.field("business_insight", view.business_insight);
    json.field("coaching_insight", view.coaching_insight);
    json.field("escalation_flagged", view.escalated);
    json.field("why_flagged", why_flagged(view));
    json.field("language_spoken", view.language_spoken).end_object();
    json.key("sop_deviations");
    write_deviations(json, view.sop_deviations_json);
    json.key("issue_analysis");
    write_issue_analysis(json, view.issue_analysis_json);
    json.key("resolution_analysis");
    write_resolution_analysis(json, view.resolution_analysis_json);
    json.key("sentiment_trajectory");
    write_sentiment_trajectory(json, view.sentiment_trajectory_json);
}

void write_call_object(JsonWriter& json,
                       const Context& context,
                       TenantId tenant,
                       const store::CallView& view) {
    json.begin_object();
    write_call_members(json, context, tenant, view);
    json.end_object();
}

SpokenCall::SpokenCall(const std::string& document_json, bool escalated) {
    auto document = stored_json(document_json);
    if (document.is_object()) document_ = std::move(document.as_object());
    if (!escalated) return;
    double heaviest = -1;
    for (const auto& cue : list_of(document_, "escalation_cues")) {
        if (!cue.is_object() || number_of(cue.as_object(), "weight") <= heaviest) continue;
        const auto* evidence = cue.as_object().if_contains("evidence");
        if (evidence == nullptr || !evidence->is_object()) continue;
        heaviest = number_of(cue.as_object(), "weight");
        cause_turn_ = static_cast<std::int64_t>(number_of(evidence->as_object(), "turn"));
        cause_quote_ = text_of(evidence->as_object(), "quote");
    }
}

/// The gravest deviation from severity 0.4 that overlaps the turn in time.
const json::object* SpokenCall::grave_deviation(const json::object& turn) const {
    constexpr double least = 0.4;
    const json::object* gravest = nullptr;
    for (const auto& item : list_of(document_, "sop_deviations")) {
        if (!item.is_object()) continue;
        const auto& deviation = item.as_object();
        const bool overlaps = number_of(deviation, "start_time") < number_of(turn, "end_time") &&
                              number_of(deviation, "end_time") > number_of(turn, "start_time");
        const auto severity = number_of(deviation, "severity");
        if (!overlaps || severity < least) continue;
        if (gravest == nullptr || severity > number_of(*gravest, "severity")) gravest = &deviation;
    }
    return gravest;
}

bool SpokenCall::is_critical(const json::object& turn) const {
    const bool cause = cause_turn_ != 0 && number_of(turn, "turn") == double(cause_turn_);
    return cause || grave_deviation(turn) != nullptr;
}

namespace {

const json::array& turns_of(const json::object& document) {
    static const json::array none;
    const auto* transcript = document.if_contains("transcript");
    return transcript != nullptr && transcript->is_object()
               ? list_of(transcript->as_object(), "turns")
               : none;
}

std::string speaker_of(const json::object& turn) {
    auto role = text_of(turn, "role");
    return role == "agent" || role == "customer" ? role : "unknown";
}

} // namespace

void SpokenCall::write_transcript(JsonWriter& json) const {
    json.begin_array();
    for (const auto& item : turns_of(document_)) {
        if (!item.is_object()) continue;
        const auto& turn = item.as_object();
        const bool critical = is_critical(turn);
        json.begin_object();
        json.field("start", number_of(turn, "start_time"))
            .field("end", number_of(turn, "end_time"));
        json.field("text", text_of(turn, "text")).field("speaker", speaker_of(turn));
        json.field("is_critical", critical);
        const auto* deviation = grave_deviation(turn);
        const auto suggestion =
            deviation == nullptr ? std::string() : text_of(*deviation, "should_have_said");
        if (!suggestion.empty()) json.field("ai_suggestion", suggestion);
        json.end_object();
    }
    json.end_array();
}

void SpokenCall::write_sop_checks(JsonWriter& json) const {
    json.begin_array();
    for (const auto& item : list_of(document_, "answers")) {
        if (!item.is_object()) continue;
        const auto& answer = item.as_object();
        const auto state = text_of(answer, "state");
        if (state == "na") continue;
        const bool passed = state == "pass";
        json.begin_object().field("name", text_of(answer, "title")).field("passed", passed);
        json.field("actual", text_of(answer, "actual"));
        json.field("expected",
                   passed ? std::nullopt : std::optional(text_of(answer, "should_have_said")));
        if (state == "needs_review") json.field("needs_review", true);
        json.end_object();
    }
    json.end_array();
}

void SpokenCall::write_ai_suggestions(JsonWriter& json) const {
    constexpr std::size_t most = 5;
    std::vector<const json::object*> deviations;
    for (const auto& item : list_of(document_, "sop_deviations"))
        if (item.is_object()) deviations.push_back(&item.as_object());
    std::ranges::stable_sort(deviations, std::greater<>(), [](const json::object* deviation) {
        return number_of(*deviation, "severity");
    });
    std::vector<std::string> suggestions;
    for (const auto* deviation : deviations) {
        auto text = text_of(*deviation, "should_have_said");
        const bool new_one = std::ranges::find(suggestions, text) == suggestions.end();
        if (!text.empty() && new_one && suggestions.size() < most)
            suggestions.push_back(std::move(text));
    }
    json.begin_array();
    for (const auto& text : suggestions)
        json.string(text);
    json.end_array();
}

std::optional<std::string> SpokenCall::critical_snippet() const {
    if (!cause_quote_.empty()) return cause_quote_;
    for (const auto& turn : turns_of(document_))
        if (turn.is_object() && is_critical(turn.as_object()))
            return text_of(turn.as_object(), "text");
    return std::nullopt;
}

} // namespace hs::api
