// The leaderboard: order, ranks, pages, the documented alias.
#include <algorithm>
#include <random>

#include <fmt/format.h>

#include "api/figures_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

constexpr const char* board_path = "/api/agents/leaderboard";

class Leaderboard : public FiguresTest {
protected:
    static std::string names(const json::value& rows) {
        std::string text;
        for (const auto& row : rows.as_array())
            text += fmt::format(
                "{} {}, ", row.at("rank").as_int64(), std::string(row.at("name").as_string()));
        return text;
    }
};

TEST_F(Leaderboard, HasTheShapeOfTheContract) {
    add(MadeCall{.agent = add_agent("Meera Joshi")});
    fold();
    EXPECT_EQ(shape_difference(sample_reply("leaderboard"), get_json(board_path)), "");
    EXPECT_EQ(
        shape_difference(sample_reply("leaderboard-documented"), get_json("/api/leaderboard")), "");
}

TEST_F(Leaderboard, OrderIsScoreThenCallsThenName) {
    const auto zoe = add_agent("Zoe");
    const auto adam = add_agent("Adam");
    const auto eve = add_agent("Eve");
    add_agent("Nobody");
    add_agent("Anybody");
    // Zoe's mean is 0.80001, served as 0.8 like Adam's: the number of calls decides.
    add(std::vector<MadeCall>(9, MadeCall{.agent = zoe, .quality = 8000}));
    add(MadeCall{.agent = zoe, .quality = 8001});
    add(std::vector<MadeCall>(11, MadeCall{.agent = adam, .quality = 8000}));
    add(std::vector<MadeCall>(1, MadeCall{.agent = eve, .quality = 9000}));
    add(std::vector<MadeCall>(5, MadeCall{})); // of no agent: nobody's row
    fold();
    EXPECT_EQ(names(data(board_path)), "1 Eve, 2 Adam, 3 Zoe, 4 Anybody, 5 Nobody, ");
    EXPECT_THAT(
        get(board_path).body,
        HasSubstr(R"("name":"Nobody","overall_score":0.0,"calls_received":0,"emergencies":0})"));
}

TEST_F(Leaderboard, MinCallsRanksTheRest) {
    const auto zoe = add_agent("Zoe");
    const auto adam = add_agent("Adam");
    add(MadeCall{.agent = zoe, .quality = 9000});
    add(std::vector<MadeCall>(2, MadeCall{.agent = adam, .quality = 5000}));
    fold();
    EXPECT_EQ(names(data(std::string(board_path) + "?min_calls=2")), "1 Adam, ");
    EXPECT_EQ(names(data(std::string(board_path) + "?min_calls=3")), "");
    for (const auto* wrong : {"-1", "x", "", "1.5", "99999999999999999999"})
        EXPECT_EQ(refusal(get(std::string(board_path) + "?min_calls=" + wrong)), "400 query.range");
}

TEST_F(Leaderboard, TrendComparesWithLastMonth) {
    const auto meera = add_agent("Meera Joshi");
    add_agent("Nikhil Rao");
    add({{.agent = meera, .at = month() + " 00:00:00+05:30", .quality = 9000, .escalated = true},
         {.agent = meera, .at = month(-1) + " 00:00:00+05:30", .quality = 7000}});
    fold();
    const auto body = get(std::string(board_path) + "?include=trend").body;
    EXPECT_THAT(body,
                HasSubstr(R"("overall_score":0.8,"calls_received":2,"emergencies":1,)"
                          R"("quality_score":0.8,"trend_data":[{"metric":"quality_score",)"
                          R"("trend":"up","value":0.8,"prev_value":0.7},)"));
    EXPECT_THAT(
        body,
        HasSubstr(R"({"metric":"escalation_rate","trend":"up","value":0.5,"prev_value":0.0})"));
    const auto documented = get("/api/leaderboard");
    EXPECT_EQ(json_of(documented).at("data"), json_of(documented).at("leaderboard"));
    EXPECT_EQ(json_of(documented).at("data"), parse_json(body).value().at("data"));
    EXPECT_EQ(documented.header("link"), "</api/agents/leaderboard>; rel=\"canonical\"");
    EXPECT_EQ(refusal(get(std::string(board_path) + "?include=all")), "400 query.choice");
}

/// What the board must be, by sorting the calls' sums.
struct Expected {
    std::string name;
    std::string id;
    std::int64_t calls = 0;
    std::int64_t count = 0;
    std::int64_t sum = 0;

