#include "analysis/model/model_answer.hpp"

#include "analysis/model/schema_check.hpp"

namespace hs::analysis {

namespace {

std::string text_of(const json::object& object, std::string_view name) {
    const auto& value = object.at(name);
    return value.is_string() ? std::string(value.get_string()) : std::string();
}

ClaimKind kind_of(std::string_view name) {
    if (name == "absence_anchor") return ClaimKind::absence_anchor;
    return name == "contradicts" ? ClaimKind::contradicts : ClaimKind::said;
}

ClaimState state_of(std::string_view name) {
    if (name == "pass") return ClaimState::pass;
    if (name == "fail") return ClaimState::fail;
    return name == "na" ? ClaimState::na : ClaimState::unsure;
}

QuoteClaim read_quote(const json::value& value) {
    const auto& quote = value.as_object();
    return {quote.at("turn").to_number<int>(),
            text_of(quote, "quote"),
            kind_of(text_of(quote, "kind"))};
}

std::vector<QuoteClaim> read_quotes(const json::value& value) {
    std::vector<QuoteClaim> out;
    for (const auto& quote : value.as_array())
        out.push_back(read_quote(quote));
    return out;
}

AnswerClaim read_answer(const json::object& answer) {
    AnswerClaim out;
    out.question_id = text_of(answer, "question_id");
    out.state = state_of(text_of(answer, "state"));
    out.confidence = answer.at("confidence").to_number<double>();
    out.rationale = text_of(answer, "rationale");
    out.evidence = read_quotes(answer.at("evidence"));
    const auto& value = answer.at("value");
    if (value.is_string()) out.chosen.emplace_back(value.get_string());
    if (value.is_number()) out.number = value.to_number<double>();
    if (value.is_array())
        for (const auto& one : value.get_array())
            out.chosen.emplace_back(one.as_string());
    return out;
}

IssueClaim read_issue(const json::object& issue) {
    return {text_of(issue, "category"),
            text_of(issue, "summary"),
            text_of(issue, "customer_request"),
            text_of(issue, "severity"),
            read_quotes(issue.at("evidence"))};
}

ResolutionClaim read_resolution(const json::object& resolution) {
    ResolutionClaim out;
    out.status = text_of(resolution, "status");
    out.action = text_of(resolution, "action");
    out.owner = text_of(resolution, "owner");
    out.due = text_of(resolution, "due");
    const auto& accepted = resolution.at("customer_accepted");
    if (accepted.is_bool()) out.customer_accepted = accepted.get_bool();
    out.raw_score = resolution.at("raw_score").to_number<double>();
    out.evidence = read_quotes(resolution.at("evidence"));
    return out;
}

} // namespace

ModelClaims read_claims(const json::object& document) {
    ModelClaims out;
    for (const auto& answer : document.at("answers").as_array())
        out.answers.push_back(read_answer(answer.as_object()));
    for (const auto& value : document.at("turn_sentiment").as_array()) {
        const auto& item = value.as_object();
        out.turn_sentiment[item.at("turn").to_number<int>()] = item.at("score").to_number<double>();
    }
    out.issue = read_issue(document.at("issue").as_object());
    out.resolution = read_resolution(document.at("resolution").as_object());
    for (const auto& value : document.at("escalation").at("cues").as_array()) {
        const auto& cue = value.as_object();
        out.cues.push_back({text_of(cue, "cue"), read_quote(cue.at("evidence"))});
    }
    const auto& texts = document.at("insights").as_object();
    out.texts = {text_of(texts, "business_insight"),
                 text_of(texts, "coaching_insight"),
                 text_of(texts, "agent_summary"),
                 text_of(texts, "why_flagged")};
    out.detected_language = text_of(document, "detected_language");
    return out;
}

std::optional<ModelClaims> checked_claims(const json::object& schema,
                                          std::string_view reply,
                                          std::vector<std::string>& complaints) {
    const auto document = parse_json(reply);
    if (!document) {
        complaints.emplace_back("the answer: is no JSON");
        return std::nullopt;
    }
    complaints = schema_errors(schema, *document);
    if (!complaints.empty()) return std::nullopt;
    // A schema of another prompt may leave out what is read here; turns beyond an int do, too.
    try {
        return read_claims(document->as_object());
    } catch (const std::exception&) {
        complaints.emplace_back("the answer: does not have the members of a judgement");
        return std::nullopt;
    }
}

} // namespace hs::analysis
