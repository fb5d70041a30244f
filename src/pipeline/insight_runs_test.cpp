#include <atomic>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/insight_runs.hpp"
#include "store/insights.hpp"
#include "support/insight_calls.hpp"

namespace hs::pipeline {
namespace {

using ::testing::HasSubstr;

/// The templates, counted; or an error while `failing`.
class CountingWriter final : public InsightWriter {
public:
    [[nodiscard]] Result<AgentTexts> write(const AgentPicture& picture) const override {
        ++written;
        if (failing) return fail(ErrorKind::upstream, "model.silent", "no answer");
        return template_writer().write(picture);
    }

    [[nodiscard]] Result<CityTexts> write(const CityPicture& picture) const override {
        ++written;
        if (failing) return fail(ErrorKind::upstream, "model.silent", "no answer");
        return template_writer().write(picture);
    }

    [[nodiscard]] std::string_view source() const override { return "template"; }

    mutable std::atomic<int> written{0};
    bool failing = false;
};

class InsightRuns : public ::testing::Test {
protected:
    InsightRuns() {
        live.base.sql("INSERT INTO agents (tenant_id, id, name, name_key) VALUES ('" +
                      tenant.str() + "', '" + agent.str() + "', 'Asha Rao', 'asha rao')");
        live.base.sql("INSERT INTO cities (tenant_id, id, name, name_key) VALUES ('" +
                      tenant.str() + "', 8, 'Pune', 'pune')");
    }

    void add(test::InsightCall call) {
        call.agent = agent.str();
        call.city = 8;
        test::add_insight_call(live.base.superuser_url(), call);
    }

    Caller caller() { return {tenant, "local", "127.0.0.1", "request"}; }

    AgentInsights ask(bool force = false) {
        return *live.wait(agent_insights(parts_, caller(), agent, force));
    }

    CityInsights ask_city(bool force = false) {
        return *live.wait(city_insights(parts_, caller(), CityId{8}, force));
    }

    std::string column(const std::string& name, const std::string& table = "agents") {
        return live.base.sql("SELECT coalesce((" + name + ")::text, 'null') FROM " + table).front();
    }

    void make_older(const std::string& table) {
        live.base.sql(
            "UPDATE " + table +
            " SET last_insight_generated_at = last_insight_generated_at - interval '2 h'");
    }

