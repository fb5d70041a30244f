#include "analysis/judging/pack.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "analysis/scorecard/lint.hpp"
#include "analysis/scorecard/load.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr int deepest_extension = 8;

/// A scorecard file with the rules and lists of everything it extends.
struct Sources {
    Scorecard card;
    std::vector<ListSource> lists;
    std::vector<RuleSource> rules;
    std::vector<Diagnostic> problems;
    std::vector<Lint> lints;
};

template <typename Item, typename Key>
void replace_same(std::vector<Item>& items, std::vector<Item> with, Key key) {
    for (auto& item : with) {
        const auto same = std::find_if(
            items.begin(), items.end(), [&](const Item& old) { return key(old) == key(item); });
        if (same == items.end())
            items.push_back(std::move(item));
        else
            *same = std::move(item);
    }
}

std::vector<std::string> removed_ids(const YAML::Node& root) {
    std::vector<std::string> ids;
    for (const auto& node : root["remove"]) {
        if (node.IsScalar()) ids.push_back(node.Scalar());
    }
    return ids;
}

Result<std::pair<std::string, int>> parse_reference(const std::string& text) {
    const auto at = text.find('@');
    const auto version = at == std::string::npos ? std::string() : text.substr(at + 1);
    if (version.empty() || version.size() > 6 ||
        version.find_first_not_of("0123456789") != std::string::npos)
        return fail(ErrorKind::invalid,
                    "scorecard.invalid",
                    fmt::format("extends: \"{}\" is not <key>@<version>", text));
    return std::pair(text.substr(0, at), std::stoi(version));
}

Result<Sources>
read_sources(const std::filesystem::path& folder, const std::string& key, int version, int depth);

/// `child` over what it extends.
Result<void>
extend(const std::filesystem::path& folder, const YAML::Node& root, Sources& child, int depth) {
    if (child.card.extends.empty() || child.card.extends == "null") return {};
    if (depth >= deepest_extension)
        return fail(ErrorKind::invalid, "scorecard.invalid", "extends runs in a circle");
    TRY(const auto reference, parse_reference(child.card.extends));
    TRY(auto base, read_sources(folder, reference.first, reference.second, depth + 1));
    const auto removed = removed_ids(root);
    child.card = extended(std::move(base.card), child.card, removed);
    replace_same(base.lists, std::move(child.lists), [](const ListSource& l) { return l.name; });
    replace_same(base.rules, std::move(child.rules), [](const RuleSource& r) { return r.id; });
    std::erase_if(base.rules, [&](const RuleSource& rule) {
        return std::find(removed.begin(), removed.end(), rule.id) != removed.end();
    });
    child.lists = std::move(base.lists);
    child.rules = std::move(base.rules);
    child.problems.insert(child.problems.end(), base.problems.begin(), base.problems.end());
    return {};
}

Result<Sources>
read_sources(const std::filesystem::path& folder, const std::string& key, int version, int depth) {
    const auto path = folder / key / fmt::format("{}.yaml", version);
    TRY(const auto text, read_file(path));
    const auto file = fmt::format("{}/{}.yaml", key, version);
    auto document = read_scorecard(text, file);
    Sources sources;
    sources.card = std::move(document.card);
    sources.problems = std::move(document.problems);
    if (has_errors(sources.problems)) return sources;
    const auto root = YAML::Load(text); // read_scorecard has parsed the same text without error
    sources.lists = read_lists(root["lists"], file, sources.lints);
    sources.rules = read_rules(root["rules"], file, sources.lints);
    TRY_VOID(extend(folder, root, sources, depth));
    return sources;
}

std::string lint_text(const std::vector<Lint>& lints) {
    std::string out;
    for (const auto& lint : lints) {
        if (lint.severity != LintSeverity::error) continue;
        out += (out.empty() ? "" : "\n") + to_string(lint);
    }
    return out;
}

Error invalid(std::string message) {
    return {ErrorKind::invalid, "scorecard.invalid", std::move(message), std::nullopt};
}

