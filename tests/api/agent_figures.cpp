// An agent's figures: stats, details, performance, search.
#include <fmt/format.h>

#include "api/figures_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

class AgentFigures : public FiguresTest {
protected:
    static json::value stats(const std::string& agent, const std::string& query = "") {
        return data("/api/agents/" + agent + "/stats" + query);
    }

    /// One text for several figures: a failed test shows all of them.
    static std::string told(const json::value& object, std::initializer_list<const char*> names) {
        std::string text;
        for (const auto* name : names)
            text += json::serialize(object.at(name)) + " ";
        return text;
    }

    static double number(const json::value& object, const char* name) {
        return object.at(name).to_number<double>();
    }
};

TEST_F(AgentFigures, HaveTheShapeOfTheContract) {
    const auto agent = add_agent("Meera Joshi", "EMP-1042");
    sql("UPDATE agents SET latest_month_insight = 'Clear openings.', languages = "
        "'{Hindi,Marathi}', "
        "insight_history = '[{\"insight\": \"a\", \"month\": \"2026-01\", \"generated_at\": "
        "\"2026-01-31T12:05:41.007+00:00\", \"other\": 1}]', recent_trend_array = "
        "'[{\"date\": \"2026-02-01\", \"value\": 0.88, \"metric\": \"quality_score\"}]', "
        "last_insight_generated_at = now()");
    add(MadeCall{.agent = agent, .at = day() + " 00:00:00+05:30", .coaching = "Say sorry first."});
    fold();
    const auto at = [&](const std::string& path) { return get_json(path); };
    EXPECT_EQ(shape_difference(sample_reply("agent-stats"), at("/api/agents/" + agent + "/stats")),
              "");
    EXPECT_EQ(
        shape_difference(sample_reply("agent-details"), at("/api/agents/" + agent + "/details")),
        "");
    EXPECT_EQ(
        shape_difference(sample_reply("agent-performance"), at("/api/agent-performance/EMP-1042")),
        "");
    EXPECT_EQ(shape_difference(sample_reply("agents-search"), at("/api/agents/search?query=mee")),
              "");
}

TEST_F(AgentFigures, WithoutCallsAreZeros) {
    const auto agent = add_agent("Nikhil Rao");
    const auto body = get("/api/agents/" + agent + "/stats").body;
    EXPECT_THAT(body,
                HasSubstr(R"("current_stats":{"quality_score":0.0,"sop_compliance":0.0,)"
                          R"("sentiment_stabilization":0.0,"escalation_rate":0.0,)"
                          R"("calls_handled_today":0,"emergencies_today":0,)"
                          R"("calls_handled_total":0,"total_emergencies_count":0})"));
    EXPECT_THAT(body, HasSubstr(R"({"metric":"quality_score","trend":"stable","value":0.0,)"));
    EXPECT_THAT(body, HasSubstr(R"("insight_history":[],"recent_trend_array":[],)"));
    EXPECT_THAT(body, HasSubstr(R"("employee_id":null,"languages":[])"));
    EXPECT_THAT(body, HasSubstr(R"("analyzed_calls":0}})"));
}

TEST_F(AgentFigures, CountCallsNotYetAnalysedButLeaveThemOutOfMeans) {
    const auto agent = add_agent("Meera Joshi");
    add({{.agent = agent, .quality = 8000, .escalated = true},
         {.agent = agent, .quality = 9001},
         {.agent = agent, .scored = false, .quality = 0},
         {.agent = agent, .analysed = false},
         {.agent = agent, .issue = "Emergency Service", .analysed = false}});
    fold();
    const auto found = stats(agent);
    const auto& now = found.at("current_stats");
    // (0.8 + 0.9001) / 2 = 0.85005: half away from zero. Flagged: 1 of 3 analysed.
    EXPECT_EQ(told(now, {"quality_score", "escalation_rate"}), "8.501E-1 3.333E-1 ");
    EXPECT_EQ(told(now, {"calls_handled_total", "total_emergencies_count"}), "5 2 ");
    EXPECT_EQ(found.at("analyzed_calls"), 3);
}

