// Agents and issue categories over HTTP: added, listed, shown; and the page of a problem.
#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class DirectoryRoutes : public ApiTest {
protected:
    static HttpReply post(const std::string& path, const std::string& body) {
        return server().post_json(path, body);
    }
};

TEST_F(DirectoryRoutes, AgentIsShownAsItWasAdded) {
    const auto added = post("/api/agents", R"({"name":"Sana Khan","languages":["English"]})");
    ASSERT_EQ(added.status, 201) << added.body;
    const auto path = added.header("location");
    EXPECT_EQ(path, "/api/agents/" + std::string(json_of(added).at("id").as_string()));
    const auto shown = get(path);
    EXPECT_EQ(shown.status, 200);
    EXPECT_EQ(json_of(shown), json_of(added));
    EXPECT_EQ(refusal(get(path + "?fields=name")), "400 query.unknown");
    EXPECT_EQ(refusal(get("/api/agents/nobody")), "404 agent.not_found");
    EXPECT_EQ(refusal(get("/api/agents/00000000-0000-4000-8000-00000000abcd")),
              "404 agent.not_found");
}

TEST_F(DirectoryRoutes, IssueCategoryIsListedWithItsAliases) {
    const auto* const body = R"({"name":"Helmet Return","aliases":["helmet"],"emergency":true})";
    const auto added = post("/api/issue-categories", body);
    ASSERT_EQ(added.status, 201) << added.body;
    const auto listed = get_json("/api/issue-categories").at("data").as_array();
    EXPECT_THAT(listed, ::testing::Contains(json_of(added)));
    EXPECT_EQ(refusal(post("/api/issue-categories", body)), "409 issue.exists");
    EXPECT_EQ(refusal(post("/api/issue-categories", "{}")), "400 field.required");
}

TEST_F(DirectoryRoutes, ProblemIsExplainedAsJsonOrAsAPage) {
    const auto plain = get("/problems/audio.too_short");
    EXPECT_EQ(json_of(plain).at("title"), "The recording is too short");
    EXPECT_THAT(plain.header("vary"), HasSubstr("Accept"));
    const auto page =
        get("/problems/audio.too_short", "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n");
    EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
    EXPECT_THAT(page.body, HasSubstr("<h1>The recording is too short</h1>"));
    EXPECT_THAT(page.body, HasSubstr("<code>audio.too_short</code>"));
    EXPECT_EQ(json_of(plain).at("meaning"), "Under one second");
    EXPECT_THAT(page.body, HasSubstr("<p>Under one second</p>"));
    const auto busy = json_of(get("/problems/idempotency.in_progress"));
    EXPECT_EQ(busy.at("what_to_do"), "Wait Retry-After seconds"); // without marks
    for (const auto* const inside : {"<script", "<style", "style=", "onload="})
        EXPECT_THAT(page.body, Not(HasSubstr(inside)));
    EXPECT_THAT(page.header("content-security-policy"), HasSubstr("default-src 'none'"));
    for (const auto* const accept :
         {"*/*", "application/json", "text/html;q=0.4, application/json", "text/html;q=0"}) {
        const auto reply =
            get("/problems/audio.too_short", "Accept: " + std::string(accept) + "\r\n");
        EXPECT_EQ(reply.header("content-type"), "application/json") << accept;
    }
}

TEST_F(DirectoryRoutes, CodeInAPageIsText) {
    const auto page = get("/problems/audio.%3Cscript%3E", "Accept: text/html\r\n");
    EXPECT_THAT(page.body, Not(HasSubstr("<script")));
    EXPECT_THAT(page.body, HasSubstr("audio.&lt;script&gt;"));
    EXPECT_EQ(refusal(get("/problems/nobody.knows", "Accept: text/html\r\n")),
              "404 route.not_found");
}

} // namespace

} // namespace hs::test
