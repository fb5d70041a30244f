#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "analysis/lexicon.hpp"
#include "analysis/phrase_table.hpp"

namespace hs::analysis {
namespace {

class LexiconFiles : public ::testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(::testing::TempDir()) /
                  ("lexicon_" +
                   std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write(const char* name, const char* text) const { std::ofstream(folder_ / name) << text; }

    std::filesystem::path folder_;
};

TEST(Lexicon, ShippedListsLoad) {
    const auto lexicon = Lexicon::load(std::string(HS_SOURCE_DIR) + "/scorecards/lexicon");
    ASSERT_TRUE(lexicon) << lexicon.error().message;
    EXPECT_GE(lexicon->word_count(), 1200u);
    EXPECT_GE(lexicon->idiom_count(), 150u);
    EXPECT_EQ(lexicon->hash().size(), 64u);
}

TEST_F(LexiconFiles, HashFollowsTheText) {
    write("a.yaml", "groups: [{name: praise, weight: 2, words: good}]");
    const auto first = Lexicon::load(folder_);
    ASSERT_TRUE(first) << first.error().message;
    const std::string hash = first->hash();
    EXPECT_EQ(Lexicon::load(folder_)->hash(), hash);
    write("a.yaml", "groups: [{name: praise, weight: 3, words: good}]");
    EXPECT_NE(Lexicon::load(folder_)->hash(), hash);
}

TEST_F(LexiconFiles, MistakesNameFileAndLine) {
    EXPECT_EQ(Lexicon::load(folder_ / "nowhere").error().code, "lexicon.missing");
    write("a.yaml", "groups:\n  - name: x\n    weight: 9\n    words: good\n");
    const auto weight = Lexicon::load(folder_);
    ASSERT_FALSE(weight);
    EXPECT_EQ(weight.error().code, "lexicon.invalid");
    EXPECT_TRUE(weight.error().message.starts_with("a.yaml:2:")) << weight.error().message;
    write("a.yaml", "groups:\n  - name: x\n    cue: joyful\n");
    EXPECT_FALSE(Lexicon::load(folder_));
    for (const auto* text :
         {"groups: \"open\n", "groups: 7\n", "groups:\n  - name: x\n    weight: heavy\n"}) {
        write("a.yaml", text);
        const auto wrong = Lexicon::load(folder_);
        ASSERT_FALSE(wrong) << text;
        EXPECT_EQ(wrong.error().code, "lexicon.invalid");
    }
}

int value_at(const PhraseTable& table, std::string_view text, std::size_t at = 0) {
    const auto read = tokenise_text(text);
    const auto ids = table.resolve(read.tokens);
    return table.longest(ids, at).value;
}

TEST(PhraseTable, SlotsAlternativesAndNumbers) {
    PhraseTable table;
    ASSERT_TRUE(table.add("for [num] hours|days", 1));
    ASSERT_TRUE(table.add("thank you? so much", 2));
    ASSERT_TRUE(table.add("thank", 3));
    ASSERT_TRUE(table.add("my _ is stuck", 4));
    EXPECT_EQ(value_at(table, "for two hours"), 1);
    EXPECT_EQ(value_at(table, "for 12 days"), 1);
    EXPECT_EQ(value_at(table, "for many days"), -1);
    EXPECT_EQ(value_at(table, "thank you so much"), 2);
    EXPECT_EQ(value_at(table, "thank so much"), 2);
    EXPECT_EQ(value_at(table, "thank you"), 3);
    EXPECT_EQ(value_at(table, "my battery is stuck"), 4);
    EXPECT_FALSE(table.add("", 5));
    EXPECT_FALSE(table.add("a b c d e f g h i", 5));
}

TEST(PhraseTable, FindsEachOfManyPhrases) {
    // Words of consonants and digits only, so no two of them are spellings of one word.
    const auto word = [](int i) { return "k" + std::to_string(1000 + i) + "t"; };
    PhraseTable table;
    for (int i = 0; i < 2000; ++i)
        ASSERT_TRUE(table.add(word(i) + " " + word((i * 7) % 2000) + " " + word(i / 2), i));
    for (int i = 0; i < 2000; ++i) {
        const auto found = tokenise_text(word(i) + " " + word((i * 7) % 2000) + " " + word(i / 2));
        const auto match = table.longest(table.resolve(found.tokens), 0);
        EXPECT_EQ(match.value, i);
        EXPECT_EQ(match.length, 3);
        const auto other = tokenise_text(word(i) + " " + word((i * 7) % 2000) + " nothing");
        EXPECT_EQ(table.longest(table.resolve(other.tokens), 0).value, -1);
    }
}

TEST(PhraseTable, ScriptsAndSpellingsAreEqual) {
    PhraseTable table;
    ASSERT_TRUE(table.add("khul gaya", 1));
    EXPECT_EQ(value_at(table, "खुल गया"), 1);
    EXPECT_EQ(value_at(table, "khul gayaa"), 1);
    PhraseTable distinct;
    distinct.keep_distinct("kaam");
    distinct.keep_distinct("kam");
    ASSERT_TRUE(distinct.add("kam", 1));
    EXPECT_EQ(value_at(distinct, "kam"), 1);
    EXPECT_EQ(value_at(distinct, "kaam"), -1);
}

} // namespace
} // namespace hs::analysis
