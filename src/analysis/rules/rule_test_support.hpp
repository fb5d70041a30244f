/// Shorthand of the rule tests: calls from lines, rules from YAML.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "analysis/rules/rulebook.hpp"

namespace hs::analysis::rule_test {

using Lines = std::vector<std::pair<Role, std::string>>;

inline constexpr Role agent = Role::agent;
inline constexpr Role customer = Role::customer;

/// Turns of four seconds each, one after the other.
inline Transcript call_of(const Lines& lines, bool machine = false) {
    Transcript call;
    call.machine = machine;
    for (const auto& [role, text] : lines) {
        Turn turn;
        turn.index = static_cast<int>(call.turns.size()) + 1;
        turn.role = role;
        turn.start_ms = call.duration_ms;
        turn.end_ms = call.duration_ms + 4000;
        turn.text = text;
        interpolate_words(turn);
        call.duration_ms = turn.end_ms;
        call.turns.push_back(std::move(turn));
    }
    return call;
}

inline Rulebook book_of(const std::string& yaml, std::vector<Lint>* shape = nullptr) {
    const auto document = YAML::Load(yaml);
    std::vector<Lint> lints;
    auto lists = read_lists(document["lists"], "test.yaml", lints);
    auto rules = read_rules(document["rules"], "test.yaml", lints);
    if (shape != nullptr) *shape = lints;
    return Rulebook::compile(std::move(lists), std::move(rules));
}

struct Heard {
    Truth truth = Truth::unknown;
    std::string quotes; // joined by " / "
    std::string error;
};

struct Situation {
    Lines lines;
    bool machine = false;
    const ConversationMetrics* metrics = nullptr;
    const SentimentResult* sentiment = nullptr;
    std::map<std::string, std::string> meta = {};
};

inline Heard hear(Rulebook& book, const std::string& expression, const Situation& situation) {
    const auto id = book.add_expression(expression);
    if (!id) return {Truth::unknown, {}, id.error().message};
    const auto call = call_of(situation.lines, situation.machine);
    const auto text = tokenise(call);
    RuleRun run(book,
                {call, text, situation.metrics, situation.sentiment, situation.meta, nullptr});
    const auto result = run.evaluate(*id);
    Heard heard{result.truth, {}, {}};
    for (const auto& span : result.spans)
        for (const auto& quote : run.evidence(span))
            heard.quotes += (heard.quotes.empty() ? "" : " / ") + quote.quote;
    return heard;
}

inline Heard hear(const std::string& expression, const Lines& lines) {
    auto book = book_of("{lists: {}, rules: []}");
    return hear(book, expression, {lines});
}

} // namespace hs::analysis::rule_test
