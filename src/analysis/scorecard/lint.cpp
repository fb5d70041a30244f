#include "analysis/scorecard/lint.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>

#include <fmt/format.h>

#include "analysis/scorecard/answer_expression.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

/// `outcome` is the table of outcomes, `steps` the issue's steps.
const std::set<std::string_view> known_methods{"rule", "metric", "llm", "outcome", "steps"};

class Linter {
public:
    Linter(const Scorecard& card, const std::set<std::string>& rules)
        : card_(card), rules_(rules) {}

    std::vector<Diagnostic> run() {
        check_head();
        for (const auto& section : card_.sections)
            check_section(section);
        check_cycles();
        check_issue_steps();
        check_escalation();
        for (const auto& [purpose, rule] : card_.named_rules)
            known_rule(rule, {}, purpose);
        return std::move(problems_);
    }

private:
    void report(Severity severity, const char* code, SourcePlace at, std::string message) {
        problems_.push_back({severity, code, card_.file, at.line, at.column, std::move(message)});
    }

    void error(const char* code, SourcePlace at, std::string message) {
        report(Severity::error, code, at, std::move(message));
    }

    void warn(const char* code, SourcePlace at, std::string message) {
        report(Severity::warning, code, at, std::move(message));
    }

    void known_rule(const std::string& rule, SourcePlace at, const std::string& user) {
        if (!rule.empty() && !rules_.contains(rule))
            error("S10", at, fmt::format("{}: there is no rule \"{}\"", user, rule));
    }

    void has_languages(const LocalText& text, SourcePlace at, const std::string& what) {
        for (const char* language : {"en", "hi"}) {
            const auto found = text.find(language);
            if (found == text.end() || trim(found->second).empty())
                error("S11", at, fmt::format("{} has no text in \"{}\"", what, language));
        }
    }

    void check_head() {
        if (card_.key.empty()) error("S12", {1, 1}, "scorecard.key is missing");
        if (card_.version < 1) error("S12", {1, 1}, "scorecard.version must be 1 or higher");
        if (card_.sections.empty()) error("S12", {1, 1}, "a scorecard needs a section");
        if (card_.scoring.min_coverage < 0 || card_.scoring.min_coverage > 1 ||
            card_.scoring.auto_fail_score < 0 || card_.scoring.auto_fail_score > 1)
            error("S13", {1, 1}, "min_coverage and auto_fail_score lie between 0 and 1");
    }

    void check_section(const Section& section) {
        if (section.id.empty()) error("S12", section.place, "a section needs an id");
        if (!ids_.insert(section.id).second)
            error("S14", section.place, fmt::format("id \"{}\" is used twice", section.id));
        if (section.scored && section.weight <= 0)
            error("S15",
                  section.place,
                  fmt::format("section {}: weight must be above 0", section.id));
        has_languages(section.title, section.place, "section " + section.id);
        check_condition(section.enable_if, section.place, section.id);
        const bool counted = std::any_of(
            section.questions.begin(), section.questions.end(), [](const Question& question) {
                return question.type != QuestionType::text;
            });
        if (section.scored && !counted)
            error("S16",
                  section.place,
                  fmt::format("section {} has no question that counts", section.id));
        for (const auto& question : section.questions)
            check_question(question);
    }

    void check_question(const Question& question) {
        const auto what = "question " + question.id;
        if (question.id.empty()) error("S12", question.place, "a question needs an id");
        if (!ids_.insert(question.id).second)
            error("S14", question.place, fmt::format("id \"{}\" is used twice", question.id));
        check_weight(question, what);
        has_languages(question.title, question.place, what);
        check_instructions(question, what);
        check_condition(question.enable_if, question.place, question.id);
        check_options(question, what);
        check_automation(question, what);
        if (question.deviation) {
            has_languages(
                question.deviation->should_have_said, question.place, what + " should_have_said");
            for (const auto& variant : question.deviation->variants)
                known_rule(variant.rule, variant.place, what);
        }
    }

    void check_weight(const Question& question, const std::string& what) {
        const bool points = card_.scoring.mode == ScoringMode::points;
        const double weight = points               ? question.points.value_or(Points{}).max
                              : question.weight_if ? question.weight_if->weight
                                                   : question.weight;
        const bool bonus = question.points && question.points->bonus;
        if (weight <= 0 && !bonus && question.type != QuestionType::text)
            error("S15", question.place, fmt::format("{}: weight must be above 0", what));
    }

    void check_instructions(const Question& question, const std::string& what) {
        const auto text = in_language(question.instructions, "en");
        const auto words = std::count(text.begin(), text.end(), ' ') + (text.empty() ? 0 : 1);
        if (words < 6)
            warn(
                "W01", question.place, fmt::format("{}: the instruction is under six words", what));
    }

