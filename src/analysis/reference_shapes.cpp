#include "analysis/reference_shapes.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/judging/document.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

/// "Battery Swap Failure" -> "battery_swap_failure"
std::string snake_case(std::string_view text) {
    std::string out;
    for (const char c : name_key(text)) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        const bool other_script = (static_cast<unsigned char>(c) & 0x80U) != 0;
        if (letter || other_script)
            out += c;
        else if (!out.empty() && out.back() != '_')
            out += '_';
    }
    while (!out.empty() && out.back() == '_')
        out.pop_back();
    return out;
}

std::string root_cause(const Evaluation& evaluation) {
    static const std::vector<std::pair<std::string_view, std::string_view>> by_cue{
        {"safety", "safety_hazard"},
        {"privacy", "agent_conduct"},
        {"agent_abuse", "agent_conduct"},
        {"complaint", "agent_conduct"},
        {"repeat", "repeat_failure"}};
    for (const auto& [cue, cause] : by_cue) {
        const bool present =
            std::any_of(evaluation.cues.begin(),
                        evaluation.cues.end(),
                        [cue = cue](const auto& found) { return found.cue == cue; });
        if (present) return std::string(cause);
    }
    return "not_determined";
}

std::string resolution_path(const std::string& status) {
    static const std::map<std::string_view, std::string_view> paths{
        {"done", "fixed_in_call"},
        {"information", "information_given"},
        {"pending", "commitment_made"},
        {"vague", "vague_answer"},
        {"refused", "refused"},
        {"false_promise", "unauthorised_promise"},
        {"contradicted", "not_fixed"}};
    const auto found = paths.find(status);
    return found == paths.end() ? "none" : std::string(found->second);
}

} // namespace

json::object reference_issue_analysis(const Evaluation& evaluation) {
    const auto& issue = evaluation.issue;
    const auto& detail =
        issue.detected_category.empty() ? issue.primary_issue : issue.detected_category;
    return {{"primary_issue", issue.primary_issue},
            {"sub_issue", snake_case(detail)},
            {"root_cause", root_cause(evaluation)},
            {"matches_declared_category", issue.category_match}};
}

json::object reference_resolution_analysis(const Evaluation& evaluation) {
    const auto& status = evaluation.resolution.status;
    const bool resolved = status == "done" || status == "information";
    return {{"resolved", resolved},
            {"resolution_path", resolution_path(status)},
            {"valid_path", evaluation.resolution.is_valid},
            {"follow_up_required", !resolved}};
}

json::array reference_sop_deviations(const Evaluation& evaluation) {
    auto list = evaluation.sop_deviations;
    std::stable_sort(list.begin(), list.end(), [](const Deviation& a, const Deviation& b) {
        return a.start_ms < b.start_ms;
    });
    json::array out;
    for (const auto& deviation : list)
        out.push_back(json::object{{"turn_number", deviation.turn_number},
                                   {"start_time", seconds(deviation.start_ms)},
                                   {"end_time", seconds(deviation.end_ms)},
                                   {"deviated_phrase", deviation.deviated_phrase},
                                   {"should_have_said", deviation.should_have_said},
                                   {"what_was_wrong", deviation.what_was_wrong},
                                   {"severity", round_half_away(deviation.severity, 2)}});
    return out;
}

json::array reference_sentiment_trajectory(const Evaluation& evaluation) {
    json::array out;
    for (const auto& point : evaluation.sentiment.trajectory)
        out.push_back(json::object{
            {"turn", point.turn}, {"score", point.score}, {"sentiment", point.sentiment}});
    return out;
}

json::array reference_sop_checks(const Evaluation& evaluation) {
    json::array out;
    for (const auto& answer : evaluation.answers) {
        json::object check;
        check["name"] = answer.title;
        check["passed"] = nullptr;
        if (answer.state == AnswerState::pass) check["passed"] = true;
        if (answer.state == AnswerState::fail) check["passed"] = false;
        check["actual"] = answer.actual;
        check["expected"] = answer.should_have_said;
        check["question_id"] = answer.question_id;
        check["state"] = to_string(answer.state);
        check["weight"] = answer.weight;
        check["critical"] = answer.critical;
        check["confidence"] = round_half_away(answer.confidence, 2);
        check["method"] = to_string(answer.method);
        const bool shown = !answer.evidence.empty();
        check["turn"] = shown ? json::value(answer.evidence.front().turn) : nullptr;
        check["start_time"] =
            shown ? json::value(seconds(answer.evidence.front().start_ms)) : nullptr;
        check["end_time"] = shown ? json::value(seconds(answer.evidence.front().end_ms)) : nullptr;
        out.push_back(std::move(check));
    }
    return out;
}

} // namespace hs::analysis
