// Texts about agents and cities over HTTP: messages, cache, aliases, what a client may send.
#include "api/api_test.hpp"
#include "support/insight_calls.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

/// With agents and cities of its own, on a server that other tests do not count.
class InsightRoutes : public ::testing::Test {
protected:
    struct Own {
        SpeechImposter speech;
        WholeServer server{speech, {}, "serve"};
    };

    static void SetUpTestSuite() { own = std::make_unique<Own>(); }

    static void TearDownTestSuite() { own.reset(); }

    static WholeServer& server() { return own->server; }

    static inline std::unique_ptr<Own> own;

    static HttpReply post(const std::string& path, const std::string& headers = "") {
        return server().ask("POST " + path, headers);
    }

    static std::string add_agent(const std::string& name) {
        const auto reply = server().post_json("/api/agents", "{\"name\":\"" + name + "\"}");
        return std::string(json_of(reply).at("id").as_string());
    }

    static std::string add_city(const std::string& name) {
        const auto reply = server().post_json("/api/cities", "{\"name\":\"" + name + "\"}");
        return std::to_string(json_of(reply).at("id").as_int64());
    }

    static void add_call(InsightCall call) {
        add_insight_call(server().database().superuser_url(), call);
    }

    static std::vector<std::string> members(const json::value& object) {
        std::vector<std::string> names;
        for (const auto& member : object.as_object())
            names.emplace_back(member.key());
        return names;
    }
};

TEST_F(InsightRoutes, AgentTextsAreMadeThenCached) {
    const auto agent = add_agent("Meera Joshi");
    add_call({.agent = agent, .quality = 0.8});
    const auto path = "/api/agents/" + agent + "/generate-insights";
    const auto made = post(path, "Content-Type: application/json\r\n");
    ASSERT_EQ(made.status, 200) << made.body;
    const auto body = json_of(made);
    EXPECT_EQ(body.at("message"), "Insights updated successfully.");
    EXPECT_EQ(members(body), (std::vector<std::string>{"status", "message", "data"}));
    EXPECT_EQ(members(body.at("data")),
              (std::vector<std::string>{
                  "latest_month_insight", "overall_insight_text", "latest_change_summary"}));
    EXPECT_THAT(std::string(body.at("data").at("latest_month_insight").as_string()),
                HasSubstr("1 call, quality 0.80."));
    EXPECT_THAT(std::string(body.at("data").at("overall_insight_text").as_string()),
                HasSubstr("Meera Joshi: "));
    EXPECT_EQ(made.header("link"), "");
    const auto alias = post("/api/agents/" + agent + "/insights");
    EXPECT_EQ(json_of(alias).at("message"), "Insights retrieved from cache.");
    EXPECT_EQ(json_of(alias).at("data"), body.at("data"));
    EXPECT_EQ(alias.header("link"), "<" + path + ">; rel=\"canonical\"");
    const auto forced = post(path + "?force=true", "Prefer: wait=500\r\n");
    EXPECT_EQ(json_of(forced).at("message"), "Insights updated successfully.");
    EXPECT_EQ(forced.header("preference-applied"), "wait=120");
}

TEST_F(InsightRoutes, WhoReadsTheAgentNextSeesTheNewTexts) {
    const auto agent = add_agent("Nila Das");
    add_call({.agent = agent, .quality = 0.7});
    const auto stats = "GET /api/agents/" + agent + "/stats";
    const auto before = server().ask(stats);
    const auto made = json_of(post("/api/agents/" + agent + "/generate-insights"));
    // Nothing folds in this program: the texts may not wait for it.
    const auto after = server().ask(stats, "If-None-Match: " + before.header("etag") + "\r\n");
    ASSERT_EQ(after.status, 200);
    EXPECT_EQ(json_of(after).at("data").at("llm_insights"), made.at("data"));
}

TEST_F(InsightRoutes, AgentWithoutCallsRollsOver) {
    const auto body = json_of(post("/api/agents/" + add_agent("Nobody Called") + "/insights"));
    EXPECT_EQ(body.at("message"), "No calls found. Insights rolled over.");
    EXPECT_EQ(body.at("data").at("latest_month_insight"), "No calls recorded for this month.");
    EXPECT_TRUE(body.at("data").at("overall_insight_text").is_null());
    EXPECT_EQ(body.at("data").at("latest_change_summary"), "No activity to analyze.");
}

TEST_F(InsightRoutes, CityTextsNameTheCity) {
    const auto city = add_city("Nashik");
    add_call({.city = std::stoi(city), .issue = "Unlisted Matter"});
    const auto path = "/api/cities/" + city + "/generate-insights";
    const auto body = json_of(post(path));
    EXPECT_EQ(body.at("message"), "Insights updated for Nashik");
    EXPECT_EQ(members(body.at("data")),
              (std::vector<std::string>{"daily_ops_insight",
                                        "latest_month_insight",
                                        "overall_city_insight",
                                        "coaching_focus_for_city"}));
    EXPECT_THAT(std::string(body.at("data").at("latest_month_insight").as_string()),
                HasSubstr("Leading: Unlisted Matter (1)."));
    const auto alias = post("/api/cities/" + city + "/insights");
    EXPECT_EQ(json_of(alias).at("message"), "Insights retrieved from cache for Nashik");
    EXPECT_EQ(alias.header("link"), "<" + path + ">; rel=\"canonical\"");
}

TEST_F(InsightRoutes, UnknownOnesAreNotFound) {
    for (const auto* path : {"/api/agents/nobody/insights",
                             "/api/agents/00000000-0000-4000-8000-00000000abcd/generate-insights"})
        EXPECT_EQ(refusal(post(path)), "404 agent.not_found") << path;
    for (const auto* path : {"/api/cities/999999/generate-insights",
                             "/api/cities/Pune/insights",
                             "/api/cities/99999999999/insights",
                             "/api/cities/-1/insights"})
        EXPECT_EQ(refusal(post(path)), "404 city.not_found") << path;
    EXPECT_THAT(post("/api/cities/999999/insights").body,
                HasSubstr("City with ID 999999 not found"));
    EXPECT_EQ(refusal(server().ask("GET /api/cities/1/generate-insights")),
              "405 method.not_allowed");
    const auto agent = add_agent("Forced Maybe");
    EXPECT_EQ(refusal(post("/api/agents/" + agent + "/insights?force=maybe")), "400 query.choice");
}

TEST_F(InsightRoutes, UploadsInProgressDoNotHoldUpTexts) {
    const auto agent = add_agent("Busy Agent");
    add_call({.agent = agent});
    auto upload = pg::BlockingConnection::open(server().database().superuser_url(), 10);
    ASSERT_TRUE(upload);
    upload->run("BEGIN"); // the lock that recording a call takes on its agent
    upload->run("SELECT 1 FROM agents WHERE id = $1 FOR KEY SHARE", pg::params(agent));
    const auto reply = post("/api/agents/" + agent + "/insights");
    EXPECT_THAT(reply.body, HasSubstr("Insights updated successfully."));
    upload->run("ROLLBACK");
}

} // namespace

} // namespace hs::test
