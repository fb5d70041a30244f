#include "analysis/rules/rule_source.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace hs::analysis {

namespace {

SourcePosition position_of(const YAML::Node& node, const std::string& file) {
    const auto mark = node.Mark();
    if (mark.is_null()) return {file, 0, 0};
    // A quoted scalar is marked at its quote; messages point at the text.
    const bool quoted = node.IsScalar() && node.Tag() == "!";
    return {file, mark.line + 1, mark.column + 1 + (quoted ? 1 : 0)};
}

/// Reads the parts of a scorecard that hold rules; every oddity becomes a lint.
class Reader {
public:
    Reader(const std::string& file, std::vector<Lint>& lints) : file_(file), lints_(lints) {}

    RuleSource rule(const YAML::Node& node) {
        RuleSource rule;
        rule.at = position_of(node, file_);
        if (!node.IsMap()) {
            error(node, "a rule is a mapping with an id");
            return rule;
        }
        for (const auto& entry : node) {
            const auto key = entry.first.Scalar();
            const auto& value = entry.second;
            if (key == "id") {
                rule.id = scalar(value);
                rule.at = position_of(value, file_);
            } else if (key == "title") {
                rule.title = title(value);
            } else if (key == "applies") {
                rule.applies = text(value);
            } else if (key == "fail") {
                rule.fail = text(value);
            } else if (key == "pass") {
                rule.pass = text(value);
            } else if (key == "else") {
                rule.otherwise = scalar(value);
            } else if (key == "anchor") {
                rule.anchor = scalar(value);
            } else if (key == "tests") {
                read_tests(value, rule);
            } else {
                error(entry.first, fmt::format("a rule has no field {}", key));
            }
        }
        if (rule.id.empty()) error(node, "a rule needs an id");
        return rule;
    }

    ListSource list(const YAML::Node& name, const YAML::Node& node) {
        ListSource list;
        list.name = name.Scalar();
        list.at = position_of(name, file_);
        list.fuzzy = list.name != "secret";
        auto entries = node;
        if (node.IsMap()) {
            if (node["fuzzy"]) list.fuzzy = node["fuzzy"].as<bool>(list.fuzzy);
            entries.reset(node["entries"]);
        }
        if (!entries || !entries.IsSequence()) {
            error(node, fmt::format("the list {} is a sequence of entries", list.name));
            return list;
        }
        for (const auto& entry : entries)
            list.entries.push_back(list_entry(entry));
        return list;
    }

    void error(const YAML::Node& node, std::string message) {
        lints_.push_back(
            {LintSeverity::error, "E01", position_of(node, file_), std::move(message), {}});
    }

private:
    std::string scalar(const YAML::Node& node) {
        if (node.IsScalar()) return node.Scalar();
        if (!node.IsNull()) error(node, "expected one value");
        return {};
    }

    static std::string title(const YAML::Node& node) {
        if (node.IsScalar()) return node.Scalar();
        if (!node.IsMap() || node.size() == 0) return {};
        const auto& best = node["en"] ? node["en"] : node.begin()->second;
        return best.IsScalar() ? best.Scalar() : std::string();
    }

    SourceText text(const YAML::Node& node) {
        if (node.IsNull()) return {};
        return {scalar(node), position_of(node, file_)};
    }

    std::vector<std::string> words(const YAML::Node& node) {
        std::vector<std::string> found;
        if (node.IsScalar()) found.push_back(node.Scalar());
        if (node.IsSequence())
            for (const auto& word : node)
                found.push_back(scalar(word));
        return found;
    }

    ListEntry list_entry(const YAML::Node& node) {
        ListEntry entry;
        if (node.IsScalar()) {
            entry.pattern = text(node);
            return entry;
        }
        if (!node.IsMap()) {
            error(node, "a list entry is words, or a mapping with words");
            return entry;
        }
        for (const auto& field : node) {
            const auto key = field.first.Scalar();
            if (key == "words" || key == "pattern") {
                entry.pattern = text(field.second);
            } else if (key == "not_before") {
                entry.not_before = words(field.second);
            } else if (key == "not_after") {
                entry.not_after = words(field.second);
            } else if (key == "gap") {
                entry.pattern.text += "/" + scalar(field.second);
            } else {
                error(field.first, fmt::format("a list entry has no field {}", key));
            }
        }
        return entry;
    }

    void read_tests(const YAML::Node& node, RuleSource& rule) {
        if (node.IsNull()) return;
        if (!node.IsSequence()) return error(node, "tests are a sequence");
        for (const auto& item : node)
            if (item.IsMap()) {
                rule.tests.push_back(test(item));
            } else {
                error(item, "a test is a mapping such as {agent: \"…\", want: pass}");
            }
    }

    RuleTest test(const YAML::Node& node) {
        RuleTest test;
        test.at = position_of(node, file_);
        for (const auto& field : node) {
            const auto key = field.first.Scalar();
            const auto& value = field.second;
            if (key == "want") {
                test.want = scalar(value);
            } else if (key == "machine") {
                test.machine = value.as<bool>(false);
            } else if (key == "meta" && value.IsMap()) {
                for (const auto& pair : value)
                    test.meta[pair.first.Scalar()] = scalar(pair.second);
            } else if (key == "turns" && value.IsSequence()) {
                for (const auto& line : value)
                    if (line.IsMap())
                        for (const auto& said : line)
                            add_line(said.first.Scalar(), said.second, test);
            } else {
                add_line(key, value, test);
            }
        }
        if (test.want.empty()) error(node, "a test says what it wants: pass, fail, na, uncertain");
        return test;
    }

    void add_line(const std::string& who, const YAML::Node& node, RuleTest& test) {
        const auto role = parse_role(who);
        if (role == Role::unknown && who != "unknown")
            return error(node, fmt::format("nobody is called {} in a test", who));
        test.turns.emplace_back(role, scalar(node));
    }

    const std::string& file_;
    std::vector<Lint>& lints_;
};

} // namespace

std::vector<RuleSource>
read_rules(const YAML::Node& rules, const std::string& file, std::vector<Lint>& lints) {
    std::vector<RuleSource> sources;
    Reader reader(file, lints);
    if (!rules || rules.IsNull()) return sources;
    if (!rules.IsSequence()) {
        reader.error(rules, "rules are a sequence");
        return sources;
    }
    for (const auto& rule : rules)
        sources.push_back(reader.rule(rule));
    return sources;
}

std::vector<ListSource>
read_lists(const YAML::Node& lists, const std::string& file, std::vector<Lint>& lints) {
    std::vector<ListSource> sources;
    Reader reader(file, lints);
    if (!lists || lists.IsNull()) return sources;
    if (!lists.IsMap()) {
        reader.error(lists, "lists are a mapping of names to entries");
        return sources;
    }
    for (const auto& list : lists)
        sources.push_back(reader.list(list.first, list.second));
    return sources;
}

} // namespace hs::analysis