TEST_F(AgentFigures, DaysAndMonthsAreOfTheTenantsCalendar) {
    const auto agent = add_agent("Meera Joshi");
    add({{.agent = agent, .at = day() + " 00:00:00+05:30", .quality = 6000},
         {.agent = agent, .at = day(-1) + " 23:59:59+05:30", .quality = 6000},
         // 23:30 in Greenwich is 05:00 of the next day in Kolkata.
         {.agent = agent, .at = day(-1) + " 23:30:00+00:00", .quality = 6000},
         {.agent = agent, .at = day(-1) + " 18:29:59+00:00", .quality = 6000}});
    fold();
    EXPECT_EQ(stats(agent).at("current_stats").at("calls_handled_today"), 2);

    sql("DELETE FROM calls");
    add({{.agent = agent, .at = month() + " 00:00:00+05:30", .quality = 9000},
         {.agent = agent, .at = month(-1) + " 00:00:00+05:30", .quality = 5000},
         {.agent = agent, .at = month(-1) + " 12:00:00+05:30", .quality = 5001},
         {.agent = agent,
          .issue = "Emergency Service",
          .at = month(-1) + " 18:00:00+05:30",
          .analysed = false}});
    sql(fmt::format("UPDATE calls SET call_timestamp = timestamptz '{} 00:00:00+05:30' - interval "
                    "'1 second' WHERE primary_issue_category IS NOT NULL",
                    month()));
    fold();
    const auto found = stats(agent);
    const auto& before = found.at("previous_month_stats");
    EXPECT_EQ(told(before, {"quality_score", "calls_handled", "emergencies"}), "5.001E-1 3 1 ");
    const auto& trend = found.at("trend_data").at(0);
    EXPECT_EQ(told(trend, {"trend", "value", "prev_value"}), "\"up\" 6.334E-1 5.001E-1 ");
    EXPECT_EQ(number(found.at("history_comparison"), "prev_month_quality"), 0.5001);
}

TEST_F(AgentFigures, FollowTheRangeAskedFor) {
    const auto agent = add_agent("Meera Joshi");
    add({{.agent = agent, .at = "2025-11-30 23:59:59+05:30", .quality = 1000},
         {.agent = agent, .at = "2025-12-01 00:00:00+05:30", .quality = 3000},
         {.agent = agent, .at = "2026-01-15 10:00:00+05:30", .quality = 5000},
         {.agent = agent, .at = "2026-02-02 23:59:59+05:30", .quality = 7000},
         {.agent = agent, .at = "2026-02-03 00:00:00+05:30", .quality = 9000}});
    fold();
    const auto current = [&](const std::string& query) {
        return told(stats(agent, query).at("current_stats"),
                    {"quality_score", "calls_handled_total"});
    };
    EXPECT_EQ(current("?from=2025-12-01&to=2026-02-03"), "5E-1 3 ");
    EXPECT_EQ(current("?from=2026-02-02"), "8E-1 2 ");
    EXPECT_EQ(current("?to=2025-12-01"), "1E-1 1 ");
    EXPECT_EQ(current("?from=2026-02-03&to=2026-02-03"), "0E0 0 ");
    EXPECT_EQ(current(""), "5E-1 5 ");
}

TEST_F(AgentFigures, RefuseRangesThatAreNone) {
    const auto path = "/api/agents/" + add_agent("Meera Joshi") + "/stats";
    EXPECT_EQ(refusal(get(path + "?from=2026-02-03T00:00:00Z")), "400 query.date");
    EXPECT_EQ(refusal(get(path + "?from=2026-02-30")), "400 query.date");
    EXPECT_EQ(refusal(get(path + "?to=")), "400 query.date");
    EXPECT_EQ(refusal(get(path + "?from=2026-02-03&to=2026-02-02")), "400 query.range");
    EXPECT_EQ(refusal(get(path + "?from=2026-02-03&from=2026-02-04")), "400 query.repeated");
    EXPECT_EQ(get(path + "?colour=red").status, 200);
}

