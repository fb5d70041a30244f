/// Any text as a rule expression, as a list entry and as a transcript: refused or compiled, and
/// every match quotable. Compiled with -fsanitize=fuzzer it searches; with -DHS_FUZZ_SEEDS it is a
/// plain program that changes a few built-in seeds at random some thousand times.
///
/// Input: the expression up to the first line break, then what is said.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
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

#ifdef HS_FUZZ_SEEDS
int main(int argc, char** argv) {
    const auto seed = argc > 1 ? static_cast<unsigned>(std::atol(argv[1])) : std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    const std::string seeds[] = {
        "[agent, first 2 turns] \"tell|give @x\"/6 near/3 \"otp\"\nplease tell me the O T P",
        "not \"[num:4..6] days?\" then within 20s event(hold) > 5 s\nfive to seven working days",
        "count(\"kripya bata*\") >= 2 or meta.a in (\"b\", c)\nकृपया ओटीपी मत बताइए",
        "[negated ok] \"~release %phone =Exact _\" reply sentiment < 0\nI have not released it"};
    for (int round = 0; round < 20'000; ++round) {
        auto text = seeds[random() % std::size(seeds)];
        for (auto changes = 1 + random() % 6; changes > 0 && !text.empty(); --changes) {
            const auto at = random() % text.size();
            switch (random() % 3) {
            case 0: text[at] = static_cast<char>(random() % 256); break;
            case 1: text.erase(at, 1 + random() % 4); break;
            default: text.insert(at, text.substr(random() % text.size(), random() % 12)); break;
            }
        }
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
    }
    return 0;
}
#endif
