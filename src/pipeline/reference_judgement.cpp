// Judgements of the reference implementation as evaluations of ours.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "analysis/judging/document.hpp"
#include "analysis/redaction.hpp"
#include "base/text.hpp"
#include "domain/transcript_json.hpp"
#include "pipeline/customer.hpp"
#include "pipeline/reference_rows.hpp"

namespace hs::pipeline {

namespace {

std::optional<double> number_of(const SourceRow& source, std::string_view column) {
    const auto text = filled(source, column);
    if (!text) return std::nullopt;
    double value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    return value;
}

bool share(std::optional<double> value) {
    return !value || (*value >= 0 && *value <= 1);
}

/// The CHECK constraints of call_insights, told by the column's name.
std::optional<std::string> fault_of_scores(const SourceRow& source) {
    for (const auto* column : {"sop_compliance_score",
                               "overall_quality_score",
                               "communication_score",
                               "coaching_priority",
                               "sentiment_score",
                               "escalation_score"}) {
        const bool readable = !filled(source, column) || number_of(source, column);
        if (!readable || !share(number_of(source, column))) {
            return fmt::format("{} is not between 0 and 1", column);
        }
    }
    const auto mood = number_of(source, "sentiment_stabilization_score");
    if (mood && *mood != 0 && *mood != 0.5 && *mood != 1) {
        return "sentiment_stabilization_score is none of 0, 0.5, 1";
    }
    const auto valid = number_of(source, "resolution_validity_score");
    if (valid && *valid != 0 && *valid != 0.75 && *valid != 1) {
        return "resolution_validity_score is none of 0, 0.75, 1";
    }
    return std::nullopt;
}

/// Names of members stay, texts inside are redacted.
void redact(json::value& value, const analysis::KnownNames& names) {
    if (auto* text = value.if_string()) {
        *text = analysis::redacted_text(*text, names);
    } else if (auto* array = value.if_array()) {
        for (auto& item : *array)
            redact(item, names);
    } else if (auto* object = value.if_object()) {
        for (auto& member : *object)
            redact(member.value(), names);
    }
}

std::string text_member(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

double number_member(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

int milliseconds(const json::object& object, const char* name) {
    return static_cast<int>(std::clamp(number_member(object, name), 0.0, 1e6) * 1000);
}

/// Entries that are objects; members that are missing or of another type are empty.
void read_deviations(const json::value& stored, Evaluation& evaluation) {
    if (!stored.is_array()) return;
    for (const auto& entry : stored.get_array()) {
        const auto* object = entry.if_object();
        if (object == nullptr) continue;
        Deviation deviation;
        deviation.turn_number =
            static_cast<int>(std::clamp(number_member(*object, "turn_number"), 0.0, 1e6));
        deviation.start_ms = milliseconds(*object, "start_time");
        deviation.end_ms = milliseconds(*object, "end_time");
        deviation.deviated_phrase = text_member(*object, "deviated_phrase");
        deviation.should_have_said = text_member(*object, "should_have_said");
        deviation.what_was_wrong = text_member(*object, "what_was_wrong");
        deviation.severity = std::clamp(number_member(*object, "severity"), 0.0, 1.0);
        evaluation.sop_deviations.push_back(std::move(deviation));
    }
}

void read_trajectory(const json::value& stored, Evaluation& evaluation) {
    if (!stored.is_array()) return;
    for (const auto& entry : stored.get_array()) {
        const auto* object = entry.if_object();
        const auto mood = object == nullptr ? "" : text_member(*object, "sentiment");
        if (mood != "positive" && mood != "neutral" && mood != "negative") continue;
        SentimentPoint point;
        point.turn = static_cast<int>(std::clamp(number_member(*object, "turn"), 0.0, 1e6));
        point.score = std::clamp(number_member(*object, "score"), 0.0, 1.0);
        point.sentiment = mood;
        evaluation.sentiment.trajectory.push_back(std::move(point));
    }
}

struct JsonColumn {
    const char* name;
    const char* empty;
};

constexpr std::array json_columns{JsonColumn{"issue_analysis", "{}"},
                                  JsonColumn{"resolution_analysis", "{}"},
                                  JsonColumn{"sop_deviations", "[]"},
                                  JsonColumn{"sentiment_trajectory", "[]"},
                                  JsonColumn{"structured_annotations", "[]"}};

using JsonValues = std::map<std::string, json::value, std::less<>>;

std::expected<JsonValues, std::string> read_json(const SourceRow& source,
                                                 const analysis::KnownNames& names) {
    JsonValues out;
    for (const auto& [name, empty] : json_columns) {
        auto parsed = parse_json(value_or(source, name, empty));
        if (!parsed) return std::unexpected(fmt::format("{} cannot be read", name));
        if (parsed->is_null()) parsed = parse_json(empty);
        redact(*parsed, names);
        out.emplace(name, *std::move(parsed));
    }
    return out;
}

/// Lines "Agent: …" and "Customer: …"; the call's time is shared out by length.
Transcript read_lines(const SourceRow& source) {
    Transcript out;
    out.engine = "reference";
    out.words_timed = "interpolated";
    out.diarisation = "none";
    out.duration_ms = static_cast<int>(
        std::clamp(number_of(source, "call_duration_seconds").value_or(0), 0.0, 86400.0) * 1000);
    const auto text = value_or(source, "transcript");
    std::size_t before = 0;
    for (const auto line : split(text, '\n')) {
        const auto from = before;
        before += line.size() + 1;
        auto words = trim(line);
        if (words.empty()) continue;
        Turn turn;
        for (const auto& [label, role] :
             {std::pair("agent:", Role::agent), std::pair("customer:", Role::customer)}) {
            const std::string_view prefix(label);
            if (!iequals_ascii(words.substr(0, prefix.size()), prefix)) continue;
            words = trim(words.substr(prefix.size()));
            turn.role = role;
        }
        turn.index = static_cast<int>(out.turns.size()) + 1;
        turn.speaker = "mix";
        turn.text = words;
        const auto at = [&](std::size_t place) {
            return static_cast<int>(static_cast<std::uint64_t>(out.duration_ms) * place /
                                    (text.size() + 1));
        };
        turn.start_ms = at(from);
        turn.end_ms = at(before);
        interpolate_words(turn);
        out.turns.push_back(std::move(turn));
    }
    return out;
}

/// The same for the same row, so that a repeated import finds what an interrupted one wrote.
std::string derived_id(const std::string& text) {
    const auto hash = sha256(bytes_of(text));
    Uuid id;
    std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | 0x80U); // version 8
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
    return id.str();
}

Evaluation evaluation_of(const SourceRow& source, const JsonValues& values, bool scored) {
    Evaluation out;
    out.scores.sop_compliance = number_of(source, "sop_compliance_score").value_or(0);
    out.scores.communication = number_of(source, "communication_score").value_or(0);
    out.scores.sentiment_stabilization =
        number_of(source, "sentiment_stabilization_score").value_or(0);
    out.scores.resolution_validity = number_of(source, "resolution_validity_score").value_or(0);
    out.scores.overall_quality = number_of(source, "overall_quality_score").value_or(0);
    const bool flagged = value_or(source, "escalation_risk", "f").starts_with('t');
    out.scores.escalation_risk =
        number_of(source, "escalation_score").value_or(flagged ? 1.0 : 0.0);
    out.scores.coaching_priority = number_of(source, "coaching_priority").value_or(0);
    out.scores.scored = scored;
    out.scores.coverage = scored ? 1 : 0;
    read_deviations(values.at("sop_deviations"), out);
    read_trajectory(values.at("sentiment_trajectory"), out);
    if (const auto* issue = values.at("issue_analysis").if_object()) {
        out.issue.primary_issue = text_member(*issue, "primary_issue");
    }
    out.language_spoken = value_or(source, "language_spoken", "unknown");
    out.flags = {"imported"};
    out.provenance.evaluator = "reference-import";
    out.provenance.scorecard_key = "reference";
    out.provenance.speech_engine = "reference";
    return out;
}

void put_transcript(const MappingContext& context,
                    const SourceRow& source,
                    const Transcript& original,
                    const Transcript& readable,
                    json::object& row) {
    const auto id =
        derived_id("transcript:" + value_or(source, "call_id") + ":" + transcript_hash(original));
    row["transcript_id"] = id;
    const bool present = !original.turns.empty();
    row["transcript"] = present ? json::value(plain_text(readable)) : nullptr;
    row["transcript_hash"] = present ? json::value(transcript_hash(original)) : nullptr;
    row["language"] = "und";
    row["turns"] = present ? json::value(json::serialize(transcript_json(readable))) : nullptr;
    row["turns_sealed"] = nullptr;
    if (!present) return;
    const auto sealed =
        seal_transcript(context.keys, context.tenant, *TranscriptId::parse(id), original);
    row["turns_sealed"] = hex(sealed);
}

void put_texts(const SourceRow& source,
               const analysis::KnownNames& names,
               Evaluation& evaluation,
               json::object& row) {
    const auto redacted = [&](const char* column) -> std::optional<std::string> {
        const auto text = filled(source, column);
        return text ? std::optional(analysis::redacted_text(*text, names)) : std::nullopt;
    };
    evaluation.why_flagged = redacted("why_flagged");
    const auto business = redacted("business_insight");
    const auto coaching = redacted("coaching_insight");
    evaluation.business_insight = business.value_or("");
    evaluation.coaching_insight = coaching.value_or("");
    row["why_flagged"] = text_or_null(evaluation.why_flagged);
    row["business_insight"] = text_or_null(business);
    row["coaching_insight"] = text_or_null(coaching);
    row["human_remarks"] = text_or_null(redacted("human_remarks"));
    row["language_spoken"] = evaluation.language_spoken;
}

void put_scores(const SourceRow& source, bool scored, json::object& row) {
    for (const auto* column : {"sop_compliance_score",
                               "sentiment_stabilization_score",
                               "resolution_validity_score",
                               "overall_quality_score"})
        row[column] = value_or(source, column, "0");
    for (const auto* column :
         {"communication_score", "coaching_priority", "sentiment_score", "escalation_score"})
        row[column] = text_or_null(filled(source, column));
    row["escalation_risk"] = value_or(source, "escalation_risk", "false");
    row["scored"] = scored ? "true" : "false";
    row["created_at"] = text_or_null(filled(source, "created_at"));
}

} // namespace

Mapped map_judgement(const MappingContext& context, const SourceRow& source) {
    if (auto fault = fault_of_scores(source)) return std::unexpected(*fault);
    const bool flagged = value_or(source, "escalation_risk", "f").starts_with('t');
    if (flagged && !filled(source, "why_flagged")) {
        return std::unexpected("escalation_risk without why_flagged");
    }
    if (character_count(value_or(source, "language_spoken")) > 50) {
        return std::unexpected("language_spoken longer than 50 characters");
    }
    if (!filled(source, "created_at")) return std::unexpected("created_at is NULL");
    const analysis::KnownNames names{.customer = value_or(source, "call_customer_name"),
                                     .agent = value_or(source, "call_agent_name")};
    const auto values = read_json(source, names);
    if (!values) return std::unexpected(values.error());
    bool scored = true;
    for (const auto* column : {"sop_compliance_score",
                               "sentiment_stabilization_score",
                               "resolution_validity_score",
                               "overall_quality_score"})
        scored = scored && filled(source, column);
    MappedRow out;
    if (!scored) out.notes.emplace_back("a score is NULL: counts as analysed, not as scored");
    auto evaluation = evaluation_of(source, *values, scored);
    const auto original = read_lines(source);
    const auto readable =
        analysis::redacted(original, analysis::find_personal_data(original, names));
    put_transcript(context, source, original, readable, out.row);
    put_texts(source, names, evaluation, out.row);
    put_scores(source, scored, out.row);
    for (const auto& [name, value] : *values)
        out.row[name] = json::serialize(value);
    evaluation.provenance.transcript_hash = transcript_hash(original);
    auto document = analysis::call_document(evaluation, readable);
    document["escalation_risk"] = flagged; // as it was decided there, whatever the score
    out.row["raw_scores"] = json::serialize(document.at("raw_scores"));
    out.row["document"] = json::serialize(document);
    out.row["evaluation_id"] = derived_id("evaluation:" + source_hash(context, source));
    return out;
}

} // namespace hs::pipeline