    [[nodiscard]] std::int64_t score() const {
        return count == 0 ? 0 : (2 * sum + count) / (2 * count);
    }
};

TEST_F(Leaderboard, PagesAreTheWholeListInPieces) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::uniform_int_distribution some(0, 3);
    std::vector<Expected> agents;
    std::vector<MadeCall> calls;
    for (int i = 0; i < 40; ++i) {
        // Few different names, scores and counts: every rule of the order decides somewhere.
        auto name = fmt::format("Agent {}", some(random));
        Expected agent{name, add_agent(name)};
        const int own = some(random);
        for (int k = 0; k < own; ++k) {
            MadeCall call{.agent = agent.id, .analysed = some(random) != 0};
            call.quality = 7000 + some(random);
            agent.calls += 1;
            agent.count += call.analysed ? 1 : 0;
            agent.sum += call.analysed ? call.quality : 0;
            calls.push_back(call);
        }
        agents.push_back(std::move(agent));
    }
    add(calls);
    fold();
    std::ranges::sort(agents, [](const Expected& a, const Expected& b) {
        return std::tuple(-a.score(), -a.calls, a.name, a.id) <
               std::tuple(-b.score(), -b.calls, b.name, b.id);
    });
    std::string expected;
    for (std::size_t i = 0; i < agents.size(); ++i)
        expected += fmt::format("{} {}, ", i + 1, agents[i].id);

    const auto ids = [](const json::value& rows) {
        std::string text;
        for (const auto& row : rows.as_array())
            text += fmt::format(
                "{} {}, ", row.at("rank").as_int64(), std::string(row.at("agent_id").as_string()));
        return text;
    };
    const auto whole = get_json(board_path);
    EXPECT_EQ(ids(whole.at("data")), expected);
    EXPECT_FALSE(whole.as_object().contains("next_cursor"));
    std::string pieces;
    std::string next = fmt::format("{}?limit={}", board_path, 1 + some(random) * 3);
    for (int pages = 0; pages < 60 && !next.empty(); ++pages) {
        const auto reply = get(next);
        pieces += ids(json_of(reply).at("data"));
        const auto link = reply.header("link"); // <address>; rel="next"
        EXPECT_EQ(link.empty(), json_of(reply).at("next_cursor").is_null());
        next = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    EXPECT_EQ(pieces, expected);
}

TEST_F(Leaderboard, BeyondTheCapTheLinkGoesOn) {
    sql("INSERT INTO agents (tenant_id, id, name, name_key) SELECT t.id, gen_random_uuid(), "
        "to_char(i, 'FM00000'), to_char(i, 'FM00000') "
        "FROM tenants t, generate_series(1, 10003) i");
    fold();
    const auto cut = get(board_path);
    EXPECT_EQ(json_of(cut).at("data").as_array().size(), 10000U);
    EXPECT_FALSE(json_of(cut).as_object().contains("next_cursor"));
    const auto link = cut.header("link");
    ASSERT_THAT(link, ::testing::EndsWith(">; rel=\"next\""));
    EXPECT_EQ(names(data(link.substr(1, link.find('>') - 1))),
              "10001 10001, 10002 10002, 10003 10003, ");
}

TEST_F(Leaderboard, CursorsBelongToOneListOnly) {
    for (const auto* name : {"A", "B", "C"})
        add_agent(name);
    fold();
    const auto first = get_json(std::string(board_path) + "?limit=1");
    const std::string cursor(first.at("next_cursor").as_string());
    const auto with = [&](const std::string& query) {
        return get(fmt::format("{}?cursor={}{}", board_path, cursor, query));
    };
    EXPECT_EQ(names(json_of(with("")).at("data")), "2 B, 3 C, ");
    EXPECT_EQ(refusal(with("&min_calls=1")), "400 cursor.invalid");
    EXPECT_EQ(refusal(with("&from=2026-01-01")), "400 cursor.invalid");
    EXPECT_EQ(refusal(get("/api/cities?cursor=" + cursor)), "400 cursor.invalid");
    EXPECT_EQ(refusal(get(fmt::format("{}?cursor={}x", board_path, cursor))), "400 cursor.invalid");
    EXPECT_EQ(refusal(with("&limit=201")), "400 query.range");
    EXPECT_EQ(refusal(with("&limit=0")), "400 query.range");
}

} // namespace

} // namespace hs::test
