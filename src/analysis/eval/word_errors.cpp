#include "analysis/eval/word_errors.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "analysis/text/tokens.hpp"

namespace hs::analysis {

namespace {

/// Role by role, so that overlapping speech in another order is no error.
std::vector<std::string> words_of(const TokenText& text, const Transcript& call) {
    std::vector<std::string> words;
    for (const auto role : {Role::agent, Role::customer, Role::system, Role::unknown})
        for (std::size_t i = 0; i < call.turns.size(); ++i) {
            if (call.turns[i].role != role) continue;
            const auto [from, to] = text.turn_ranges[i];
            for (int t = from; t < to; ++t) {
                const auto& token = text.tokens[static_cast<std::size_t>(t)];
                words.emplace_back(token.is_number ? token.digits : token.text);
            }
        }
    return words;
}

} // namespace

WordErrors word_errors(const Transcript& script, const Transcript& heard) {
    const auto said = words_of(tokenise(script), script);
    const auto got = words_of(tokenise(heard), heard);
    std::vector<int> row(got.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= said.size(); ++i) {
        int diagonal = row[0];
        row[0] = static_cast<int>(i);
        for (std::size_t j = 1; j <= got.size(); ++j) {
            const int change = diagonal + (said[i - 1] == got[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
        }
    }
    return {row.back(), static_cast<int>(said.size())};
}

} // namespace hs::analysis
