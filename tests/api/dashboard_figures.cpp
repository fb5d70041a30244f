// Summary, trends, questions and states: the figures of a recount, with their days and changes.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "api/figures_test.hpp"

namespace hs::test {

namespace {

class Dashboard : public FiguresTest {
protected:
    void SetUp() override {
        FiguresTest::SetUp();
        pune = add_city("Pune", "Maharashtra");
        nagpur = add_city("Nagpur", "Maharashtra");
        surat = add_city("Surat", "Gujarat");
        meera = add_agent("Meera Joshi");
        nikhil = add_agent("Nikhil Rao");
    }

    /// At noon of a day so many from today.
    static std::string at(int from_today) { return day(from_today) + " 12:00:00+05:30"; }

    static json::value ok(const std::string& path) {
        const auto reply = get(path);
        EXPECT_EQ(reply.status, 200) << path << " " << reply.body;
        return json_of(reply);
    }

    static void refused(const std::string& path, int status, const std::string& code) {
        const auto reply = get(path);
        EXPECT_EQ(reply.status, status) << path << " " << reply.body;
        EXPECT_EQ(json_of(reply).at("code").as_string(), code) << path;
    }

    static std::int64_t integer(const json::value& object, const char* name) {
        return object.at(name).as_int64();
    }

    static double real(const json::value& object, const char* name) {
        return object.at(name).to_number<double>();
    }

    /// Two in the last 30 days, one in the 30 before, one long ago.
    void add_some() {
        add({{.agent = meera,
              .city = pune,
              .issue = "Payment",
              .at = at(0),
              .sop = 8000,
              .escalated = true,
              .missed = {"verification"},
              .met = {"closing"}},
             {.agent = nikhil,
              .city = surat,
              .issue = "Payment",
              .at = at(-29),
              .sop = 6000,
              .language = "english",
              .missed = {"verification", "closing"},
              .unsure = {"empathy"}},
             {.agent = meera,
              .city = nagpur,
              .issue = "Refund Request",
              .at = at(-30),
              .sop = 5000,
              .met = {"verification"}},
             {.agent = meera, .city = pune, .at = at(-200), .sop = 1000}});
        fold();
    }

