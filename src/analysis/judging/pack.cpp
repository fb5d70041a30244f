#include "analysis/judging/pack.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "analysis/scorecard/lint.hpp"
#include "analysis/scorecard/load.hpp"
#include "analysis/scorecard/review.hpp"
#include "analysis/scorecard/yaml_reader.hpp"
#include "base/crypto.hpp"
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
};

bool is_error(const Diagnostic& problem) {
    return problem.severity == Severity::error;
}

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

/// What a document that is read stands on.
struct Reading {
    const ScorecardTexts& texts;
    int depth = 0;
};

Sources read_document(const Reading& reading, const std::string& text, const std::string& file);

/// The sources of a document that another one extends.
Result<Sources> read_base(const Reading& reading, const std::string& name) {
    if (reading.depth >= deepest_extension)
        return fail(ErrorKind::invalid, "scorecard.invalid", "extends runs in a circle");
    TRY(const auto reference, parse_reference(name));
    TRY(const auto text, reading.texts(reference.first, reference.second));
    return read_document({reading.texts, reading.depth + 1},
                         text,
                         fmt::format("{}/{}.yaml", reference.first, reference.second));
}

/// `child` over what it extends.
void extend(const Reading& reading, const YAML::Node& root, Sources& child) {
    if (child.card.extends.empty() || child.card.extends == "null") return;
    auto found = read_base(reading, child.card.extends);
    if (!found) {
        const auto at = place_of(root["scorecard"]["extends"]);
        const auto& file = child.card.file;
        auto message = fmt::format("{}: {}", child.card.extends, found.error().message);
        child.problems.push_back(
            {Severity::error, "S05", file, at.line, at.column, std::move(message)});
        return;
    }
    auto base = *std::move(found);
    const auto removed = removed_ids(root);
    const auto base_hash = base.card.content_hash;
    child.card = extended(std::move(base.card), child.card, removed);
    // Another base is another scorecard, although the document itself is the same.
    child.card.content_hash = sha256_hex(child.card.content_hash + '\n' + base_hash);
    replace_same(base.lists, std::move(child.lists), [](const ListSource& l) { return l.name; });
    replace_same(base.rules, std::move(child.rules), [](const RuleSource& r) { return r.id; });
    std::erase_if(base.rules, [&](const RuleSource& rule) {
        return std::find(removed.begin(), removed.end(), rule.id) != removed.end();
    });
    child.lists = std::move(base.lists);
    child.rules = std::move(base.rules);
    std::ranges::copy_if(base.problems, std::back_inserter(child.problems), is_error);
}

Diagnostic diagnostic(const Lint& lint) {
    return {lint.severity == LintSeverity::error ? Severity::error : Severity::warning,
            lint.code,
            lint.at.file,
            lint.at.line,
            lint.at.column,
            lint.suggestion.empty() ? lint.message : lint.message + "; " + lint.suggestion};
}

void add_lints(const std::vector<Lint>& lints, std::vector<Diagnostic>& problems) {
    std::ranges::transform(lints, std::back_inserter(problems), diagnostic);
}

Sources read_document(const Reading& reading, const std::string& text, const std::string& file) {
    auto document = read_scorecard(text, file);
    Sources sources;
    sources.card = std::move(document.card);
    sources.problems = std::move(document.problems);
    if (has_errors(sources.problems)) return sources;
    const auto root = YAML::Load(text); // read_scorecard has parsed the same text without error
    std::vector<Lint> lints;
    sources.lists = read_lists(root["lists"], file, lints);
    sources.rules = read_rules(root["rules"], file, lints);
    add_lints(lints, sources.problems);
    extend(reading, root, sources);
    return sources;
}

