#include <gtest/gtest.h>

#include "pg/text_format.hpp"

namespace hs::pg {
namespace {

TEST(TextFormat, TimestampsOfAnyOffset) {
    const Time at = *parse_timestamp("2026-02-03 08:35:12.48+00");
    EXPECT_EQ(timestamp_text(at), "2026-02-03 08:35:12.480000+00");
    EXPECT_EQ(parse_timestamp("2026-02-03 14:05:12.48+05:30"), at);
    EXPECT_EQ(parse_timestamp("2026-02-02 22:35:12.48-10"), at);
    EXPECT_EQ(parse_timestamp("2026-02-03 08:35:12+00"), at - std::chrono::milliseconds(480));
    EXPECT_EQ(parse_timestamp("infinity"), Time::max());
    EXPECT_EQ(timestamp_text(*parse_timestamp("-infinity")), "-infinity");
    for (const char* bad : {"",
                            "2026-02-03",
                            "2026-02-03 08:35:12",
                            "2026-13-03 08:35:12+00",
                            "2026-02-03 08:35:12.+00",
                            "2026-02-03 08:35:12+00x"}) {
        EXPECT_EQ(parse_timestamp(bad), std::nullopt) << bad;
    }
}

TEST(TextFormat, Arrays) {
    using List = std::vector<std::string>;
    EXPECT_EQ(parse_text_array("{}"), List{});
    EXPECT_EQ(parse_text_array("{a,\"b,c\",\"\",NULL,\"NULL\",\"q\\\"\\\\\"}"),
              (List{"a", "b,c", "", "", "NULL", "q\"\\"}));
    EXPECT_EQ(parse_text_array("{{a},{b}}"), std::nullopt);
    EXPECT_EQ(parse_text_array("a"), std::nullopt);
}

} // namespace
} // namespace hs::pg