/// Whether the rule looks at sentiment, itself or through rules it names.
class SentimentUse {
public:
    explicit SentimentUse(const std::vector<RuleSource>& rules) {
        for (const auto& rule : rules)
            text_[rule.id] = rule.applies.text + ' ' + rule.fail.text + ' ' + rule.pass.text;
    }

    bool of(const std::string& id) {
        if (!seen_.insert(id).second) return false;
        const auto found = text_.find(id);
        if (found == text_.end()) return false;
        if (found->second.find("sentiment") != std::string::npos) return true;
        return std::any_of(text_.begin(), text_.end(), [&](const auto& other) {
            return names(found->second, other.first) && of(other.first);
        });
    }

private:
    static bool names(const std::string& text, const std::string& id) {
        const auto word = [](char c) {
            return c == '_' || (std::isalnum(static_cast<unsigned char>(c)) != 0);
        };
        for (auto at = text.find(id); at != std::string::npos; at = text.find(id, at + 1)) {
            const bool starts = at == 0 || (!word(text[at - 1]) && text[at - 1] != '@');
            const auto end = at + id.size();
            if (starts && (end == text.size() || !word(text[end]))) return true;
        }
        return false;
    }

    std::map<std::string, std::string> text_;
    std::set<std::string> seen_;
};

Result<CompiledConditions>
compile_conditions(const Scorecard& card, const IssueCategories& categories, Rulebook& book) {
    CompiledConditions conditions;
    const auto enable = [&](const std::string& id, const std::string& text) -> Result<void> {
        if (text.empty()) return {};
        TRY(auto expression, AnswerExpression::parse(text));
        conditions.enable.emplace(id, std::move(expression));
        return {};
    };
    for (const auto& section : card.sections) {
        TRY_VOID(enable(section.id, section.enable_if));
        for (const auto& question : section.questions) {
            const SourcePosition at{card.file, question.place.line, question.place.column};
            TRY_VOID(enable(question.id, question.enable_if));
            if (!question.applies_if.empty()) {
                TRY(const auto id, book.add_expression(question.applies_if, at));
                conditions.applies.emplace(question.id, id);
            }
            if (question.weight_if) {
                TRY(const auto id, book.add_expression(question.weight_if->expr, at));
                conditions.weight.emplace(question.id, id);
            }
        }
    }
    for (const auto& issue : card.issue_steps)
        conditions.steps[name_key(categories.canonical(issue.category))] = issue.steps;
    return conditions;
}

void split_cues(const std::vector<RuleSource>& rules, Pack& pack) {
    for (const auto& cue : pack.card.escalation) {
        SentimentUse use(rules);
        (use.of(cue.rule) ? pack.late_cues : pack.early_cues).push_back(&cue);
    }
}

} // namespace

Result<Pack> load_pack(const std::filesystem::path& folder, const std::string& key, int version) {
    TRY(auto sources, read_sources(folder, key, version, 0));
    if (has_errors(sources.problems)) return std::unexpected(invalid(to_text(sources.problems)));
    if (const auto text = lint_text(sources.lints); !text.empty())
        return std::unexpected(invalid(text));
    auto book = Rulebook::compile(sources.lists, sources.rules);
    if (book.has_errors()) return std::unexpected(invalid(lint_text(book.lints())));
    const auto ids = book.rule_ids();
    const auto problems = lint(sources.card, std::set<std::string>(ids.begin(), ids.end()));
    if (has_errors(problems)) return std::unexpected(invalid(to_text(problems)));

    TRY(auto lexicon, Lexicon::load(folder / "lexicon"));
    TRY(auto categories, IssueCategories::load(folder / "issue_categories.yaml"));
    TRY(auto conditions, compile_conditions(sources.card, categories, book));
    Pack pack{std::move(sources.card),
              std::move(book),
              std::move(lexicon),
              std::move(categories),
              std::move(conditions),
              {},
              {},
              {}};
    for (const auto& word : pack.book.words())
        pack.words.add(word);
    split_cues(sources.rules, pack);
    return pack;
}

} // namespace hs::analysis
