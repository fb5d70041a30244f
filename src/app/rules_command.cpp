/// `rules test FILE…`: compiles the rules of scorecards and runs their embedded tests.
#include <iostream>
#include <ostream>
#include <span>
#include <string>

#include <yaml-cpp/yaml.h>

#include "analysis/rules/rulebook.hpp"
#include "app/commands.hpp"
#include "base/files.hpp"

namespace hs::app {

namespace {

constexpr const char* usage = "usage: hacksmart rules test FILE...\n";

struct Count {
    int errors = 0;
    int warnings = 0;
};

void print(const std::vector<analysis::Lint>& lints, Count& count) {
    for (const auto& lint : lints) {
        std::cout << to_string(lint) << '\n';
        ++(lint.severity == analysis::LintSeverity::error ? count.errors : count.warnings);
    }
}

/// True when the file could be read as YAML; `document` is it then.
bool load(const std::string& file, YAML::Node& document, Count& count) {
    const auto text = read_file(file);
    if (!text) {
        std::cerr << file << ": " << text.error().message << '\n';
        return false;
    }
    try {
        document = YAML::Load(*text);
    } catch (const YAML::Exception& error) {
        print({{analysis::LintSeverity::error,
                "E01",
                {file, error.mark.line + 1, error.mark.column + 1},
                error.msg,
                {}}},
              count);
        return false;
    }
    return true;
}

void test_file(const std::string& file, const YAML::Node& document, Count& count) {
    std::vector<analysis::Lint> shape;
    if (!document.IsMap()) {
        shape.push_back(
            {analysis::LintSeverity::error, "E01", {file, 1, 1}, "not a scorecard", {}});
        return print(shape, count);
    }
    auto lists = analysis::read_lists(document["lists"], file, shape);
    auto rules = analysis::read_rules(document["rules"], file, shape);
    const auto book = analysis::Rulebook::compile(std::move(lists), std::move(rules));
    print(shape, count);
    print(book.lints(), count);
    const auto failures = book.run_tests();
    print(failures, count);
    std::cout << file << ": " << book.rule_ids().size() << " rules, "
              << book.test_count() - failures.size() << " of " << book.test_count()
              << " tests passed\n";
}

} // namespace

int rules_command(std::span<const std::string> args) {
    if (args.size() < 2 || args[0] != "test") {
        std::cerr << usage;
        return 2;
    }
    Count count;
    bool unreadable = false;
    for (const auto& file : args.subspan(1)) {
        YAML::Node document;
        if (load(file, document, count)) {
            test_file(file, document, count);
        } else {
            unreadable = true;
        }
    }
    if (count.errors + count.warnings > 0)
        std::cout << count.errors << " errors, " << count.warnings << " warnings\n";
    return count.errors > 0 || unreadable ? 1 : 0;
}

} // namespace hs::app
