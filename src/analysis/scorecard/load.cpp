#include "analysis/scorecard/load.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "analysis/scorecard/yaml_reader.hpp"
#include "base/crypto.hpp"
#include "base/files.hpp"

namespace hs::analysis {

namespace {

template <typename Enum>
struct Choice {
    std::string_view name;
    Enum value;
};

template <typename Enum, std::size_t n>
void read_choice(YamlReader& in,
                 const YAML::Node& map,
                 const char* key,
                 const Choice<Enum> (&choices)[n],
                 Enum& out) {
    std::string name;
    in.text(map, key, name);
    if (name.empty()) return;
    for (const auto& choice : choices) {
        if (choice.name != name) continue;
        out = choice.value;
        return;
    }
    in.error(map[key], "S03", fmt::format("{} has no value \"{}\"", key, name));
}

constexpr Choice<ScoringMode> scoring_modes[] = {{"weighted", ScoringMode::weighted},
                                                 {"questions", ScoringMode::questions},
                                                 {"sections", ScoringMode::sections},
                                                 {"points", ScoringMode::points}};
constexpr Choice<QuestionType> question_types[] = {{"yes_no", QuestionType::yes_no},
                                                   {"single", QuestionType::single},
                                                   {"multi", QuestionType::multi},
                                                   {"numeric", QuestionType::numeric},
                                                   {"text", QuestionType::text}};
constexpr Choice<CriticalScope> critical_scopes[] = {{"form", CriticalScope::form},
                                                     {"section", CriticalScope::section}};
constexpr Choice<LlmUse> llm_uses[] = {
    {"unsure", LlmUse::unsure}, {"always", LlmUse::always}, {"never", LlmUse::never}};
constexpr Choice<EvidenceRole> evidence_roles[] = {{"agent", EvidenceRole::agent},
                                                   {"customer", EvidenceRole::customer},
                                                   {"any", EvidenceRole::any}};

AnswerOption read_option(YamlReader& in, const YAML::Node& node) {
    in.only_keys(node, {"id", "text", "score", "auto_fail", "points", "min", "max"});
    AnswerOption option;
    option.place = place_of(node);
    in.text(node, "id", option.id);
    in.local(node, "text", option.text);
    in.number(node, "score", option.score);
    in.boolean(node, "auto_fail", option.auto_fail);
    in.number(node, "points", option.points);
    in.number(node, "min", option.min);
    in.number(node, "max", option.max);
    return option;
}

DeviationText read_deviation(YamlReader& in, const YAML::Node& node) {
    in.only_keys(node, {"code", "severity", "should_have_said", "variants"});
    DeviationText deviation;
    in.text(node, "code", deviation.code);
    in.number(node, "severity", deviation.severity);
    in.local(node, "should_have_said", deviation.should_have_said);
    for (const auto& item : node["variants"]) {
        in.only_keys(item, {"rule", "code", "should_have_said"});
        DeviationText::Variant variant;
        variant.place = place_of(item);
        in.text(item, "rule", variant.rule);
        in.text(item, "code", variant.code);
        in.local(item, "should_have_said", variant.should_have_said);
        deviation.variants.push_back(std::move(variant));
    }
    return deviation;
}

Automation read_automation(YamlReader& in, const YAML::Node& node) {
    in.only_keys(node, {"order", "rule", "metric", "llm", "human"});
    Automation automation;
    automation.place = place_of(node);
    in.texts(node, "order", automation.order);
    in.text(node, "rule", automation.rule);
    in.text(node, "metric", automation.metric);
    if (const auto llm = node["llm"]; llm && llm.IsMap()) {
        in.only_keys(llm, {"prompt", "when"});
        in.text(llm, "prompt", automation.llm_prompt);
        read_choice(in, llm, "when", llm_uses, automation.llm_when);
    }
    std::string human;
    in.text(node, "human", human);
    if (!human.empty() && human != "on_review" && human != "always")
        in.error(node["human"], "S03", "human is on_review or always");
    automation.human_always = human == "always";
    return automation;
}

void read_question_parts(YamlReader& in, const YAML::Node& node, Question& question) {
    if (const auto points = node["points"]; points && points.IsMap()) {
        in.only_keys(points, {"max", "bonus"});
        question.points.emplace();
        in.number(points, "max", question.points->max);
        in.boolean(points, "bonus", question.points->bonus);
    }
    if (const auto critical = node["critical"]; critical && critical.IsMap()) {
        in.only_keys(critical, {"scope", "score"});
        question.critical.emplace();
        read_choice(in, critical, "scope", critical_scopes, question.critical->scope);
        in.number(critical, "score", question.critical->score);
    }
    if (const auto weight_if = node["weight_if"]; weight_if && weight_if.IsMap()) {
        in.only_keys(weight_if, {"expr", "weight"});
        question.weight_if.emplace();
        in.text(weight_if, "expr", question.weight_if->expr);
        in.number(weight_if, "weight", question.weight_if->weight);
    }
    for (const auto& option : node["options"])
        question.options.push_back(read_option(in, option));
    if (const auto deviation = node["deviation"]; deviation && deviation.IsMap())
        question.deviation = read_deviation(in, deviation);
    if (const auto automation = node["automation"]; automation && automation.IsMap())
        question.automation = read_automation(in, automation);
}

Question read_question(YamlReader& in, const YAML::Node& node) {
    in.only_keys(node,
                 {"id",
                  "title",
                  "instructions",
                  "type",
                  "weight",
                  "points",
                  "critical",
                  "na_allowed",
                  "enable_if",
                  "applies_if",
                  "weight_if",
                  "options",
                  "anchor",
                  "evidence_role",
                  "deviation",
                  "automation",
                  "tags"});
    Question question;
    question.place = place_of(node);
    in.text(node, "id", question.id);
    in.local(node, "title", question.title);
    in.local(node, "instructions", question.instructions);
    read_choice(in, node, "type", question_types, question.type);
    in.number(node, "weight", question.weight);
    in.boolean(node, "na_allowed", question.na_allowed);
    in.text(node, "enable_if", question.enable_if);
    in.text(node, "applies_if", question.applies_if);
    in.text(node, "anchor", question.anchor);
    read_choice(in, node, "evidence_role", evidence_roles, question.evidence_role);
    in.texts(node, "tags", question.tags);
    read_question_parts(in, node, question);
    return question;
}

Section read_section(YamlReader& in, const YAML::Node& node) {
    in.only_keys(node, {"id", "title", "weight", "scored", "enable_if", "questions"});
    Section section;
    section.place = place_of(node);
    in.text(node, "id", section.id);
    in.local(node, "title", section.title);
    in.number(node, "weight", section.weight);
    in.boolean(node, "scored", section.scored);
    in.text(node, "enable_if", section.enable_if);
    for (const auto& question : node["questions"])
        section.questions.push_back(read_question(in, question));
    return section;
}

void read_scoring(YamlReader& in, const YAML::Node& node, Scoring& scoring) {
    if (!node || !node.IsMap()) return;
    in.only_keys(node, {"mode", "auto_fail_score", "min_coverage", "thresholds"});
    read_choice(in, node, "mode", scoring_modes, scoring.mode);
    in.number(node, "auto_fail_score", scoring.auto_fail_score);
    in.number(node, "min_coverage", scoring.min_coverage);
    if (const auto thresholds = node["thresholds"]; thresholds && thresholds.IsMap()) {
        in.only_keys(thresholds, {"needs_improvement", "exceeds"});
        in.number(thresholds, "needs_improvement", scoring.needs_improvement);
        in.number(thresholds, "exceeds", scoring.exceeds);
    }
}

void read_issue_steps(YamlReader& in, const YAML::Node& node, Scorecard& card) {
    if (!node || !node.IsMap()) return;
    for (const auto& entry : node) {
        IssueSteps steps;
        steps.category = entry.first.Scalar();
        steps.place = place_of(entry.first);
        for (const auto& item : entry.second) {
            in.only_keys(item, {"rule", "title", "should_have_said"});
            IssueSteps::Step step;
            in.text(item, "rule", step.rule);
            in.local(item, "title", step.title);
            in.local(item, "should_have_said", step.should_have_said);
            steps.steps.push_back(std::move(step));
        }
        card.issue_steps.push_back(std::move(steps));
    }
}

void read_escalation(YamlReader& in, const YAML::Node& node, Scorecard& card) {
    for (const auto& item : node) {
        in.only_keys(item, {"cue", "label", "weight", "rule"});
        CueRule cue;
        cue.place = place_of(item);
        in.text(item, "cue", cue.cue);
        in.local(item, "label", cue.label);
        in.number(item, "weight", cue.weight);
        in.text(item, "rule", cue.rule);
        card.escalation.push_back(std::move(cue));
    }
}

void read_outcomes(YamlReader& in, const YAML::Node& node, Scorecard& card) {
    for (const auto& item : node) {
        in.only_keys(item, {"status", "raw", "rule"});
        OutcomeRule outcome;
        outcome.place = place_of(item);
        in.text(item, "status", outcome.status);
        in.number(item, "raw", outcome.raw);
        in.text(item, "rule", outcome.rule);
        card.outcomes.push_back(std::move(outcome));
    }
}

void read_head(YamlReader& in, const YAML::Node& root, Scorecard& card) {
    const auto head = root["scorecard"];
    if (!head || !head.IsMap())
        return in.error(root, "S01", "scorecard: {key, version, title} is missing");
    in.only_keys(head, {"key", "version", "title", "status", "extends"});
    in.text(head, "key", card.key);
    in.integer(head, "version", card.version);
    in.local(head, "title", card.title);
    in.text(head, "status", card.status);
    in.text(head, "extends", card.extends);
    if (const auto selector = root["selector"]; selector && selector.IsMap()) {
        in.only_keys(selector, {"issue_category", "language", "call_context"});
        in.texts(selector, "issue_category", card.selector.issue_category);
        in.texts(selector, "language", card.selector.language);
        in.texts(selector, "call_context", card.selector.call_context);
    }
    if (const auto lists = root["lists"]; lists && lists.IsMap()) {
        if (const auto brand = lists["brand"]; brand && brand.IsSequence())
            in.texts(lists, "brand", card.brand);
    }
}

void read_root(YamlReader& in, const YAML::Node& root, Scorecard& card) {
    in.only_keys(root,
                 {"scorecard",
                  "selector",
                  "lists",
                  "patterns",
                  "scoring",
                  "sections",
                  "rules",
                  "issue_steps",
                  "escalation",
                  "outcomes",
                  "signals",
                  "issues",
                  "remove"});
    read_head(in, root, card);
    read_scoring(in, root["scoring"], card.scoring);
    for (const auto& section : root["sections"])
        card.sections.push_back(read_section(in, section));
    read_issue_steps(in, root["issue_steps"], card);
    read_escalation(in, root["escalation"], card);
    read_outcomes(in, root["outcomes"], card);
    if (const auto signals = root["signals"]; signals && signals.IsMap()) {
        for (const auto& entry : signals)
            card.named_rules[entry.first.Scalar()] = entry.second.Scalar();
    }
    if (const auto issues = root["issues"]; issues && issues.IsMap()) {
        for (const auto& entry : issues)
            in.texts(
                issues, entry.first.Scalar().c_str(), card.issue_phrases[entry.first.Scalar()]);
    }
}

/// Aliases let a short text stand for a document without end: whoever walks it must know its size.
constexpr std::size_t most_values = 200'000;

bool unfolds_beyond(const YAML::Node& node, std::size_t& values) {
    if (++values > most_values) return true;
    if (node.IsSequence())
        return std::any_of(node.begin(), node.end(), [&](const auto& item) {
            return unfolds_beyond(item, values);
        });
    if (!node.IsMap()) return false;
    return std::any_of(node.begin(), node.end(), [&](const auto& entry) {
        return unfolds_beyond(entry.second, values);
    });
}

template <typename Item, typename Id>
void overlay(std::vector<Item>& items, const std::vector<Item>& with, Id id) {
    for (const auto& item : with) {
        const auto same = std::find_if(
            items.begin(), items.end(), [&](const Item& old) { return id(old) == id(item); });
        if (same == items.end())
            items.push_back(item);
        else
            *same = item;
    }
}

} // namespace

ScorecardTexts texts_of(std::filesystem::path folder) {
    return [folder = std::move(folder)](const std::string& key, int version) {
        return read_file(folder / key / fmt::format("{}.yaml", version));
    };
}

ScorecardDocument read_scorecard(const std::string& text, const std::string& file) {
    ScorecardDocument result;
    result.card.file = file;
    YamlReader in(file);
    try {
        const auto root = YAML::Load(text);
        std::size_t values = 0;
        if (!root.IsMap()) {
            in.error(root, "S01", "a scorecard is a map");
        } else if (unfolds_beyond(root, values)) {
            in.error(root, "S04", fmt::format("more than {} values", most_values));
        } else {
            read_root(in, root, result.card);
            result.document = in.document(root);
            result.card.content_hash = sha256_hex(canonical_json(result.document));
        }
    } catch (const YAML::Exception& e) { // the library reports syntax by exception
        result.problems.push_back(
            {Severity::error, "S00", file, e.mark.line + 1, e.mark.column + 1, e.msg});
    }
    result.problems.insert(result.problems.end(), in.problems().begin(), in.problems().end());
    return result;
}

Scorecard extended(Scorecard base, const Scorecard& child, const std::vector<std::string>& remove) {
    auto card = child;
    for (auto& section : base.sections) {
        const auto same =
            std::find_if(child.sections.begin(), child.sections.end(), [&](const Section& other) {
                return other.id == section.id;
            });
        if (same == child.sections.end()) continue;
        auto questions = section.questions;
        overlay(questions, same->questions, [](const Question& q) { return q.id; });
        section = *same;
        section.questions = std::move(questions);
    }
    overlay(base.sections, {}, [](const Section& s) { return s.id; });
    for (const auto& section : child.sections) {
        const bool known = std::any_of(base.sections.begin(),
                                       base.sections.end(),
                                       [&](const Section& s) { return s.id == section.id; });
        if (!known) base.sections.push_back(section);
    }
    const auto removed = [&](const std::string& id) {
        return std::find(remove.begin(), remove.end(), id) != remove.end();
    };
    std::erase_if(base.sections, [&](const Section& s) { return removed(s.id); });
    for (auto& section : base.sections)
        std::erase_if(section.questions, [&](const Question& q) { return removed(q.id); });
    card.sections = std::move(base.sections);
    overlay(base.issue_steps, child.issue_steps, [](const IssueSteps& s) { return s.category; });
    overlay(base.escalation, child.escalation, [](const CueRule& c) { return c.cue; });
    overlay(base.outcomes, child.outcomes, [](const OutcomeRule& o) { return o.rule; });
    std::erase_if(base.escalation, [&](const CueRule& c) { return removed(c.cue); });
    card.issue_steps = std::move(base.issue_steps);
    card.escalation = std::move(base.escalation);
    card.outcomes = std::move(base.outcomes);
    card.named_rules.merge(base.named_rules);
    card.issue_phrases.merge(base.issue_phrases);
    if (card.brand.empty()) card.brand = std::move(base.brand);
    return card;
}

} // namespace hs::analysis
