#include "analysis/model/external_reply.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "analysis/model/quote_alignment.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr std::size_t most_deviations = 50;
constexpr std::size_t longest_code = 64;

/// Our name of a score, and what the reference's routes call it.
struct ScoreName {
    const char* ours;
    const char* theirs;
};

constexpr std::array score_names{
    ScoreName{"sop_compliance", "sop_compliance_score"},
    ScoreName{"communication", "communication_score"},
    ScoreName{"sentiment_stabilization", "sentiment_stabilization_score"},
    ScoreName{"resolution_validity", "resolution_validity_score"},
    ScoreName{"overall_quality", "overall_quality_score"},
    ScoreName{"escalation_risk", "escalation_score"}};

Error invalid(const std::string& member) {
    return {ErrorKind::invalid,
            "external.invalid",
            "the external evaluator's " + member + " cannot be used",
            std::nullopt};
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

/// Out of range is invalid: a clamped score would look like one that was meant.
Result<std::map<std::string, double>> read_scores(const json::object& scores) {
    std::map<std::string, double> out;
    for (const auto& name : score_names) {
        const auto* value = scores.if_contains(name.theirs);
        if (value == nullptr) value = scores.if_contains(name.ours);
        // The flag of this name is a yes or no; its strength is ours to say.
        if (value == nullptr || value->is_null() || value->is_bool()) continue;
        if (!value->is_number())
            return std::unexpected(invalid(std::string("scores.") + name.ours));
        const double score = value->to_number<double>();
        if (!(score >= 0 && score <= 1))
            return std::unexpected(invalid(std::string("scores.") + name.ours));
        out[name.ours] = score;
    }
    if (out.empty()) return std::unexpected(invalid("scores"));
    return out;
}

std::string code_of(const std::string& text) {
    std::string out;
    for (const char c : to_lower(truncate_utf8(text, longest_code))) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (letter)
            out += c;
        else if (!out.empty() && out.back() != '_')
            out += '_';
    }
    return out.empty() ? "deviation" : out;
}

double severity_of(const json::object& object) {
    const auto* value = object.if_contains("severity");
    if (value == nullptr || !value->is_number()) return 0.4;
    const double severity = value->to_number<double>();
    return std::isfinite(severity) ? std::clamp(severity, 0.0, 1.0) : 0.4;
}

int turn_of(const json::object& object) {
    const auto* value = object.if_contains("turn_number");
    constexpr double most = 100000;
    if (value == nullptr || !value->is_number()) return 0;
    return static_cast<int>(std::clamp(value->to_number<double>(), 0.0, most));
}

std::optional<ExternalDeviation> read_deviation(const QuoteAligner& aligner,
                                                const json::object& object) {
    const auto found =
        aligner.find(text_of(object, "deviated_phrase"), turn_of(object), Role::unknown);
    if (!found) return std::nullopt;
    ExternalDeviation out;
    out.place.turn = found->turn;
    out.place.word_from = found->word_from;
    out.place.word_to = found->word_to;
    out.deviation.turn_number = found->turn;
    out.deviation.start_ms = found->start_ms;
    out.deviation.end_ms = found->end_ms;
    out.deviation.what_was_wrong = code_of(text_of(object, "what_was_wrong"));
    out.deviation.should_have_said = text_of(object, "should_have_said");
    out.deviation.severity = severity_of(object);
    out.deviation.confidence = found->ratio;
    return out;
}

} // namespace

Result<ModelFindings> external_findings(const ModelBrief& brief, const std::string& reply) {
    const auto document = parse_json(reply);
    if (!document || !document->is_object()) return std::unexpected(invalid("reply"));
    const auto& root = document->get_object();
    const auto* scores = root.if_contains("scores");
    if (scores == nullptr || !scores->is_object()) return std::unexpected(invalid("scores"));
    ExternalFindings external;
    TRY(external.scores, read_scores(scores->get_object()));
    const QuoteAligner aligner(brief.transcript);
    const auto* deviations = root.if_contains("sop_deviations");
    if (deviations != nullptr && deviations->is_array()) {
        for (const auto& value : deviations->get_array()) {
            if (external.deviations.size() == most_deviations) break;
            auto found =
                value.is_object() ? read_deviation(aligner, value.get_object()) : std::nullopt;
            if (found)
                external.deviations.push_back(*std::move(found));
            else
                ++external.unproven_deviations;
        }
    }
    if (const auto* texts = root.if_contains("insights"); texts != nullptr && texts->is_object()) {
        external.texts = {text_of(texts->get_object(), "business_insight"),
                          text_of(texts->get_object(), "coaching_insight"),
                          text_of(texts->get_object(), "agent_summary"),
                          text_of(texts->get_object(), "why_flagged")};
    }
    ModelFindings out;
    out.external = std::move(external);
    return out;
}

} // namespace hs::analysis