TEST_F(AgentFigures, UnknownAndMalformedIds) {
    const std::string unknown = "00000000-0000-4000-8000-00000000abcd";
    for (const std::string route : {"stats", "details"}) {
        const auto reply = get("/api/agents/00000000-0000-4000-8000-00000000ABCD/" + route);
        EXPECT_EQ(refusal(reply), "404 agent.not_found");
        EXPECT_EQ(detail(reply), "Agent with ID " + unknown + " not found");
        EXPECT_EQ(detail(get("/api/agents/x'y/" + route)), "Agent not found");
    }
    const auto agent = add_agent("Meera Joshi");
    std::string bare = agent;
    std::erase(bare, '-');
    EXPECT_EQ(get("/api/agents/" + bare + "/stats/").status, 200);
    EXPECT_EQ(server().ask("HEAD /api/agents/" + agent + "/stats").status, 200);
    EXPECT_EQ(refusal(server().ask("DELETE /api/agents/" + agent + "/stats")),
              "405 method.not_allowed");
}

TEST_F(AgentFigures, DetailsNameTheMainPath) {
    const auto agent = add_agent("Meera Joshi");
    EXPECT_EQ(get("/api/agents/" + agent + "/details").header("link"),
              "</api/agents/" + agent + "/stats>; rel=\"canonical\"");
}

TEST_F(AgentFigures, PerformanceTellsDaysOutcomesAndTexts) {
    const auto agent = add_agent("Meera Joshi", "EMP-1042");
    add({{.agent = agent, .at = day() + " 00:00:01+05:30", .quality = 8001, .coaching = "six"},
         {.agent = agent, .at = day() + " 00:00:00+05:30", .quality = 8000, .coaching = "five"},
         {.agent = agent,
          .at = day(-29) + " 00:00:00+05:30",
          .resolved = false,
          .coaching = "four"},
         {.agent = agent,
          .at = day(-30) + " 23:59:59+05:30",
          .escalated = true,
          .coaching = "three"},
         {.agent = agent, .at = day(-31) + " 12:00:00+05:30", .coaching = "two"},
         {.agent = agent, .at = day(-32) + " 12:00:00+05:30", .coaching = "one"},
         {.agent = agent, .at = day(-3) + " 12:00:00+05:30", .analysed = false}});
    fold();
    const auto body = get("/api/agent-performance/meera%20%20JOSHI").body;
    EXPECT_THAT(body,
                HasSubstr(fmt::format(R"("performance_trend":[{{"date":"{}","score":0.7}},)"
                                      R"({{"date":"{}","score":0.8001}}])",
                                      day(-29),
                                      day())));
    EXPECT_THAT(body,
                HasSubstr(R"("call_distribution":[{"category":"Resolved","count":4},)"
                          R"({"category":"Unresolved","count":1},)"
                          R"({"category":"Escalated","count":1},)"
                          R"({"category":"Pending","count":1}])"));
    EXPECT_THAT(body, HasSubstr(R"("coaching_insights":["six","five","four","three","two"])"));
    EXPECT_THAT(body, HasSubstr(R"("agent_name":"Meera Joshi","overall_score":)"));
    const auto reply = get("/api/agent-performance/" + agent);
    EXPECT_EQ(reply.header("cache-control"), "no-store"); // it holds words about calls
    EXPECT_EQ(reply.header("etag"), "");
}

TEST_F(AgentFigures, PerformanceScoreTrendIsThisMonthMinusLast) {
    const auto agent = add_agent("Meera Joshi");
    add({{.agent = agent, .at = month() + " 00:00:00+05:30", .quality = 2000},
         {.agent = agent, .at = month(-1) + " 00:00:00+05:30", .quality = 7000},
         {.agent = agent, .at = month(-1) + " 00:00:00+05:30", .quality = 7000},
         {.agent = agent, .at = month(-1) + " 00:00:00+05:30", .quality = 6000}});
    fold();
    // 0.2 - 0.66666… = -0.46666…
    EXPECT_THAT(get("/api/agent-performance/" + agent).body,
                HasSubstr(R"("score_trend":-0.4667,)"));
}