    test::LiveDatabase live;
    TenantId tenant = test::TestDatabase::tenant();
    AgentId agent{Uuid::random()};
    CountingWriter writer;
    InsightParts parts_{*live.database, live.log, writer};
};

TEST_F(InsightRuns, EightRequestsAtOnceShareOneRun) {
    add({.deviation = "vague_resolution"});
    for (const bool force : {false, true}) {
        const int before = writer.written;
        std::vector<std::future<std::optional<AgentInsights>>> asking;
        for (int i = 0; i < 8; ++i)
            asking.push_back(live.loop.start(agent_insights(parts_, caller(), agent, force)));
        int made = 0;
        for (auto& one : asking) {
            const auto insights = one.get();
            ASSERT_TRUE(insights);
            made += insights->state == InsightState::made ? 1 : 0;
            EXPECT_TRUE(insights->texts.month) << "a waiting request got no text";
        }
        EXPECT_EQ(writer.written - before, 1) << "force: " << force;
        EXPECT_EQ(made, 1);
    }
    EXPECT_EQ(live.base.count("SELECT count(*) FROM audit_outbox WHERE action = 'insights.force'"),
              8);
}

TEST_F(InsightRuns, FailingWriterKeepsTextsAndTheirTime) {
    add({});
    const auto first = ask();
    ASSERT_EQ(first.state, InsightState::made);
    ASSERT_EQ(ask_city().state, InsightState::made);
    make_older("agents");
    make_older("city_insights");
    const auto agents = column("to_jsonb(agents)");
    const auto cities = column("to_jsonb(city_insights)", "city_insights");
    writer.failing = true;
    const auto second = ask();
    EXPECT_EQ(second.state, InsightState::unavailable);
    EXPECT_EQ(second.texts.month, first.texts.month);
    EXPECT_EQ(ask_city(true).state, InsightState::unavailable);
    EXPECT_EQ(column("to_jsonb(agents)"), agents);
    EXPECT_EQ(column("to_jsonb(city_insights)", "city_insights"), cities);
    EXPECT_EQ(live.base.count("SELECT count(*) FROM audit_outbox WHERE result = 'failed'"), 1);
}

TEST_F(InsightRuns, FailureWithoutTextsShowsNone) {
    add({});
    writer.failing = true;
    const auto insights = ask();
    EXPECT_EQ(insights.state, InsightState::unavailable);
    EXPECT_FALSE(insights.texts.month);
    EXPECT_EQ(column("last_insight_generated_at"), "null");
}

TEST_F(InsightRuns, TextWithoutMonthIsNoCache) {
    add({});
    live.base.sql("UPDATE agents SET last_insight_generated_at = now()");
    EXPECT_EQ(ask().state, InsightState::made);
    EXPECT_EQ(ask().state, InsightState::cached);
}

TEST_F(InsightRuns, NoCallsRollOver) {
    add({.age = "31 days"});
    live.base.sql("UPDATE agents SET overall_insight_text = 'Reliable.', insight_history = '[7]'");
    const auto insights = ask();
    EXPECT_EQ(insights.state, InsightState::no_calls);
    EXPECT_EQ(insights.texts.month, "No calls recorded for this month.");
    EXPECT_EQ(insights.texts.change, "No activity to analyze.");
    EXPECT_EQ(insights.texts.overall, "Reliable.");
    EXPECT_EQ(column("insight_history"), "[7]");
    EXPECT_EQ(ask().state, InsightState::cached);
    EXPECT_EQ(writer.written, 0);
}

TEST_F(InsightRuns, FiguresAreEffectiveOnesOfThirtyDays) {
    add({.age = "29 days", .quality = 0.5});
    add({.age = "2 days", .quality = 0.7});
    add({.age = "31 days", .quality = 0.1});
    live.base.sql("INSERT INTO overrides (tenant_id, id, call_id, field, value, reason, principal) "
                  "SELECT tenant_id, gen_random_uuid(), id, 'overall_quality', 0.9, 'r', 'p' FROM "
                  "calls ORDER BY call_timestamp DESC LIMIT 1");
    EXPECT_THAT(*ask().texts.month, HasSubstr("2 calls, quality 0.70 (+0.60)."));
}

TEST_F(InsightRuns, PersonalDataDoesNotReachATextOrTheHistory) {
    add({.remark = "Caller left the number 9812345670, or 98123 45670."});
    const auto insights = ask();
    EXPECT_THAT(*insights.texts.month, HasSubstr("Supervisor: Caller left the number"));
    for (const auto& text : {*insights.texts.month, column("insight_history")}) {
        EXPECT_THAT(text, ::testing::Not(HasSubstr("98123")));
        EXPECT_THAT(text, ::testing::Not(HasSubstr("45670")));
    }
}

TEST_F(InsightRuns, HistoryKeepsOneEntryAMonth) {
    add({});
    live.base.sql("UPDATE agents SET insight_history = "
                  "'[{\"month\":\"2020-01\",\"insight\":\"old\",\"unknown\":1}]'");
    ask();
    ask(true);
    EXPECT_EQ(column("jsonb_array_length(insight_history)"), "2");
    EXPECT_EQ(column("insight_history->1->>'unknown'"), "1");
    EXPECT_EQ(column("insight_history->0->>'insight' = latest_month_insight"), "true");
    EXPECT_EQ(column("insight_history->0->>'source'"), "template");
    EXPECT_EQ(column("insight_history->0->>'overall_score'"), "0.7");
}

TEST_F(InsightRuns, CityIsTakenAnewWhenACallHasArrived) {
    add({.age = "3 hours"});
    EXPECT_EQ(ask_city().state, InsightState::made);
    EXPECT_EQ(ask_city().state, InsightState::cached);
    add({.age = "3 hours"}); // recorded now, of a call three hours ago
    EXPECT_EQ(ask_city().state, InsightState::made);
    EXPECT_EQ(ask_city().state, InsightState::cached) << "the call is older than the texts now";
    make_older("city_insights");
    EXPECT_EQ(ask_city().state, InsightState::made);
}

TEST_F(InsightRuns, CoachingFocusIsMadeOnceAMonth) {
    add({.deviation = "no_greeting"});
    add({.deviation = "no_greeting"});
    const auto first = ask_city();
    EXPECT_THAT(*first.texts.focus, HasSubstr("No greeting in 2 calls."));
    EXPECT_EQ(column("key_operational_risks[1]", "city_insights"), "No greeting in 2 of 2 calls");
    for (int i = 0; i < 3; ++i)
        add({.deviation = "late_hold"});
    EXPECT_EQ(ask_city(true).texts.focus, first.texts.focus);
    live.base.sql("UPDATE city_insights SET coaching_focus_month = '2020-01'");
    EXPECT_THAT(*ask_city(true).texts.focus, HasSubstr("Late hold in 3 calls"));
}

TEST_F(InsightRuns, CityTellsItsDayInItsOwnName) {
    add({.age = "0 s", .issue = "Login Issue", .business = "Portal down.", .flagged = true});
    const auto insights = ask_city();
    EXPECT_EQ(*insights.texts.daily,
              "Pune: 1 call today, 1 flagged, 1 emergency. Leading: Login Issue (1).");
    EXPECT_THAT(*insights.texts.overall, HasSubstr("Pune: 1 call in the last 30 days"));
}

TEST_F(InsightRuns, ACallsOwnWordsStayOutOfEveryStoredText) {
    for (int i = 0; i < 2; ++i) {
        add({.age = "0 s",
             .deviation = "no_greeting",
             .should_have_said = "marker phrase " + std::to_string(i),
             .business = "The marker phrase of the customer.",
             .coaching = "Work on the marker phrase.",
             .flagged = true});
    }
    const auto insights = ask();
    const auto city = ask_city();
    EXPECT_THAT(*insights.texts.month, HasSubstr("no greeting in 2 calls"));
    EXPECT_THAT(*city.texts.daily, HasSubstr("Repeated: no greeting in 2 calls."));
    for (const auto& stored :
         {column("to_jsonb(agents)"), column("to_jsonb(city_insights)", "city_insights")})
        EXPECT_THAT(stored, ::testing::Not(HasSubstr("marker")));
}

TEST_F(InsightRuns, TrendHoldsTheNewest90DaysWithAScoreWithoutToday) {
    live.base.sql(
        "INSERT INTO rollup_agent SELECT '" + tenant.str() + "', 'day', d::date, '" + agent.str() +
        "', 4, 4, 0, 1, 0, 0, CASE WHEN d::date = current_date - 5 THEN 0 ELSE 4 END, 30001, 2, "
        "10000, 0, 0, 0, 0, 0, 0, 0, 0 FROM generate_series(current_date - 120, current_date + 1, "
        "interval '1 day') AS d");
    const auto fill = [&] {
        const auto unit = live.database->unit({tenant, pg::DbRole::worker});
        return live.wait(store::fill_agent_trends(*unit, tenant));
    };
    EXPECT_EQ(fill(), 1);
    EXPECT_EQ(column("jsonb_array_length(recent_trend_array)"), "90");
    EXPECT_EQ(
        column("recent_trend_array->89"),
        R"({"sop": 0.5000, "date": ")" +
            live.base.sql("SELECT (now() AT TIME ZONE 'Asia/Kolkata')::date - 1").front() +
            R"(", "calls": 4, "value": 0.7500, "metric": "quality_score", "quality": 0.7500, )"
            R"("sentiment": null, "escalation_rate": 0.2500})");
    EXPECT_EQ(column("recent_trend_array @> jsonb_build_array(jsonb_build_object('date', "
                     "(current_date - 5)::text))"),
              "false");
    EXPECT_EQ(column("(recent_trend_array->0->>'date') < (recent_trend_array->1->>'date')"),
              "true");
    EXPECT_EQ(fill(), 0) << "nothing has changed";
}

TEST_F(InsightRuns, UnknownOnesAreNothing) {
    EXPECT_FALSE(live.wait(agent_insights(parts_, caller(), AgentId{Uuid::random()}, false)));
    EXPECT_FALSE(live.wait(agent_insights(parts_, caller(), AgentId{Uuid::random()}, true)));
    EXPECT_FALSE(live.wait(city_insights(parts_, caller(), CityId{9}, true)));
}

} // namespace
} // namespace hs::pipeline
