// Agents and issue categories over HTTP: added, listed, shown; and the page of a problem.
#include <algorithm>

#include <fmt/format.h>

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

/// The texts of one member, over all pages of so many rows.
std::vector<std::string>
all_pages(const WholeServer& server, const std::string& path, const char* member, int limit) {
    std::vector<std::string> seen;
    auto next =
        fmt::format("{}{}limit={}", path, path.find('?') == std::string::npos ? '?' : '&', limit);
    for (int pages = 0; pages < 100 && !next.empty(); ++pages) {
        const auto reply = server.ask("GET " + next);
        if (reply.status != 200) return {refusal(reply)};
        const auto page = json_of(reply);
        EXPECT_LE(page.at("data").as_array().size(), static_cast<std::size_t>(limit));
        for (const auto& row : page.at("data").as_array())
            seen.push_back(row.at(member).is_string() ? std::string(row.at(member).as_string())
                                                      : "");
        const auto link = reply.header("link");
        EXPECT_EQ(link.empty(), page.at("next_cursor").is_null());
        next = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    return seen;
}

TEST_F(DirectoryRoutes, AgentsAreFoundByTheirWordsTeamAndState) {
    for (const auto* const body : {R"({"name":"Lister Omkar","employee_id":"LST-3"})",
                                   R"({"name":"Lister Anil"})",
                                   R"({"name":"Kiran of lst","employee_id":"X-LST-1"})",
                                   R"({"name":"Lister Anil","employee_id":"LST-2"})"})
        ASSERT_EQ(post("/api/agents", body).status, 201);
    const auto team = "0190aaaa-0000-7000-8000-000000000001";
    (void)server().database().sql(fmt::format("UPDATE agents SET team_id = '{}', active = false "
                                              "WHERE employee_id = 'LST-2' RETURNING 1",
                                              team));
    using Names = std::vector<std::string>;
    const auto names = [](const std::string& path) { return all_pages(server(), path, "name", 2); };
    const auto numbers = [](const std::string& path) {
        return all_pages(server(), path, "employee_id", 1);
    };
    EXPECT_EQ(names("/api/agents?q=LISTER"), (Names{"Lister Anil", "Lister Anil", "Lister Omkar"}));
    EXPECT_EQ(names("/api/agents?q=lister&sort=-name"),
              (Names{"Lister Omkar", "Lister Anil", "Lister Anil"}));
    EXPECT_EQ(names("/api/agents?q=x-lst"), (Names{"Kiran of lst"}));
    Names whole; // whoever else has an l is among them
    const auto all = get_json("/api/agents?q=l&sort=employee_id&active=1&limit=200");
    for (const auto& row : all.at("data").as_array()) {
        const auto& number = row.at("employee_id");
        whole.push_back(number.is_string() ? std::string(number.as_string()) : "");
    }
    EXPECT_THAT(whole, ::testing::IsSupersetOf({"", "LST-3", "X-LST-1"}));
    EXPECT_THAT(whole, Not(::testing::Contains("LST-2")));
    EXPECT_EQ(whole.front(), "") << "those without an employee id come first";
    EXPECT_EQ(numbers("/api/agents?q=l&sort=employee_id&active=true"), whole);
    EXPECT_EQ(numbers("/api/agents?q=lst&sort=-employee_id"), (Names{"X-LST-1", "LST-3", "LST-2"}));
    EXPECT_EQ(numbers("/api/agents?q=lst&sort=employee_id"), (Names{"LST-2", "LST-3", "X-LST-1"}));
    EXPECT_EQ(numbers(fmt::format("/api/agents?team={}", team)), (Names{"LST-2"}));
    EXPECT_EQ(numbers("/api/agents?q=lister&active=false"), (Names{"LST-2"}));
    const auto row = get_json("/api/agents?q=lst-3&fields=name,id").at("data").at(0).as_object();
    EXPECT_EQ(row.size(), 2U);
    EXPECT_EQ(row.at("name"), "Lister Omkar");
}

TEST_F(DirectoryRoutes, ListsRefuseWhatTheyDoNotOffer) {
    for (const auto* const wrong :
         {"active=yes", "active=", "sort=age", "sort=", "sort=--name", "fields=team_id", "fields="})
        EXPECT_EQ(refusal(get(std::string("/api/agents?") + wrong)), "400 query.choice") << wrong;
    for (const auto* const wrong : {"team=north", "team=", "q=", "q=%20"})
        EXPECT_EQ(refusal(get(std::string("/api/agents?") + wrong)), "400 query.invalid") << wrong;
    EXPECT_EQ(refusal(get("/api/agents?q=a&q=b")), "400 query.repeated");
    EXPECT_EQ(refusal(get("/api/issue-categories?limit=0")), "400 query.range");
    EXPECT_EQ(refusal(get("/api/issue-categories?limit=many")), "400 query.range");
    EXPECT_EQ(refusal(get("/api/issue-categories?cursor=x")), "400 cursor.invalid");
    const auto cursor = std::string(get_json("/api/agents?limit=1").at("next_cursor").as_string());
    for (const auto* const other : {"sort=-name&", "active=true&", "q=a&"})
        EXPECT_EQ(refusal(get("/api/agents?" + std::string(other) + "cursor=" + cursor)),
                  "400 cursor.invalid")
            << "a cursor of another order or filter: " << other;
}

TEST_F(DirectoryRoutes, IssueCategoriesPageByName) {
    for (const auto* const name : {"Paging B", "Paging A", "Paging C"})
        ASSERT_EQ(post("/api/issue-categories", fmt::format(R"({{"name":"{}"}})", name)).status,
                  201);
    std::vector<std::string> whole;
    const auto body = get_json("/api/issue-categories");
    EXPECT_TRUE(body.at("next_cursor").is_null());
    for (const auto& row : body.at("data").as_array())
        whole.emplace_back(row.at("name").as_string());
    EXPECT_THAT(whole, ::testing::IsSupersetOf({"Paging A", "Paging B", "Paging C"}));
    EXPECT_EQ(all_pages(server(), "/api/issue-categories", "name", 2), whole);
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
