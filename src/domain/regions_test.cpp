#include <gtest/gtest.h>

#include "domain/regions.hpp"

namespace hs {
namespace {

TEST(StateCode, ByNameInAnySpelling) {
    EXPECT_EQ(state_code("Maharashtra"), "IN-MH");
    EXPECT_EQ(state_code("  tamil  NADU "), "IN-TN");
    EXPECT_EQ(state_code("Jammu & Kashmir"), "IN-JK");
    EXPECT_EQ(state_code("Orissa"), state_code("Odisha"));
    EXPECT_EQ(state_code("Ontario"), std::nullopt);
    EXPECT_EQ(state_code(""), std::nullopt);
}

TEST(Regions, EveryCodeHasANameThatLeadsBackToIt) {
    EXPECT_EQ(state_name("IN-MH"), "Maharashtra");
    EXPECT_EQ(state_name("IN-AN"), "Andaman and Nicobar Islands");
    EXPECT_EQ(state_name("IN-PY"), "Puducherry");
    EXPECT_EQ(state_name("IN-DL"), "Delhi");
    EXPECT_EQ(state_name("IN-XX"), std::nullopt);
    for (const auto* code :
         {"IN-AN", "IN-AP", "IN-DH", "IN-JK", "IN-OD", "IN-TN", "IN-UK", "IN-WB"})
        EXPECT_EQ(state_code(state_name(code).value_or("")), code);
}

} // namespace
} // namespace hs