    void check_options(const Question& question, const std::string& what) {
        const bool chooses = question.type == QuestionType::single ||
                             question.type == QuestionType::multi ||
                             question.type == QuestionType::numeric;
        if (chooses && question.options.empty())
            error("S17", question.place, fmt::format("{} has no options", what));
        for (const auto& option : question.options) {
            if (option.score < 0 || option.score > 100)
                error("S17",
                      option.place,
                      fmt::format("{}: option scores lie between 0 and 100", what));
        }
        const bool can_fail = std::any_of(
            question.options.begin(), question.options.end(), [](const AnswerOption& option) {
                return option.score < 100 || option.auto_fail;
            });
        if (chooses && !question.options.empty() && !can_fail)
            error("S18", question.place, fmt::format("{} can never fail", what));
    }

    void check_automation(const Question& question, const std::string& what) {
        const auto& automation = question.automation;
        const auto uses = [&](std::string_view kind) {
            return std::find(automation.order.begin(), automation.order.end(), kind) !=
                   automation.order.end();
        };
        for (const auto& kind : automation.order) {
            if (!known_methods.contains(kind))
                error("S19", automation.place, fmt::format("{}: unknown method {}", what, kind));
        }
        if (uses("rule") && automation.rule.empty())
            error("S19", automation.place, fmt::format("{} names no rule", what));
        if (uses("metric") && automation.metric.empty())
            error("S19", automation.place, fmt::format("{} names no metric", what));
        known_rule(automation.rule, automation.place, what);
        if (!automation.rule.empty() && !used_rules_.insert(automation.rule).second)
            error("S20",
                  automation.place,
                  fmt::format("rule {} answers two questions", automation.rule));
        if (!question.critical) return;
        if (!uses("rule") && !uses("outcome") && !automation.human_always)
            error("S21",
                  question.place,
                  fmt::format("{} is critical: it needs a rule or a check by a person", what));
        if (uses("llm") && !uses("rule"))
            warn("W02", question.place, fmt::format("{}: automatic fail by a model alone", what));
    }

    void check_condition(const std::string& text, SourcePlace at, const std::string& owner) {
        if (text.empty()) return;
        auto expression = AnswerExpression::parse(text);
        if (!expression) return error("S22", at, owner + ": " + expression.error().message);
        for (const auto& id : expression->questions()) {
            if (card_.question(id) == nullptr)
                error("S10", at, fmt::format("{}: there is no question \"{}\"", owner, id));
            needs_[owner].push_back(id);
        }
        if (const auto* section = card_.section_of(owner); section != nullptr)
            needs_[owner].push_back(section->id);
    }

    /// A question waits for its section; a section for what its condition asks.
    void check_cycles() {
        for (const auto& section : card_.sections) {
            for (const auto& question : section.questions)
                needs_[question.id].push_back(section.id);
        }
        std::map<std::string, int> colour; // 0 new, 1 open, 2 done
        const std::function<bool(const std::string&)> cyclic = [&](const std::string& id) {
            if (colour[id] == 2) return false;
            if (colour[id] == 1) return true;
            colour[id] = 1;
            const auto found = needs_.find(id);
            const bool bad = found != needs_.end() &&
                             std::any_of(found->second.begin(), found->second.end(), cyclic);
            colour[id] = 2;
            return bad;
        };
        for (const auto& section : card_.sections) {
            if (cyclic(section.id))
                error("S23",
                      section.place,
                      fmt::format("enable_if of {} runs in a circle", section.id));
            for (const auto& question : section.questions) {
                if (cyclic(question.id))
                    error("S23",
                          question.place,
                          fmt::format("enable_if of {} runs in a circle", question.id));
            }
        }
    }

    void check_issue_steps() {
        for (const auto& issue : card_.issue_steps) {
            if (issue.steps.empty())
                error("S24", issue.place, fmt::format("{} has no steps", issue.category));
            for (const auto& step : issue.steps)
                known_rule(step.rule, issue.place, issue.category);
        }
    }

    void check_escalation() {
        for (const auto& cue : card_.escalation) {
            known_rule(cue.rule, cue.place, "cue " + cue.cue);
            if (cue.weight <= 0 || cue.weight > 1)
                error("S15", cue.place, fmt::format("cue {}: weight lies in 0..1", cue.cue));
        }
        for (const auto& outcome : card_.outcomes) {
            known_rule(outcome.rule, outcome.place, "outcome " + outcome.status);
            if (outcome.raw < 0 || outcome.raw > 1)
                error("S15", outcome.place, "raw of an outcome lies in 0..1");
        }
    }

    const Scorecard& card_;
    const std::set<std::string>& rules_;
    std::set<std::string> ids_;
    std::set<std::string> used_rules_;
    std::map<std::string, std::vector<std::string>> needs_;
    std::vector<Diagnostic> problems_;
};

} // namespace

std::vector<Diagnostic> lint(const Scorecard& card, const std::set<std::string>& rule_ids) {
    return Linter(card, rule_ids).run();
}

} // namespace hs::analysis
