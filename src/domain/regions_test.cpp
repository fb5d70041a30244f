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

} // namespace
} // namespace hs