Error invalid(const std::vector<Diagnostic>& problems) {
    std::vector<Diagnostic> errors;
    std::ranges::copy_if(problems, std::back_inserter(errors), is_error);
    return {ErrorKind::invalid, "scorecard.invalid", to_text(errors), std::nullopt};
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

class Conditions {
public:
    Conditions(const Scorecard& card, Rulebook& book, std::vector<Diagnostic>& problems)
        : card_(card), book_(book), problems_(problems) {}

    CompiledConditions compile(const IssueCategories& categories) {
        for (const auto& section : card_.sections) {
            enable(section.id, section.enable_if, section.place);
            for (const auto& question : section.questions)
                add(question);
        }
        for (const auto& issue : card_.issue_steps)
            out_.steps[name_key(categories.canonical(issue.category))] = issue.steps;
        return std::move(out_);
    }

private:
    void add(const Question& question) {
        enable(question.id, question.enable_if, question.place);
        if (!question.applies_if.empty())
            if (const auto id = expression(question.applies_if, question.place))
                out_.applies.emplace(question.id, *id);
        if (question.weight_if)
            if (const auto id = expression(question.weight_if->expr, question.place))
                out_.weight.emplace(question.id, *id);
    }

    void enable(const std::string& id, const std::string& text, SourcePlace at) {
        if (text.empty()) return;
        auto parsed = AnswerExpression::parse(text);
        if (parsed)
            out_.enable.emplace(id, *std::move(parsed));
        else
            report(parsed.error(), at);
    }

    std::optional<ExpressionId> expression(const std::string& text, SourcePlace at) {
        const auto id = book_.add_expression(text, {card_.file, at.line, at.column});
        if (id) return *id;
        report(id.error(), at);
        return std::nullopt;
    }

    void report(const Error& error, SourcePlace at) {
        problems_.push_back(
            {Severity::error, "S06", card_.file, at.line, at.column, error.message});
    }

    const Scorecard& card_;
    Rulebook& book_;
    std::vector<Diagnostic>& problems_;
    CompiledConditions out_;
};

/// A document compiled as far as it is sound.
struct Built {
    Scorecard card;
    std::vector<RuleSource> rules;
    std::optional<Rulebook> book; // none: not even read
    CompiledConditions conditions;
    std::vector<Diagnostic> problems;
};

Built build(Sources sources, const IssueCategories& categories) {
    Built out;
    out.problems = std::move(sources.problems);
    out.card = std::move(sources.card);
    out.rules = std::move(sources.rules);
    if (has_errors(out.problems)) return out;
    out.book = Rulebook::compile(std::move(sources.lists), out.rules);
    add_lints(out.book->lints(), out.problems);
    const auto ids = out.book->rule_ids();
    std::ranges::copy(lint(out.card, std::set<std::string>(ids.begin(), ids.end())),
                      std::back_inserter(out.problems));
    if (!has_errors(out.problems))
        out.conditions = Conditions(out.card, *out.book, out.problems).compile(categories);
    return out;
}

void split_cues(const std::vector<RuleSource>& rules, Pack& pack) {
    for (const auto& cue : pack.card.escalation) {
        SentimentUse use(rules);
        (use.of(cue.rule) ? pack.late_cues : pack.early_cues).push_back(&cue);
    }
}

} // namespace

Result<std::shared_ptr<const Grounds>> load_grounds(const std::filesystem::path& folder) {
    TRY(auto lexicon, Lexicon::load(folder / "lexicon"));
    TRY(auto categories, IssueCategories::load(folder / "issue_categories.yaml"));
    return std::make_shared<const Grounds>(Grounds{std::move(lexicon), std::move(categories)});
}

Result<Pack> build_pack(std::shared_ptr<const Grounds> grounds,
                        const ScorecardTexts& texts,
                        const std::string& key,
                        int version) {
    TRY(const auto text, texts(key, version));
    const auto file = fmt::format("{}/{}.yaml", key, version);
    auto built = build(read_document({texts}, text, file), grounds->categories);
    if (has_errors(built.problems)) return std::unexpected(invalid(built.problems));
    Pack pack{std::move(built.card),
              *std::move(built.book),
              std::move(grounds),
              std::move(built.conditions),
              {},
              {},
              {}};
    for (const auto& word : pack.book.words())
        pack.words.add(word);
    split_cues(built.rules, pack);
    return pack;
}

Result<Pack> load_pack(const std::filesystem::path& folder, const std::string& key, int version) {
    // The scorecard first: a wrong name is told as such, whatever else the folder lacks.
    TRY_VOID(texts_of(folder)(key, version));
    TRY(auto grounds, load_grounds(folder));
    return build_pack(std::move(grounds), texts_of(folder), key, version);
}

Result<Scorecard>
identify_scorecard(const ScorecardTexts& texts, const std::string& key, int version) {
    TRY(const auto text, texts(key, version));
    auto sources = read_document({texts}, text, fmt::format("{}/{}.yaml", key, version));
    if (has_errors(sources.problems)) return std::unexpected(invalid(sources.problems));
    return std::move(sources.card);
}

ScorecardReview review_scorecard(const Grounds& grounds,
                                 const ScorecardTexts& texts,
                                 const std::string& text,
                                 const std::string& file) {
    auto built = build(read_document({texts}, text, file), grounds.categories);
    ScorecardReview review;
    if (built.book && !has_errors(built.problems)) {
        for (const auto& failure : built.book->run_tests())
            // Tests of what is extended speak of the lists that stood there.
            if (failure.at.file == file) built.problems.push_back(diagnostic(failure));
    }
    for (const auto& rule : built.rules)
        if (rule.at.file == file) review.tests += rule.tests.size();
    review.card = std::move(built.card);
    review.findings = std::move(built.problems);
    return review;
}

} // namespace hs::analysis
