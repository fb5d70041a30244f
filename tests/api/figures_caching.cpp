// Entity tags and kept bodies of replies about figures.
#include <fmt/format.h>

#include "api/figures_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class FiguresCaching : public FiguresTest {
protected:
    static HttpReply again(const std::string& path, const std::string& tag) {
        return get(path, "If-None-Match: " + tag + "\r\n");
    }

    /// Past the check against the contract, which reads plain bodies only.
    static HttpReply get_packed(const std::string& path) {
        HttpClient client(server().port());
        client.send(server().request("GET " + path, "Accept-Encoding: gzip\r\n", ""));
        return client.read_reply().value_or(HttpReply{});
    }
};

TEST_F(FiguresCaching, EveryRouteAnswers304UntilTheFiguresChange) {
    const auto agent = add_agent("Meera Joshi");
    const int city = add_city("Pune", "Maharashtra");
    add(MadeCall{.agent = agent, .city = city});
    fold();
    for (const auto& path : {std::string("/api/dashboard/india-map"),
                             std::string("/api/agents/leaderboard"),
                             std::string("/api/leaderboard"),
                             std::string("/api/cities"),
                             std::string("/api/agents/search?query=meera"),
                             "/api/agents/" + agent + "/stats",
                             "/api/agents/" + agent + "/details",
                             fmt::format("/api/cities/{}", city),
                             fmt::format("/api/cities/{}/details", city)}) {
        const auto first = get(path);
        const auto tag = first.header("etag");
        EXPECT_THAT(tag, StartsWith("W/\"")) << path;
        EXPECT_EQ(first.header("cache-control"), "private, no-cache") << path;
        EXPECT_NE(first.header("x-as-of"), "") << path;
        EXPECT_EQ(get(path).body, first.body) << path; // the kept one
        const auto unchanged = again(path, "\"other\", " + tag);
        EXPECT_EQ(unchanged.status, 304) << path;
        EXPECT_EQ(unchanged.body, "");
        EXPECT_EQ(unchanged.header("etag"), tag);
        const auto head = server().ask("HEAD " + path);
        EXPECT_EQ(head.header("etag"), tag) << path;
        EXPECT_EQ(head.header("content-length"), std::to_string(first.body.size())) << path;
        EXPECT_EQ(again(path, "*").status, 304) << path;
        fold();
        EXPECT_EQ(again(path, tag).status, 200) << path;
    }
}

TEST_F(FiguresCaching, ANewVersionIsNeverAnsweredWithAnOldBody) {
    const auto agent = add_agent("Meera Joshi");
    const std::string path = "/api/agents/leaderboard";
    for (int calls = 0; calls < 5; ++calls) {
        fold();
        EXPECT_THAT(get(path).body, HasSubstr(fmt::format(R"("calls_received":{},)", calls)));
        EXPECT_THAT(get("/api/agents/" + agent + "/stats").body,
                    HasSubstr(fmt::format(R"("calls_handled_total":{},)", calls)));
        add(MadeCall{.agent = agent});
    }
}

TEST_F(FiguresCaching, KeptBodiesAreKeptByParameters) {
    const auto agent = add_agent("Meera Joshi");
    add(MadeCall{.agent = agent, .at = "2026-01-01 12:00:00+05:30"});
    fold();
    const auto path = "/api/agents/" + agent + "/stats";
    const auto all = get(path);
    const auto none = get(path + "?from=2026-01-02");
    EXPECT_NE(all.header("etag"), none.header("etag"));
    EXPECT_THAT(none.body, HasSubstr(R"("calls_handled_total":0,)"));
    EXPECT_EQ(again(path + "?from=2026-01-02", all.header("etag")).status, 200);
    EXPECT_EQ(get(path + "?unknown=1").header("etag"), all.header("etag"));
    const auto page = get("/api/agents/leaderboard?limit=200");
    EXPECT_THAT(page.body, HasSubstr(R"("next_cursor":null)"));
    EXPECT_NE(get("/api/agents/leaderboard").body, page.body);
}

TEST_F(FiguresCaching, TheGzipFormIsKeptBesideThePlainOne) {
    for (int i = 0; i < 20; ++i)
        add_agent(fmt::format("Agent {}", i));
    fold();
    const std::string path = "/api/agents/leaderboard";
    const auto packed = get_packed(path);
    EXPECT_EQ(packed.header("content-encoding"), "gzip");
    EXPECT_EQ(packed.header("vary"), "Accept-Encoding");
    EXPECT_EQ(get_packed(path).body, packed.body);
    const auto plain = get(path);
    EXPECT_EQ(plain.header("content-encoding"), "");
    EXPECT_THAT(plain.body, StartsWith(R"({"status":"success","data":[{"rank":1,)"));
    EXPECT_EQ(plain.header("etag"), packed.header("etag"));
}

TEST_F(FiguresCaching, UnknownThingsAreNeverUnchanged) {
    fold();
    const std::string unknown = "/api/agents/00000000-0000-4000-8000-00000000abcd/stats";
    EXPECT_EQ(refusal(again(unknown, "*")), "404 agent.not_found");
    EXPECT_EQ(get(unknown).header("etag"), "");
    EXPECT_EQ(get(unknown).header("cache-control"), "no-store");
}

TEST_F(FiguresCaching, ListsOfNamesShowAChangeBeforeItIsFolded) {
    fold();
    const auto before = get("/api/cities");
    add_city("Pune");
    const auto after = again("/api/cities", before.header("etag"));
    EXPECT_EQ(after.status, 200);
    EXPECT_THAT(after.body, HasSubstr("Pune"));
}

TEST_F(FiguresCaching, AsOfIsTheOldestChangeNotYetFolded) {
    const auto agent = add_agent("Meera Joshi");
    fold();
    sql("DELETE FROM rollup_outbox; INSERT INTO rollup_outbox (tenant_id, at) VALUES "
        "('00000000-0000-7000-8000-000000000001', '2026-01-02 03:04:05.678+00')");
    EXPECT_TRUE(eventually([&] { // asked of the database a few times a second only
        return get("/api/agents/" + agent + "/stats").header("x-as-of") ==
               "2026-01-02T03:04:05.678+00:00";
    }));
    fold();
}

class LiveFigures : public ApiTest {};

TEST_F(LiveFigures, ShowAnAnalysedCallByThemselves) {
    analysed_call();
    const auto found = get_json("/api/agents/search?query=emp-7");
    const std::string agent(found.at("data").at(0).at("agent_id").as_string());
    EXPECT_TRUE(eventually([&] {
        const auto stats = get_json("/api/agents/" + agent + "/stats").at("data");
        return stats.at("analyzed_calls").as_int64() > 0;
    }));
}

} // namespace

} // namespace hs::test
