/// A scorecard: the questions a call is judged by, their weights, and the words around them.
///
/// Plain data, read once from YAML and never changed. The rules themselves are compiled elsewhere
/// (analysis/rules); here they are only named.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace hs::analysis {

/// Where something stands in its source file; both count from 1, 0 = unknown.
struct SourcePlace {
    int line = 0;
    int column = 0;
};

/// A text in several languages: "en", "hi", "hi-Latn".
using LocalText = std::map<std::string, std::string>;

/// The text in `language`, else in English, else any; empty when there is none.
[[nodiscard]] std::string in_language(const LocalText& text, const std::string& language);

enum class ScoringMode { weighted, questions, sections, points };
enum class QuestionType { yes_no, single, multi, numeric, text };
enum class CriticalScope { form, section };
enum class LlmUse { unsure, always, never };
enum class EvidenceRole { agent, customer, any };

struct Critical {
    CriticalScope scope = CriticalScope::form;
    std::optional<double> score; // cap of the whole form; null: the scorecard's auto_fail_score
};

struct AnswerOption {
    std::string id;
    LocalText text;
    double score = 0; // 0..100
    bool auto_fail = false;
    std::optional<double> points;
    std::optional<double> min; // numeric questions: the range this option stands for
    std::optional<double> max;
    SourcePlace place;
};

struct Points {
    double max = 0;
    bool bonus = false;
};

struct DeviationText {
    std::string code; // snake_case, as in what_was_wrong
    double severity = 0.4;
    LocalText should_have_said;

    /// Another code when this rule holds too (a vague answer is not no answer).
    struct Variant {
        std::string rule;
        std::string code;
        LocalText should_have_said; // empty: the question's
        SourcePlace place;
    };

    std::vector<Variant> variants;
};

struct Automation {
    std::vector<std::string> order; // rule, metric, llm, left to right
    std::string rule;
    std::string metric; // metric.* path or a named measure
    std::string llm_prompt;
    LlmUse llm_when = LlmUse::unsure;
    bool human_always = false;
    SourcePlace place;
};

struct WeightIf {
    std::string expr; // rule expression
    double weight = 0;
};

struct Question {
    std::string id;
    LocalText title;
    LocalText instructions;
    QuestionType type = QuestionType::yes_no;
    double weight = 0;
    std::optional<Points> points;
    bool na_allowed = true;
    std::optional<Critical> critical;
    std::string enable_if;  // answer expression
    std::string applies_if; // rule expression
    std::optional<WeightIf> weight_if;
    std::vector<AnswerOption> options;
    std::string anchor = "first_agent_turn";
    EvidenceRole evidence_role = EvidenceRole::agent; // who says what shows the answer
    std::optional<DeviationText> deviation;
    Automation automation;
    std::vector<std::string> tags;
    SourcePlace place;
};

struct Section {
    std::string id;
    LocalText title;
    double weight = 0;
    bool scored = true;
    std::string enable_if;
    std::vector<Question> questions;
    SourcePlace place;
};

struct Selector {
    std::vector<std::string> issue_category;
    std::vector<std::string> language;
    std::vector<std::string> call_context;
};

struct Scoring {
    ScoringMode mode = ScoringMode::weighted;
    double auto_fail_score = 0.40;
    double min_coverage = 0.60;
    double needs_improvement = 0.60;
    double exceeds = 0.85;
};

struct IssueSteps {
    std::string category; // name or alias of an issue category

    struct Step {
        std::string rule;
        LocalText title;
        LocalText should_have_said;
    };

    std::vector<Step> steps;
    SourcePlace place;
};

/// A cue of escalation: when its rule holds, it adds its weight once.
struct CueRule {
    std::string cue;
    LocalText label;
    double weight = 0;
    std::string rule;
    SourcePlace place;
};

/// What the agent's words did about the issue; the last one said decides.
struct OutcomeRule {
    std::string status; // done | pending | information | vague | refused | false_promise | …
    double raw = 0;
    std::string rule;
    SourcePlace place;
};

struct Scorecard {
    std::string key;
    int version = 0;
    LocalText title;
    std::string status = "draft"; // draft | active | locked
    std::string extends;          // "<key>@<version>" or empty
    Selector selector;
    Scoring scoring;
    std::vector<Section> sections;
    std::vector<IssueSteps> issue_steps;
    std::vector<CueRule> escalation;
    std::vector<OutcomeRule> outcomes;
    std::map<std::string, std::string> named_rules; // purpose -> rule id ("courtesy" …)
    std::map<std::string, std::vector<std::string>> issue_phrases; // detected category -> rules
    std::vector<std::string> brand;                                // the list @brand
    std::string file;                                              // for messages
    std::string content_hash; // SHA-256 of the canonical JSON of the document

    [[nodiscard]] const Question* question(std::string_view id) const;
    [[nodiscard]] const Section* section_of(std::string_view question_id) const;
};

/// What a call brings to the choice of its scorecard.
struct SelectionFacts {
    std::string issue_category;
    std::string language;
    std::string call_context;
};

/// The most specific fitting scorecard, then the highest version; nullptr when none fits.
[[nodiscard]] const Scorecard* select_scorecard(const std::vector<const Scorecard*>& active,
                                                const SelectionFacts& facts);

} // namespace hs::analysis
