#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using testing::HasSubstr;

// Whether there is a build or not: the first page answers, and nothing of the API's does as a page.
TEST(DashboardFiles, TheFirstPageIsForEverybodyAndUnknownApiPathsAreNot) {
    const auto& server = UploadTest::server();
    const auto page = server.ask("GET /");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("HackSmart"));
    EXPECT_EQ(page.header("cache-control"), "no-store");
    EXPECT_EQ(server.ask("GET /calls/7", "Accept: text/html\r\n").status, 200);
    EXPECT_EQ(server.ask("GET /calls/7", "Accept: application/json\r\n").status, 404);
    EXPECT_EQ(server.ask("GET /api/nothing", "Accept: text/html\r\n").status, 404);
    EXPECT_EQ(server.ask("GET /assets/nothing.js", "Accept: text/html\r\n").status, 404);
    EXPECT_EQ(server.ask("POST /calls/7").status, 404);
}

} // namespace

} // namespace hs::test
