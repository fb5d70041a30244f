#include <gtest/gtest.h>

#include "base/csv.hpp"

namespace hs {
namespace {

TEST(Csv, ReadsRowsByColumnName) {
    const auto table = parse_csv("Name,State\nPune, Maharashtra \n\nDelhi,\n");
    ASSERT_TRUE(table);
    ASSERT_EQ(table->rows.size(), 2U);
    EXPECT_EQ(table->rows[0].at("name"), "Pune");
    EXPECT_EQ(table->rows[0].at("state"), "Maharashtra");
    EXPECT_EQ(table->rows[1].at("state"), "");
}

TEST(Csv, QuotesMayHoldCommasQuotesAndLineBreaks) {
    const auto table = parse_csv("name,note\r\n\"Rao, Meera\",\"said \"\"yes\"\"\nthen no\"\r\n");
    ASSERT_TRUE(table);
    EXPECT_EQ(table->rows[0].at("name"), "Rao, Meera");
    EXPECT_EQ(table->rows[0].at("note"), "said \"yes\"\nthen no");
}

TEST(Csv, NamesTheLineThatIsWrong) {
    const auto uneven = parse_csv("a,b\n1,2\n3\n");
    ASSERT_FALSE(uneven);
    EXPECT_EQ(uneven.error().message, "line 3: 1 cells where the header has 2");
    EXPECT_FALSE(parse_csv("a,b\n\"1,2\n"));
    EXPECT_FALSE(parse_csv(""));
    EXPECT_FALSE(parse_csv("a\n\xff\n"));
}

} // namespace
} // namespace hs
