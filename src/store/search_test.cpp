#include <gtest/gtest.h>

#include "store/search.hpp"

namespace hs::store {
namespace {

TEST(WantedWords, AreThoseThatACallHasToHave) {
    EXPECT_EQ(wanted_words("refund battery"), "refund battery");
    EXPECT_EQ(wanted_words("refund -battery smoke"), "refund smoke");
    EXPECT_EQ(wanted_words("\"consumer court\" or police"), "consumer court police");
    EXPECT_EQ(wanted_words("-\"not this one\" but this"), "but this");
    EXPECT_EQ(wanted_words("\"or else\""), "or else");
    EXPECT_EQ(wanted_words("re-login"), "re-login");
    EXPECT_EQ(wanted_words("-only"), "");
    EXPECT_EQ(wanted_words(""), "");
}

TEST(TakenApart, OffsetsCountCodePoints) {
    const auto plain = taken_apart("I want my \x02refund\x03 today.");
    EXPECT_EQ(plain.text, "I want my refund today.");
    EXPECT_EQ(plain.highlights, (std::vector<Highlight>{{10, 16}}));
    const auto hindi = taken_apart("मेरा \x02रिफंड\x03 और \x02बैटरी\x03");
    EXPECT_EQ(hindi.text, "मेरा रिफंड और बैटरी");
    EXPECT_EQ(hindi.highlights, (std::vector<Highlight>{{5, 10}, {14, 19}}));
    EXPECT_TRUE(taken_apart("nothing").highlights.empty());
}

} // namespace
} // namespace hs::store
