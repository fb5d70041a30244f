#include <gtest/gtest.h>

#include "api/line_diff.hpp"

namespace hs::api {
namespace {

/// " same", "-gone", "+new", one after the other.
std::string diff(const std::string& older, const std::string& newer) {
    std::string out;
    for (const auto& line : line_diff(older, newer)) {
        const std::string change = line.change;
        out += (change == "same" ? " " : change == "removed" ? "-" : "+") + line.text + "|";
    }
    return out;
}

TEST(LineDiff, SaysWhatLeftAndWhatCameInPlace) {
    EXPECT_EQ(diff("a\nb\nc", "a\nc"), " a|-b| c|");
    EXPECT_EQ(diff("a\nc", "a\nb\nc"), " a|+b| c|");
    EXPECT_EQ(diff("a\nb\nc", "a\nx\nc"), " a|-b|+x| c|");
    EXPECT_EQ(diff("a\nb\nb", "b\nb\na"), "-a| b| b|+a|");
    EXPECT_EQ(diff("same\ntext", "same\ntext"), " same| text|");
}

TEST(LineDiff, LinesAreNumberedOnBothSides) {
    const auto lines = around_changes(line_diff("a\nb\nc\nd\ne", "a\nb\nx\nd\ne"), 1);
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0].text, "b");
    EXPECT_EQ(lines[0].before, 2);
    EXPECT_EQ(lines[1].before, 3);
    EXPECT_EQ(lines[1].after, 0);
    EXPECT_EQ(lines[2].before, 0);
    EXPECT_EQ(lines[2].after, 3);
    EXPECT_EQ(lines[3].text, "d");
}

TEST(LineDiff, TextsThatDifferAllOverAreToldAsAWhole) {
    std::string older;
    std::string newer;
    for (int i = 0; i < 2000; ++i) {
        older += "o" + std::to_string(i) + "\n";
        newer += "n" + std::to_string(i) + "\n";
    }
    const auto lines = line_diff("head\n" + older, "head\n" + newer);
    ASSERT_EQ(lines.size(), 4002U);
    EXPECT_STREQ(lines[0].change, "same");
    EXPECT_STREQ(lines[1].change, "removed");
    EXPECT_STREQ(lines[2000].change, "removed");
    EXPECT_STREQ(lines[2001].change, "added");
    EXPECT_STREQ(lines[4001].change, "same");
}

} // namespace
} // namespace hs::api
