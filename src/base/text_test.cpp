#include <gmock/gmock.h>

#include "base/text.hpp"

using namespace hs;

TEST(Utf8, TellsValidFromBroken) {
    EXPECT_TRUE(valid_utf8("plain, नमस्ते, 😀"));
    for (const std::string_view text :
         {"\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "ok\xFF"})
        EXPECT_FALSE(valid_utf8(text));
}

TEST(Utf8, CountsAndCutsCodePoints) {
    EXPECT_EQ(character_count("नमस्ते"), 6u);
    EXPECT_EQ(truncate_utf8("aé", 2), "a");
    EXPECT_EQ(truncate_utf8("aé", 3), "aé");
    EXPECT_EQ(truncate_utf8("😀", 3), "");
    EXPECT_EQ(utf8(code_points("a😀é")), "a😀é");
}

TEST(Utf8, FindsControlCharacters) {
    EXPECT_FALSE(has_control_characters("a b ­é"));
    for (const std::string_view text : {"a\tb", "a\n", "\x7F", "\xC2\x85", "\x1B[0m"})
        EXPECT_TRUE(has_control_characters(text));
}

TEST(NormalForms, ComposeAndFold) {
    EXPECT_EQ(nfc("e\xCC\x81"), "é");
    EXPECT_EQ(nfkc("ﬁ½ＡＢＣ"), "fi1⁄2ABC");
    EXPECT_THROW((void)nfc("\xFF"), std::invalid_argument);
}

TEST(NormalForms, NameKeysMeet) {
    EXPECT_EQ(name_key("  Ása\t \xC2\xA0 RAO "), "ása rao");
    EXPECT_EQ(name_key("A\xCC\x81sa Rao"), name_key("ása  rao"));
    EXPECT_EQ(name_key(" \t "), "");
    EXPECT_EQ(to_lower("ÀÉ Ж"), "àé ж");
}

TEST(Strings, SmallWork) {
    EXPECT_EQ(trim(" \r\n a b \t"), "a b");
    EXPECT_THAT(split("a,,b,", ','), testing::ElementsAre("a", "", "b", ""));
    EXPECT_THAT(split("", ','), testing::ElementsAre(""));
    EXPECT_TRUE(iequals_ascii("Content-TYPE", "content-type"));
    EXPECT_FALSE(iequals_ascii("a", "ab"));
    EXPECT_FALSE(iequals_ascii("[", "{"));
}

TEST(Strings, EditDistanceCountsSwaps) {
    EXPECT_EQ(edit_distance(U"", U"abc"), 3u);
    EXPECT_EQ(edit_distance(U"kitten", U"sitting"), 3u);
    EXPECT_EQ(edit_distance(U"mumbai", U"mumabi"), 1u);
    EXPECT_EQ(edit_distance(U"नमस्ते", U"नमस्ते"), 0u);
}
