#include <random>
#include <set>

#include <gtest/gtest.h>

#include "analysis/rules/matcher.hpp"

namespace hs::analysis {
namespace {

/// A slot of the reference matcher: the words it takes, any word, or nothing.
struct PlainSlot {
    std::set<std::string> words;
    bool any = false;
    bool optional = false;
};

/// Tries everything, one word at a time: the last word of the shortest match, or -1.
void search(const std::vector<PlainSlot>& slots,
            const std::vector<std::string>& words,
            std::size_t slot,
            std::size_t at,
            int gap,
            bool begun,
            int& best) {
    if (slot == slots.size()) {
        if (begun && (best < 0 || static_cast<int>(at) - 1 < best)) best = static_cast<int>(at) - 1;
        return;
    }
    if (slots[slot].optional) search(slots, words, slot + 1, at, gap, begun, best);
    if (at == words.size()) return;
    if (slots[slot].any || slots[slot].words.contains(words[at]))
        search(slots, words, slot + 1, at + 1, gap, true, best);
    if (begun && gap > 0) search(slots, words, slot, at + 1, gap - 1, true, best);
}

TEST(Matcher, EqualsANaiveOne) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::vector<std::string> alphabet = {"red", "blue", "green", "grey"};
    const auto word = [&] { return alphabet[random() % alphabet.size()]; };
    for (int round = 0; round < 3000; ++round) {
        std::vector<PlainSlot> slots(1 + random() % 4);
        std::string text;
        bool concrete = false;
        for (auto& slot : slots) {
            slot.any = random() % 5 == 0;
            slot.optional = random() % 4 == 0;
            slot.words.insert(word());
            if (random() % 3 == 0) slot.words.insert(word());
            concrete |= !slot.any && !slot.optional;
            if (!text.empty()) text += ' ';
            std::string choices;
            for (const auto& each : slot.words)
                choices += (choices.empty() ? "" : "|") + each;
            text += slot.any ? "_" : choices;
            if (slot.optional) text += '?';
        }
        if (!concrete) continue;
        const int gap = static_cast<int>(random() % 3);
        std::vector<std::string> words(random() % 10);
        Transcript call;
        Turn turn;
        for (auto& each : words) {
            each = word();
            turn.text += each + " ";
        }
        interpolate_words(turn);
        call.turns.push_back(turn);

        Vocabulary vocabulary;
        std::vector<SlotClass> classes;
        std::vector<Lint> lints;
        std::vector<Pattern> patterns(1);
        PatternReader reader(
            vocabulary, classes, lints, nullptr, [](void*, const std::string&) { return -1; });
        ASSERT_TRUE(reader.read({text, {}}, gap, {}, patterns[0])) << text;
        PatternIndex index;
        index.build(vocabulary, patterns, classes);
        const auto found = index.run(tokenise(call), false)[0];

        std::vector<std::pair<int, int>> expected;
        for (std::size_t start = 0; start < words.size(); ++start) {
            int best = -1;
            search(slots, words, 0, start, gap, false, best);
            if (best >= 0) expected.emplace_back(static_cast<int>(start), best);
        }
        std::vector<std::pair<int, int>> got;
        for (const auto& match : found)
            got.emplace_back(match.from, match.to);
        EXPECT_EQ(got, expected) << text << "/" << gap << " in " << turn.text;
    }
}

TEST(Vocabulary, DistanceCountsSwaps) {
    EXPECT_EQ(bounded_distance("refund", "refund", 2), 0);
    EXPECT_EQ(bounded_distance("refund", "refudn", 2), 1);
    EXPECT_EQ(bounded_distance("registered", "registerd", 2), 1);
    EXPECT_EQ(bounded_distance("abc", "xyz", 2), 3);
    EXPECT_EQ(bounded_distance("", "ab", 2), 2);
}

} // namespace
} // namespace hs::analysis
