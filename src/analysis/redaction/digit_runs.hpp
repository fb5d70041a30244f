/// Runs of digits in what was said: words and figures joined across fillers, turns and read-backs.
#pragma once

#include <string>
#include <vector>

#include "analysis/redaction/spoken_words.hpp"

namespace hs::analysis::redaction {

/// One number as spoken: "nine", "ninety eight", "double zero", "98310", "two hundred".
struct DigitGroup {
    int word_from = 0;
    int word_to = 0;
    std::string digits;
    bool multiplied = false; // hundred, thousand: a quantity unless the run is far too long for one
    bool split_after = false; // a sentence ends here
};

struct DigitRun {
    int turn = 0; // index from 0
    std::vector<DigitGroup> groups{};
    bool plus = false;
    bool quantity = false;   // stands before a unit or after a currency
    bool place = false;      // stands after slot, station, …
    bool opens_turn = false; // nothing but fillers before it
    bool ends_turn = false;  // nothing but fillers after it

    [[nodiscard]] std::string digits() const;

    [[nodiscard]] int word_from() const { return groups.front().word_from; }

    [[nodiscard]] int word_to() const { return groups.back().word_to; }
};

/// Runs of every turn, in order.
[[nodiscard]] std::vector<DigitRun> digit_runs(const std::vector<SpokenTurn>& turns);

/// A number dictated over several turns of one side: indices of its runs, in order, and of the
/// other side's read-backs between them.
struct RunChain {
    std::vector<std::size_t> runs;
    std::vector<std::size_t> read_backs;
};

/// Chains of at least two runs; `taken[i]` runs are complete by themselves and stay out.
[[nodiscard]] std::vector<RunChain> run_chains(const std::vector<SpokenTurn>& turns,
                                               const std::vector<DigitRun>& runs,
                                               const std::vector<bool>& taken);

} // namespace hs::analysis::redaction