    int pune = 0;
    int nagpur = 0;
    int surat = 0;
    std::string meera;
    std::string nikhil;
};

TEST_F(Dashboard, WithoutCallsThereAreZeroesAndNoChange) {
    const auto body = ok("/api/dashboard/summary");
    EXPECT_EQ(body.at("to").as_string(), day(1));
    EXPECT_EQ(body.at("from").as_string(), day(-29));
    EXPECT_EQ(body.at("previous_from").as_string(), day(-59));
    EXPECT_EQ(integer(body.at("current"), "calls"), 0);
    EXPECT_EQ(real(body.at("current"), "sop_compliance"), 0.0);
    EXPECT_TRUE(body.at("change").at("sop_compliance").is_null());
    EXPECT_EQ(integer(body, "open_escalations"), 0);
    EXPECT_EQ(integer(body, "demonstration_calls"), 0);
    EXPECT_TRUE(ok("/api/dashboard/rules").at("data").as_array().empty());
    const auto trend = ok("/api/dashboard/trends");
    ASSERT_EQ(trend.at("series").as_array().size(), 1U);
    EXPECT_TRUE(trend.at("series").at(0).at("key").is_null());
    EXPECT_TRUE(ok("/api/dashboard/trends?group_by=state").at("series").as_array().empty());
}

TEST_F(Dashboard, TheSummaryComparesWithAsManyDaysBefore) {
    add_some();
    const auto body = ok("/api/dashboard/summary");
    const auto& now = body.at("current");
    EXPECT_EQ(integer(now, "calls"), 2);
    EXPECT_EQ(integer(now, "sop_calls"), 2);
    EXPECT_EQ(real(now, "sop_compliance"), 0.7);
    EXPECT_EQ(integer(now, "escalated_calls"), 1);
    EXPECT_EQ(real(now, "escalation_rate"), 0.5);
    EXPECT_EQ(integer(body.at("previous"), "calls"), 1);
    EXPECT_EQ(integer(body.at("change"), "calls"), 1);
    EXPECT_EQ(real(body.at("change"), "sop_compliance"), 0.2);
    EXPECT_EQ(real(body.at("change"), "escalation_rate"), 0.5);
    const auto filters = std::vector<std::pair<std::string, int>>{
        {"state=Maharashtra", 1},
        {fmt::format("city_id={}", surat), 1},
        {"agent_id=" + meera, 1},
        {"issue=Payment", 2},
        {"language=english", 1},
        {"language=hindi&state=Gujarat", 0},
        {"issue=Payment&state=Gujarat", 1},
        {fmt::format("agent_id={}&city_id={}", nikhil, surat), 1}};
    for (const auto& [filter, calls] : filters)
        EXPECT_EQ(integer(ok("/api/dashboard/summary?" + filter).at("current"), "calls"), calls)
            << filter;
    const auto all = ok(fmt::format("/api/dashboard/summary?from={}&to={}", day(-300), day(1)));
    EXPECT_EQ(integer(all.at("current"), "calls"), 4);
}

TEST_F(Dashboard, OpenEscalationsAreCountedAndTellANewTag) {
    add_some();
    const auto first = get("/api/dashboard/summary");
    const auto tag = "If-None-Match: " + first.header("etag") + "\r\n";
    EXPECT_EQ(get("/api/dashboard/summary", tag).status, 304);
    sql("INSERT INTO escalations (tenant_id, id, call_id, evaluation_id, reason, score, "
        "changed_by) "
        "SELECT tenant_id, gen_random_uuid(), call_id, evaluation_id, 'r', 9000, 't' FROM "
        "call_insights WHERE escalation_risk");
    fold();
    const auto second = get("/api/dashboard/summary", tag);
    ASSERT_EQ(second.status, 200);
    EXPECT_EQ(integer(json_of(second), "open_escalations"), 1);
    EXPECT_EQ(integer(ok("/api/dashboard/summary?state=Gujarat"), "open_escalations"), 0);
    EXPECT_EQ(integer(ok("/api/dashboard/summary?agent_id=" + meera), "open_escalations"), 1);
}

TEST_F(Dashboard, TrendsAreSeriesByGroupAndInterval) {
    add_some();
    const auto by_state = ok("/api/dashboard/trends?group_by=state&metric=sop");
    const auto& states = by_state.at("series").as_array();
    ASSERT_EQ(states.size(), 2U);
    EXPECT_EQ(states.at(0).at("key").as_string(), "IN-GJ") << "equal calls: by key";
    EXPECT_EQ(states.at(1).at("key").as_string(), "IN-MH");
    EXPECT_EQ(states.at(1).at("name").as_string(), "Maharashtra");
    ASSERT_EQ(states.at(1).at("points").as_array().size(), 1U) << "other days have nothing";
    EXPECT_EQ(states.at(1).at("points").at(0).at("from").as_string(), day());
    EXPECT_EQ(real(states.at(1).at("points").at(0), "value"), 0.8);
    const auto whole = fmt::format("from={}&to={}", day(-300), day(1));
    const auto agents =
        ok("/api/dashboard/trends?group_by=agent&metric=volume&interval=month&" + whole);
    EXPECT_EQ(agents.at("series").at(0).at("name").as_string(), "Meera Joshi");
    EXPECT_EQ(agents.at("series").at(0).at("key").as_string(), meera);
    EXPECT_EQ(integer(agents.at("series").at(0), "value"), 3);
    const auto cut = ok("/api/dashboard/trends?group_by=city&metric=volume&limit=1&" + whole);
    EXPECT_EQ(cut.at("series").as_array().size(), 1U);
    EXPECT_EQ(cut.at("series").at(0).at("name").as_string(), "Pune");
    EXPECT_EQ(integer(cut, "left_out"), 2);
    const auto issues = ok("/api/dashboard/trends?group_by=issue&metric=escalation");
    EXPECT_EQ(issues.at("series").at(0).at("key").as_string(), "Payment");
    EXPECT_EQ(real(issues.at("series").at(0), "value"), 0.5);
    const auto languages = ok("/api/dashboard/trends?group_by=language&metric=volume");
    EXPECT_EQ(languages.at("series").as_array().size(), 2U);
    const auto weeks = ok("/api/dashboard/trends?interval=week&metric=volume");
    EXPECT_EQ(integer(weeks.at("series").at(0), "value"), 3);
    const auto mixed = ok("/api/dashboard/trends?group_by=agent&metric=volume&state=Gujarat");
    EXPECT_EQ(mixed.at("series").at(0).at("name").as_string(), "Nikhil Rao");
}

TEST_F(Dashboard, QuestionsTellMetMissedAndChange) {
    add_some();
    const auto body = ok("/api/dashboard/rules");
    std::map<std::string, json::value> rules;
    for (const auto& rule : body.at("data").as_array())
        rules[std::string(rule.at("rule_id").as_string())] = rule;
    const auto& verification = rules.at("verification");
    EXPECT_EQ(verification.at("title").as_string(), "Identity checked");
    EXPECT_EQ(integer(verification, "missed"), 2);
    EXPECT_EQ(integer(verification, "n"), 2);
    EXPECT_EQ(real(verification, "miss_rate"), 1.0);
    EXPECT_EQ(integer(verification.at("previous"), "met"), 1);
    EXPECT_EQ(real(verification, "change"), 1.0);
    EXPECT_EQ(real(rules.at("closing"), "miss_rate"), 0.5);
    EXPECT_TRUE(rules.at("closing").at("change").is_null());
    EXPECT_EQ(integer(rules.at("empathy"), "needs_review"), 1);
    EXPECT_EQ(integer(rules.at("empathy"), "n"), 0);
    EXPECT_TRUE(rules.at("greeting_of_all").at("title").is_null());
    const auto missed = [](const std::string& filter) {
        const auto reply = ok("/api/dashboard/rules?" + filter);
        for (const auto& rule : reply.at("data").as_array())
            if (rule.at("rule_id").as_string() == "verification") return integer(rule, "missed");
        return std::int64_t{-1};
    };
    EXPECT_EQ(missed("state=Gujarat"), 1);
    EXPECT_EQ(missed("agent_id=" + meera), 1);
    EXPECT_EQ(missed(fmt::format("city_id={}", pune)), 1);
    EXPECT_EQ(missed("issue=Payment"), 2);
    EXPECT_EQ(missed("language=english"), 1);
    EXPECT_EQ(missed(fmt::format("agent_id={}&city_id={}", meera, surat)), -1);
    const auto trend = ok("/api/dashboard/trends?group_by=rule&agent_id=" + meera);
    EXPECT_EQ(trend.at("metric").as_string(), "misses");
    const auto& series = trend.at("series").as_array();
    const auto found = std::ranges::find_if(
        series, [](const auto& one) { return one.at("key").as_string() == "verification"; });
    ASSERT_NE(found, series.end());
    EXPECT_EQ(found->at("name").as_string(), "Identity checked");
    EXPECT_EQ(real(*found, "value"), 1.0);
    EXPECT_EQ(integer(*found, "n"), 1);
}

TEST_F(Dashboard, AnswersFollowTheirCall) {
    add_some();
    sql(fmt::format("UPDATE calls SET city_id = {}, agent_id = '{}' WHERE city_id = {}",
                    nagpur,
                    nikhil,
                    surat));
    sql(fmt::format("DELETE FROM calls WHERE city_id = {}", pune));
    EXPECT_EQ(server().database().count("SELECT count(*) FROM rule_facts"), 2);
    EXPECT_EQ(server().database().count(
                  fmt::format("SELECT count(*) FROM rule_facts WHERE city_id = {}", nagpur)),
              2);
    // What the deltas add up to is what a recount gives.
    const std::string wrong =
        "SELECT count(*) FROM (SELECT whose, rule_id, sum(met) AS m, sum(missed) AS x, sum(unsure) "
        "AS u FROM (SELECT whose, rule_id, met, missed, unsure FROM rollup_rule WHERE grain = "
        "'all' "
        "UNION ALL SELECT n.whose, n.rule_id, o.sign * n.is_met, o.sign * n.is_missed, o.sign * "
        "n.is_unsure FROM rule_outbox o, LATERAL rule_figures(o.agent_id, o.city_id, o.met, "
        "o.missed, o.unsure) AS n UNION ALL SELECT n.whose, n.rule_id, -n.is_met, -n.is_missed, "
        "-n.is_unsure FROM rule_facts_expected f, LATERAL rule_figures(f.agent_id, f.city_id, "
        "f.met, f.missed, f.unsure) AS n) AS parts GROUP BY 1, 2) AS sums "
        "WHERE (m, x, u) <> (0, 0, 0)";
    EXPECT_EQ(server().database().count(wrong), 0);
    fold();
    const auto body = ok("/api/dashboard/rules?agent_id=" + nikhil);
    EXPECT_EQ(body.at("data").as_array().size(), 4U);
}

TEST_F(Dashboard, AStateHasItsCitiesAndIssues) {
    add_some();
    const auto whole = fmt::format("from={}&to={}", day(-300), day(1));
    const auto body = ok("/api/dashboard/states/in-mh?" + whole);
    EXPECT_EQ(body.at("state").as_string(), "Maharashtra");
    EXPECT_EQ(body.at("state_code").as_string(), "IN-MH");
    EXPECT_EQ(integer(body.at("current"), "calls"), 3);
    EXPECT_EQ(body.at("risk_level").as_string(), "high");
    const auto& cities = body.at("cities").as_array();
    ASSERT_EQ(cities.size(), 2U);
    EXPECT_EQ(cities.at(0).at("name").as_string(), "Pune");
    EXPECT_EQ(integer(cities.at(0).at("figures"), "calls"), 2);
    EXPECT_EQ(cities.at(1).at("name").as_string(), "Nagpur");
    const auto& issues = body.at("issues").as_array();
    ASSERT_EQ(issues.size(), 2U) << "a call without an issue belongs to none";
    EXPECT_EQ(issues.at(0).at("issue").as_string(), "Payment");
    const auto mine = ok("/api/dashboard/states/IN-MH?agent_id=" + nikhil + "&" + whole);
    EXPECT_EQ(integer(mine.at("current"), "calls"), 0);
    const auto empty = ok("/api/dashboard/states/IN-KL");
    EXPECT_EQ(empty.at("state").as_string(), "Kerala");
    EXPECT_EQ(empty.at("risk_level").as_string(), "unknown");
    EXPECT_TRUE(empty.at("cities").as_array().empty());
    refused("/api/dashboard/states/IN-ZZ", 404, "state.not_found");
    refused("/api/dashboard/states/Maharashtra", 404, "state.not_found");
}

TEST_F(Dashboard, WhatCannotBeAskedIsRefused) {
    refused("/api/dashboard/summary?from=yesterday", 400, "query.date");
    refused("/api/dashboard/summary?from=2026-02-03&to=2026-01-01", 400, "query.range");
    refused("/api/dashboard/summary?from=1800-01-01&to=1800-02-01", 400, "query.range");
    refused("/api/dashboard/summary?colour=red", 400, "query.unknown");
    refused("/api/dashboard/rules?agent_id=7", 400, "query.invalid");
    refused("/api/dashboard/states/IN-MH?from=2020-01-01&to=2036-01-01", 400, "query.range");
    refused("/api/dashboard/trends?metric=mood", 400, "query.choice");
    refused("/api/dashboard/trends?metric=misses&group_by=agent", 400, "query.choice");
    refused("/api/dashboard/trends?metric=sop&group_by=rule", 400, "query.choice");
    refused("/api/dashboard/trends?interval=hour", 400, "query.choice");
    refused("/api/dashboard/trends?limit=0", 400, "query.range");
    refused("/api/dashboard/trends?from=2020-01-01&to=2026-01-01", 400, "query.range");
}

TEST_F(Dashboard, EveryReplyIsTagged) {
    for (const auto* path : {"/api/dashboard/summary",
                             "/api/dashboard/trends?group_by=state",
                             "/api/dashboard/rules",
                             "/api/dashboard/states/IN-MH"}) {
        const auto first = get(path);
        ASSERT_EQ(first.status, 200);
        const auto tag = "If-None-Match: " + first.header("etag") + "\r\n";
        EXPECT_EQ(get(path, tag).status, 304) << path;
        add({.agent = meera, .city = pune});
        fold();
        EXPECT_EQ(get(path, tag).status, 200) << path;
    }
}

} // namespace

} // namespace hs::test
