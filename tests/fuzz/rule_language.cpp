/// Any text as a rule expression, as a list entry and as a transcript: refused or compiled, and
/// every match quotable.
///
/// Input: the expression up to the first line break, then what is said.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "analysis/rules/rulebook.hpp"

namespace {

hs::Transcript call_of(const std::string& text) {
    hs::Transcript call;
    for (const auto role : {hs::Role::agent, hs::Role::customer}) {
        hs::Turn turn;
        turn.index = static_cast<int>(call.turns.size()) + 1;
        turn.role = role;
        turn.text = text;
        turn.end_ms = 1000;
        hs::interpolate_words(turn);
        call.turns.push_back(turn);
    }
    return call;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto half = text.find('\n');
    const auto expression = text.substr(0, half);
    const auto speech = half == std::string::npos ? text : text.substr(half + 1);

    hs::analysis::ListSource list;
    list.name = "x";
    list.entries.push_back({{expression, {}}, {}, {}});
    auto book = hs::analysis::Rulebook::compile({list}, {});
    const auto id = book.add_expression(expression);
    const auto set = book.add_expression("[negated ok] @x");
    const auto call = call_of(speech);
    const auto tokens = hs::analysis::tokenise(call);
    hs::analysis::RuleRun run(book, {call, tokens, nullptr, nullptr, {}, nullptr});
    for (const auto& expression_id : {id, set}) {
        if (!expression_id) continue;
        for (const auto& span : run.evaluate(*expression_id).spans)
            if (run.evidence(span).empty()) std::abort();
    }
    return 0;
}

#include "seeds_main.hpp"
