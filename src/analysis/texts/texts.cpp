#include "analysis/texts/texts.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr std::size_t text_limit = 400;
constexpr std::size_t why_limit = 500;

struct Wording {
    const char* english;
    const char* hindi;
};

const char* in(const TextFacts& facts, const Wording& wording) {
    return facts.hindi ? wording.hindi : wording.english;
}

/// At most `limit` characters (code points), with an ellipsis when cut.
std::string limited(const std::string& text, std::size_t limit) {
    if (character_count(text) <= limit) return text;
    auto points = code_points(text);
    points.resize(limit - 1);
    return utf8(points) + "…";
}

std::string without_end_mark(std::string text) {
    while (!text.empty() && (text.back() == '.' || text.back() == '?' || text.back() == '!' ||
                             text.back() == ' ' || text.back() == ','))
        text.pop_back();
    if (text.ends_with("।")) text.resize(text.size() - std::string_view("।").size());
    return text;
}

std::string resolution_phrase(const TextFacts& facts) {
    static const std::map<std::string, Wording> phrases{
        {"done", {"Resolved in the call", "कॉल में हल हुआ"}},
        {"information", {"The information was given", "जानकारी दी गई"}},
        {"pending", {"A commitment is open", "वादा अभी बाकी है"}},
        {"vague", {"Only a vague answer was given", "केवल अस्पष्ट उत्तर मिला"}},
        {"refused", {"Refused without an alternative", "बिना विकल्प के मना किया गया"}},
        {"false_promise", {"An unauthorised promise was made", "बिना अधिकार का वादा किया गया"}},
        {"contradicted", {"The caller says it still fails", "ग्राहक के अनुसार समस्या बनी हुई है"}},
        {"none", {"No resolution was given", "कोई समाधान नहीं मिला"}}};
    const auto found = phrases.find(facts.evaluation.resolution.status);
    std::string text = in(facts, found == phrases.end() ? phrases.at("none") : found->second);
    const auto& due = facts.evaluation.resolution.due;
    if (facts.evaluation.resolution.status == "pending" && !due.empty()) text += " (" + due + ")";
    return text;
}

std::string issue_name(const TextFacts& facts) {
    const auto& name = facts.evaluation.issue.primary_issue;
    return name.empty() ? in(facts, {"Call", "कॉल"}) : name;
}

const char* direction_words(const TextFacts& facts) {
    const auto& direction = facts.evaluation.sentiment.direction;
    if (direction == "improving") return in(facts, {"calmed down", "शांत हुआ"});
    if (direction == "declining") return in(facts, {"left more upset", "और नाराज़ हुआ"});
    if (direction == "steady") return in(facts, {"stayed as before", "पहले जैसा रहा"});
    return in(facts, {"hardly spoke", "बहुत कम बोला"});
}

const char* verification_words(const TextFacts& facts) {
    for (const auto& answer : facts.evaluation.answers) {
        if (answer.question_id != "verification") continue;
        if (answer.state == AnswerState::pass) return in(facts, {"identity checked", "पहचान जाँची"});
        if (answer.state == AnswerState::fail)
            return in(facts, {"identity not checked", "पहचान नहीं जाँची"});
    }
    return in(facts, {"no identity check needed", "पहचान की ज़रूरत नहीं"});
}

std::string cue_text(const EscalationCue& cue, bool hindi) {
    return fmt::format("{}: \"{}\" ({} {}, {})",
                       cue.label,
                       cue.evidence.quote,
                       hindi ? "वाक्य" : "turn",
                       cue.evidence.turn,
                       clock_text(cue.evidence.start_ms));
}

std::string work_on(const TextFacts& facts) {
    std::string text;
    int listed = 0;
    for (const auto& deviation : facts.evaluation.sop_deviations) {
        if (listed == 2) break;
        std::string title;
        for (const auto& answer : facts.evaluation.answers) {
            if (answer.question_id == deviation.question_id) title = answer.title;
        }
        const auto item = fmt::format("{} ({})", title, clock_text(deviation.start_ms));
        if (text.find(title) != std::string::npos) continue;
        text += (text.empty() ? "" : ", ") + item;
        ++listed;
    }
    return text;
}

} // namespace

std::string clock_text(int ms) {
    const int seconds = std::max(0, ms) / 1000;
    return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string business_insight(const TextFacts& facts) {
    const auto& evaluation = facts.evaluation;
    auto request = without_end_mark(evaluation.issue.customer_request);
    if (request.empty()) request = in(facts, {"nothing was asked", "कुछ नहीं पूछा गया"});
    auto text = fmt::format(
        "{}: {}. {}.", issue_name(facts), limited(request, 160), resolution_phrase(facts));
    if (!evaluation.cues.empty()) {
        const auto& cue = evaluation.cues.front();
        text += fmt::format(" {}.", cue.label);
    }
    return limited(text, text_limit);
}

std::string coaching_insight(const TextFacts& facts) {
    int passed = 0;
    int asked = 0;
    const Answer* best = nullptr;
    for (const auto& answer : facts.evaluation.answers) {
        if (answer.state == AnswerState::pass || answer.state == AnswerState::fail) ++asked;
        if (answer.state != AnswerState::pass) continue;
        ++passed;
        if (best == nullptr || answer.weight > best->weight) best = &answer;
    }
    if (asked == 0)
        return in(facts,
                  {"Nothing could be checked; please listen to the call.",
                   "कुछ भी जाँचा नहीं जा सका; कृपया कॉल सुनें।"});
    auto text = facts.hindi ? fmt::format("{} में से {} बातें पूरी हुईं।", asked, passed)
                            : fmt::format("{} of {} checks met.", passed, asked);
    if (best != nullptr)
        text += fmt::format(" {}: {}.", in(facts, {"Keep", "जारी रखें"}), best->title);
    if (const auto open = work_on(facts); !open.empty()) {
        text += fmt::format(" {}: {}.", in(facts, {"Work on", "सुधारें"}), open);
        const auto& say = facts.evaluation.sop_deviations.front().should_have_said;
        if (!say.empty()) text += fmt::format(" {}: \"{}\"", in(facts, {"Say", "कहें"}), say);
    }
    return limited(text, text_limit);
}

std::string agent_summary(const TextFacts& facts) {
    const auto agent =
        facts.agent_name.empty() ? in(facts, {"The agent", "एजेंट"}) : facts.agent_name.c_str();
    auto text = facts.hindi ? fmt::format("{} ने {} संभाला: {}, {}, ग्राहक {}।",
                                          agent,
                                          issue_name(facts),
                                          verification_words(facts),
                                          resolution_phrase(facts),
                                          direction_words(facts))
                            : fmt::format("{} handled {}: {}, {}, customer {}.",
                                          agent,
                                          issue_name(facts),
                                          verification_words(facts),
                                          resolution_phrase(facts),
                                          direction_words(facts));
    return limited(text, text_limit);
}

std::optional<std::string> why_flagged(const TextFacts& facts) {
    const auto& evaluation = facts.evaluation;
    if (!escalation_flagged(evaluation.scores)) return std::nullopt;
    std::string text;
    for (const auto& cue : evaluation.cues) {
        if (cue.evidence.quote.empty()) continue;
        text += (text.empty() ? "" : "; ") + cue_text(cue, facts.hindi);
    }
    if (text.empty())
        text = fmt::format("Escalation risk {:.2f} from combined signals",
                           evaluation.scores.escalation_risk);
    return limited(text, why_limit);
}

} // namespace hs::analysis
