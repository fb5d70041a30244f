// Any bytes as a call: the number of words stays, and no run of ten or more digits is left.
#include "analysis/redaction.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "domain/transcript.hpp"

namespace {

/// One turn a line, agent and customer in turn.
hs::Transcript call_of(std::string_view text) {
    hs::Transcript call;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        hs::Turn turn;
        turn.index = static_cast<int>(call.turns.size()) + 1;
        turn.role = call.turns.size() % 2 == 0 ? hs::Role::agent : hs::Role::customer;
        turn.speaker = call.turns.size() % 2 == 0 ? "ch0" : "ch1";
        turn.text = std::string(text.substr(0, end));
        hs::interpolate_words(turn);
        call.turns.push_back(std::move(turn));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return call;
}

/// Figures in a row, across words that hold nothing but figures and separators.
bool long_run_survives(const hs::Turn& turn) {
    int run = 0;
    for (const hs::Word& word : turn.words) {
        int figures = 0;
        bool other = false;
        for (const char c : word.text) {
            if (c >= '0' && c <= '9')
                ++figures;
            else if (c != '-' && c != '.' && c != ',' && c != '(' && c != ')')
                other = true;
        }
        if (other || figures == 0) {
            if (figures >= 10) return true;
            run = 0;
            continue;
        }
        // Thousands groups, decimals and clock times are quantities wherever they stand.
        const bool separated = word.text.find_first_of(",.") != std::string::npos;
        run = separated ? 0 : run + figures;
        if (run >= 10) return true;
    }
    return false;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const hs::Transcript call = call_of(text);
    const auto spans = hs::analysis::find_personal_data(call, {"Asha Kumar", "Ravi"});
    const hs::Transcript masked = hs::analysis::redacted(call, spans);
    for (std::size_t t = 0; t < call.turns.size(); ++t) {
        if (masked.turns[t].words.size() != call.turns[t].words.size()) std::abort();
        if (long_run_survives(masked.turns[t])) std::abort();
    }
    static_cast<void>(hs::analysis::redacted_text(text, {"Asha Kumar", ""}));
    return 0;
}

#include "seeds_main.hpp"
