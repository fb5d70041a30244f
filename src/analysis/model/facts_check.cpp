#include "analysis/model/facts_check.hpp"

#include <algorithm>
#include <array>

#include "analysis/text/tokens.hpp"

namespace hs::analysis {

namespace {

// Days in the three ways they are said; the number is what they mean, so that a text in English may
// tell of a call in Hindi.
struct NamedDay {
    std::string_view word;
    int meaning;
};

constexpr std::array days{
    NamedDay{"monday", 1},     NamedDay{"somvar", 1},    NamedDay{"tuesday", 2},
    NamedDay{"mangalvar", 2},  NamedDay{"wednesday", 3}, NamedDay{"budhvar", 3},
    NamedDay{"thursday", 4},   NamedDay{"guruvar", 4},   NamedDay{"friday", 5},
    NamedDay{"shukravar", 5},  NamedDay{"saturday", 6},  NamedDay{"shanivar", 6},
    NamedDay{"sunday", 7},     NamedDay{"ravivar", 7},   NamedDay{"today", 8},
    NamedDay{"aaj", 8},        NamedDay{"tomorrow", 9},  NamedDay{"yesterday", 9},
    NamedDay{"kal", 9},        NamedDay{"tonight", 10},  NamedDay{"january", 21},
    NamedDay{"february", 22},  NamedDay{"march", 23},    NamedDay{"april", 24},
    NamedDay{"june", 26},      NamedDay{"july", 27},     NamedDay{"august", 28},
    NamedDay{"september", 29}, NamedDay{"october", 30},  NamedDay{"november", 31},
    NamedDay{"december", 32}};

/// What a token says about figures and days; empty when it says nothing.
std::string fact_of(const Token& token) {
    // "one of them" counts nothing.
    if (token.is_number && token.number == 1 && token.text == "one") return {};
    if (token.is_number) return "n" + std::to_string(token.number);
    static const auto keys = [] {
        std::array<WordKeys, days.size()> out;
        for (std::size_t i = 0; i < days.size(); ++i)
            out[i] = fold(days[i].word);
        return out;
    }();
    for (std::size_t i = 0; i < days.size(); ++i)
        if (same_word(keys[i], *token.keys)) return "d" + std::to_string(days[i].meaning);
    return {};
}

} // namespace

CallFacts::CallFacts(const Transcript& transcript, std::string_view metadata) {
    const auto said = tokenise(transcript);
    for (const auto& token : said.tokens)
        known_.insert(fact_of(token));
    const auto known = tokenise_text(metadata);
    for (const auto& token : known.tokens)
        known_.insert(fact_of(token));
    known_.insert(std::string());
}

bool CallFacts::hold(std::string_view text) const {
    const auto words = tokenise_text(text);
    return std::ranges::all_of(words.tokens,
                               [&](const Token& token) { return known_.contains(fact_of(token)); });
}

} // namespace hs::analysis
