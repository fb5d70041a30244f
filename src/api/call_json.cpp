#include "api/call_json.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/stored_json.hpp"

namespace hs::api {

namespace {

json::object document_of(const store::StoredEvaluation& evaluation) {
    auto parsed = parse_json(evaluation.document_json);
    return parsed && parsed->is_object() ? std::move(parsed->as_object()) : json::object();
}

/// A member of the judgement, or null when an older document lacks it.
void copy_member(JsonWriter& out,
                 const json::object& document,
                 std::string_view from,
                 std::string_view to) {
    const auto* value = document.if_contains(from);
    out.key(to);
    if (value == nullptr) {
        out.null();
    } else {
        out.document(*value);
    }
}

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

void write_media(JsonWriter& out, const std::optional<store::Media>& media) {
    out.key("media");
    if (!media) {
        out.null();
        return;
    }
    out.begin_object()
        .field("format", media->format)
        .field("codec", media->codec)
        .field("bytes", static_cast<std::int64_t>(media->bytes))
        .field("sha256", hex(media->sha256))
        .field("sample_rate", media->sample_rate)
        .field("channels", media->channels)
        .field("layout", media->layout)
        .field("duration_ms", media->duration_ms)
        .field("speech_ms", media->speech_ms)
        .field("truncated", media->truncated)
        .field("playback", media->playback_path.has_value())
        .end_object();
}

void write_links(JsonWriter& out, CallId id) {
    const auto base = "/api/calls/" + id.str();
    out.key("links")
        .begin_object()
        .field("status", base + "/status")
        .field("transcript", base + "/transcript")
        .field("audio", base + "/audio")
        .field("peaks", base + "/peaks")
        .field("evaluations", base + "/evaluations")
        .field("remarks", base + "/remarks")
        .field("events", base + "/events")
        .end_object();
}

/// A member of the judgement, or what a person has put in its place.
void write_effective(JsonWriter& out,
                     std::string_view name,
                     const json::value& computed,
                     const store::CallView* effective) {
    if (effective != nullptr && name == "escalation_risk") {
        out.boolean(effective->escalated);
        return;
    }
    std::optional<std::int64_t> basis_points;
    if (effective != nullptr) {
        if (name == "sop_compliance_score") basis_points = effective->sop;
        if (name == "sentiment_stabilization_score") basis_points = effective->sentiment;
        if (name == "resolution_validity_score") basis_points = effective->resolution;
        if (name == "overall_quality_score") basis_points = effective->quality;
        if (name == "communication_score") basis_points = effective->communication;
        if (name == "coaching_priority") basis_points = effective->priority;
    }
    if (basis_points) {
        out.number(static_cast<double>(*basis_points) / 10000.0, 4);
    } else {
        out.document(computed);
    }
}

} // namespace

RawScores raw_scores_of(const json::object& document) {
    const auto* found = document.if_contains("raw_scores");
    if (found == nullptr || !found->is_object()) return {};
    const auto& raw = found->as_object();
    return {.sop_compliance = number_of(raw, "sop_compliance"),
            .communication = number_of(raw, "communication"),
            .sentiment_stabilization = number_of(raw, "sentiment_stabilization"),
            .resolution_validity = number_of(raw, "resolution_validity"),
            .overall_quality = number_of(raw, "overall_quality"),
            .escalation_risk = number_of(raw, "escalation_risk"),
            .coaching_priority = number_of(raw, "coaching_priority")};
}

void write_scores(JsonWriter& json, const RawScores& scores) {
    json.key("scores")
        .begin_object()
        .key("sop_compliance")
        .number(scores.sop_compliance, 4)
        .key("communication")
        .number(scores.communication, 4)
        .key("sentiment_stabilization")
        .number(scores.sentiment_stabilization, 4)
        .key("resolution_validity")
        .number(scores.resolution_validity, 4)
        .key("overall_quality")
        .number(scores.overall_quality, 4)
        .key("escalation_risk")
        .number(scores.escalation_risk, 4)
        .key("coaching_priority")
        .number(scores.coaching_priority, 4)
        .end_object();
}

std::string ingest_reply(const pipeline::Ingested& ingested,
                         const std::string& status,
                         const std::optional<store::StoredEvaluation>& evaluation) {
    std::string_view message = "Call ingested successfully and queued for processing";
    if (evaluation) message = "Call ingested and processed successfully";
    if (status == "failed") message = "Call ingested but AI processing failed";
    JsonWriter json;
    json.begin_object().field("status", "success").field("message", message);
    json.field("call_id", ingested.call_id.str());
    json.key("media_info").begin_object().field("filename", ingested.filename);
    json.field("duration_seconds", ingested.duration_seconds);
    if (!ingested.flags.empty()) {
        json.key("flags").begin_array();
        for (const auto& flag : ingested.flags)
            json.string(flag);
        json.end_array();
    }
    json.end_object();
    json.key("processing").begin_object().field("status", status).key("ai_analysis");
    if (evaluation) {
        const auto scores = raw_scores_of(document_of(*evaluation));
        json.begin_object().field("message", "AI analysis completed successfully");
        write_scores(json, scores);
        json.field("escalation_flagged", scores.escalation_risk > 0.5).end_object();
    } else {
        json.null();
    }
    return json.end_object().end_object().take();
}

std::string
process_reply(CallId call, const std::string& message, const store::StoredEvaluation& evaluation) {
    const auto document = document_of(evaluation);
    JsonWriter json;
    json.begin_object().field("status", "success").field("message", message);
    json.field("call_id", call.str()).key("ai_output").begin_object();
    write_scores(json, raw_scores_of(document));
    json.key("insights").begin_object();
    copy_member(json, document, "why_flagged", "why_flagged");
    copy_member(json, document, "business_insight", "business_insight");
    copy_member(json, document, "agent_summary", "agent_summary");
    json.end_object();
    json.key("metadata").begin_object();
    copy_member(json, document, "language_spoken", "detected_language");
    copy_member(json, document, "coverage", "confidence");
    json.end_object();
    json.key("issue_analysis");
    write_issue_analysis(json, evaluation.issue_analysis_json);
    json.key("resolution_analysis");
    write_resolution_analysis(json, evaluation.resolution_analysis_json);
    json.key("sop_deviations");
    write_deviations(json, evaluation.sop_deviations_json);
    json.key("sentiment_trajectory");
    write_sentiment_trajectory(json, evaluation.sentiment_trajectory_json);
    return json.end_object().end_object().take();
}

std::string call_detail(const Context& context,
                        TenantId tenant,
                        const Call& call,
                        const std::optional<store::Media>& media,
                        const std::optional<store::StoredEvaluation>& evaluation,
                        const store::CallView* effective) {
    JsonWriter json;
    json.begin_object().field("call_id", call.id.str());
    json.field("call_timestamp", rfc3339(call.call_timestamp));
    json.field("created_at", rfc3339(call.created_at))
        .field("updated_at", rfc3339(call.updated_at));
    json.field("processing_status", call.processing_status)
        .field("failure_code", call.failure_code);
    write_agent(json, call);
    write_city(json, call);
    json.field("primary_issue_category", call.primary_issue_category);
    json.field("call_context", call.call_context);
    json.field("customer_preferred_language", call.customer_preferred_language);
    json.field("agent_manual_note", call.agent_manual_note).field("external_id", call.external_id);
    json.key("metadata").raw(call.metadata_json.value_or("null"));
    json.field("filename", call.filename).field("duration_seconds", call.duration_seconds);
    json.key("media_flags").begin_array();
    for (const auto& flag : call.flags)
        json.string(flag);
    json.end_array();
    write_media(json, media);
    json.field("audio_url",
               context.links.url(tenant, call.id, "playback", context.services.clock.now()));
    write_links(json, call.id);
    json.field("evaluation_id", evaluation ? std::optional(evaluation->id.str()) : std::nullopt);
    json.field("demonstration", std::ranges::find(call.flags, "demonstration") != call.flags.end());
    if (evaluation) {
        json.field("evaluated_at", rfc3339(evaluation->created_at));
        for (const auto& member : document_of(*evaluation)) {
            json.key(member.key());
            write_effective(json, member.key(), member.value(), effective);
        }
    }
    return json.end_object().take();
}

} // namespace hs::api