TEST_F(AgentFigures, PerformanceResolvesNames) {
    add_agent("Asha Rao", "EMP-1");
    add_agent("Asha Rao", "EMP-2");
    const auto shared_name = get("/api/agent-performance/asha%20rao");
    EXPECT_EQ(refusal(shared_name), "409 agent.ambiguous");
    EXPECT_EQ(json_of(shared_name).at("candidates").as_array().size(), 2U);
    EXPECT_EQ(get("/api/agent-performance/emp-2").status, 200);
    EXPECT_EQ(refusal(get("/api/agent-performance/nobody")), "404 agent.not_found");
    EXPECT_EQ(refusal(get("/api/agent-performance/%25%2F")), "404 agent.not_found");
}

class AgentSearch : public FiguresTest {
protected:
    static std::string names(const std::string& query) {
        std::string text;
        const auto found = data("/api/agents/search?query=" + query);
        for (const auto& agent : found.as_array())
            text += std::string(agent.at("name").as_string()) + ", ";
        return text;
    }
};

TEST_F(AgentSearch, WholeMatchesThenPrefixesThenTheRest) {
    add_agent("Ravi Kumar", "K-9");
    add_agent("Kumar Anand");
    add_agent("Kumar");
    add_agent("Anil Kumar");
    add_agent("Someone", "kumar-1");
    EXPECT_EQ(names("KUMAR"), "Kumar, Kumar Anand, Someone, Anil Kumar, Ravi Kumar, ");
    EXPECT_EQ(names("k-9"), "Ravi Kumar, ");
    EXPECT_EQ(names("nil%20%20K"), "Anil Kumar, ");
}

TEST_F(AgentSearch, PatternsArePlainText) {
    add_agent("50% off_er");
    add_agent("Fifty Offer");
    EXPECT_EQ(names("%25"), "50% off_er, ");
    EXPECT_EQ(names("_"), "50% off_er, ");
    EXPECT_EQ(names("%27%3B--"), "");
}

TEST_F(AgentSearch, ShowsScoresAndStopsAtItsLimit) {
    for (int i = 0; i < 25; ++i)
        add_agent(fmt::format("Twin {:02}", i));
    const auto meera = add_agent("Meera Joshi");
    add({{.agent = meera, .quality = 9999}, {.agent = meera, .quality = 10000}});
    fold();
    EXPECT_THAT(get("/api/agents/search?query=meera").body,
                HasSubstr(R"("employee_id":null,"overall_score":1.0})"));
    EXPECT_EQ(data("/api/agents/search?query=twin").as_array().size(), 20U);
    EXPECT_EQ(data("/api/agents/search?query=twin&limit=22").as_array().size(), 22U);
}

TEST_F(AgentSearch, RefusesWhatIsNoText) {
    const auto missing = get("/api/agents/search");
    EXPECT_EQ(refusal(missing), "400 query.required");
    EXPECT_EQ(detail(missing), "Query parameter is required");
    EXPECT_EQ(refusal(get("/api/agents/search?query=%20%20")), "400 query.required");
    EXPECT_EQ(refusal(get("/api/agents/search?query=a%00b")), "400 query.invalid");
    EXPECT_EQ(refusal(get("/api/agents/search?query=" + std::string(151, 'x'))), "400 query.range");
    EXPECT_EQ(get("/api/agents/search?query=" + std::string(150, 'x')).status, 200);
    EXPECT_EQ(refusal(get("/api/agents/search?query=a&query=b")), "400 query.repeated");
    EXPECT_EQ(refusal(get("/api/agents/search?query=a&limit=101")), "400 query.range");
}

} // namespace

} // namespace hs::test
