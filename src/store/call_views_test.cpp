// Plans of the windows and of full text under row security: an index, whatever the size.
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "store/call_views.hpp"
#include "store/queries.hpp"
#include "support/postgres.hpp"

namespace hs::store {
namespace {

const std::string tenant = test::TestDatabase::tenant().str();

/// Calls over months, one in eleven flagged, with words; facts as the triggers write them.
void add_calls(const test::TestDatabase& database, int count) {
    const auto n = std::to_string(count);
    database.sql("INSERT INTO calls (tenant_id, id, audio_url, duration_seconds, call_timestamp, "
                 "primary_issue_category, processing_status) SELECT '" +
                 tenant +
                 "', ('01900000-0000-7000-8000-' || lpad(g::text, 12, '0'))::uuid, 'local:x', 60, "
                 "now() - g * interval '10 minutes', 'Billing Query', 'analyzed' FROM "
                 "generate_series(1, " +
                 n + ") g");
    database.sql(
        "INSERT INTO transcripts (tenant_id, id, call_id, engine, model, engine_version, "
        "language, low_confidence, turns_sealed, redacted, redacted_text, "
        "redaction_version, sha256) SELECT tenant_id, id, id, 'e', 'm', '1', 'en', false, "
        "'', '{}', 'the battery number ' || right(id::text, 4) || ' failed', '1', 'h' FROM "
        "calls");
    database.sql("UPDATE calls SET current_transcript_id = id");
    database.sql("INSERT INTO evaluations (tenant_id, id, call_id, transcript_id, scorecard_key, "
                 "scorecard_version, scorecard_hash, evaluator, transcript_hash, versions_key, "
                 "document, scored, provisional, coverage, reason) SELECT tenant_id, id, id, id, "
                 "'k', 1, 'h', 'e', 'h', 'v', '{}', true, false, 1, 'first' FROM calls");
    database.sql(
        "INSERT INTO call_insights (tenant_id, call_id, evaluation_id, "
        "sop_compliance_score, sentiment_stabilization_score, resolution_validity_score, "
        "overall_quality_score, communication_score, coaching_priority, escalation_risk, "
        "why_flagged, scored, provisional, coverage, created_at) SELECT tenant_id, id, "
        "id, 0.5, 0.5, 0.75, 0.6, 0.5, 0.4, right(id::text, 2) = '77', 'why', true, false, "
        "1, call_timestamp + interval '1 minute' FROM calls");
    for (const auto* table : {"calls", "call_facts", "call_insights", "transcripts"})
        database.sql(std::string("ANALYZE ") + table);
}

TEST(Windows, FullTextOfTheOwnersFunctionFindsOnlyTheTenantsCalls) {
    test::LiveDatabase live;
    add_calls(live.base, 300);
    const auto other = live.base.another_tenant();
    const pg::Query search{"search", "SELECT calls_saying($1, $2) AS id"};
    const auto mine = pg::params(test::TestDatabase::tenant(), "battery 0077");
    EXPECT_EQ(live.run(search, mine).size(), 1);
    EXPECT_EQ(live.run(search, pg::params(test::TestDatabase::tenant(), "nothing")).size(), 0);
    // Another tenant's name is refused, whoever asks.
    EXPECT_THROW((void)live.run(search, mine, pg::Scope{.tenant = other}), pg::DatabaseError);
}

TEST(Windows, PlansUseTheirIndexesUnderRowSecurity) {
    test::LiveDatabase live;
    add_calls(live.base, 5000);
    const auto plan_of = [&](const char* name, const std::string& statement) {
        const auto text = "EXPLAIN " + statement;
        const pg::Query query{name, text.c_str()};
        std::string plan;
        const auto rows = live.run(query, {}, pg::Scope{.tenant = test::TestDatabase::tenant()});
        for (int i = 0; i < rows.size(); ++i)
            plan += rows.first_text(i) + "\n";
        return plan;
    };
    const auto quoted = "'" + tenant + "'";
    const auto by_time = plan_of("by_time",
                                 "SELECT call_id FROM filtered_calls(" + quoted +
                                     ", '{}', NULL, NULL) f WHERE (f.call_timestamp, f.call_id) < "
                                     "(now(), 'ffffffff-ffff-ffff-ffff-ffffffffffff') ORDER BY "
                                     "f.call_timestamp DESC, f.call_id DESC LIMIT 50");
    EXPECT_NE(by_time.find("call_facts_by_time"), std::string::npos) << by_time;
    EXPECT_EQ(by_time.find(" on calls"), std::string::npos) << "no filter looks at it\n" << by_time;
    const auto by_quality = plan_of(
        "by_quality",
        "SELECT call_id FROM filtered_calls(" + quoted +
            ", '{}', NULL, NULL) f WHERE (CASE WHEN f.quality IS NULL THEN -1 ELSE f.quality END, "
            "f.call_id) > (5000, '00000000-0000-0000-0000-000000000000') ORDER BY CASE WHEN "
            "f.quality "
            "IS NULL THEN -1 ELSE f.quality END, f.call_id LIMIT 50");
    EXPECT_NE(by_quality.find("call_facts_by_quality"), std::string::npos) << by_quality;
    EXPECT_EQ(by_quality.find("Sort"), std::string::npos) << by_quality;
    // A rule that few calls missed: from its own index to the calls, never through all of them.
    live.base.sql("INSERT INTO missed_rules SELECT tenant_id, 'rare', call_id FROM call_insights "
                  "WHERE right(call_id::text, 3) = '777'");
    live.base.sql(
        "INSERT INTO missed_rules SELECT tenant_id, 'common', call_id FROM call_insights");
    live.base.sql("ANALYZE missed_rules");
    const auto by_rule = plan_of("by_rule",
                                 "SELECT call_id FROM filtered_calls(" + quoted +
                                     ", '{\"rule\": \"rare\"}', NULL, NULL) f ORDER BY "
                                     "f.call_timestamp DESC, f.call_id DESC LIMIT 50");
    EXPECT_NE(by_rule.find("missed_rules_pkey"), std::string::npos) << by_rule;
    EXPECT_NE(by_rule.find("call_facts_pkey"), std::string::npos) << by_rule;
    EXPECT_EQ(by_rule.find("Seq Scan"), std::string::npos) << by_rule;
    EXPECT_EQ(by_time.find("missed_rules"), std::string::npos) << by_time;
    EXPECT_EQ(by_time.find("overrides"), std::string::npos) << by_time;
    const auto flagged =
        plan_of("flagged",
                "SELECT call_id FROM call_insights WHERE tenant_id = " + quoted +
                    " AND escalation_risk AND created_at > now() - interval '5 minutes'"
                    " AND created_at <= now()");
    EXPECT_NE(flagged.find("call_insights_flagged"), std::string::npos) << flagged;
    const auto events =
        plan_of("events",
                "SELECT id FROM events WHERE tenant_id = " + quoted +
                    " AND (xid, id) > ('5'::xid8, 1) AND xid < "
                    "pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, id LIMIT 500");
    EXPECT_NE(events.find("events_pkey"), std::string::npos) << events;
}

std::vector<CallId> first_calls(int count) {
    std::vector<CallId> ids;
    for (int i = 1; i <= count; ++i)
        ids.push_back(*CallId::parse(fmt::format("01900000-0000-7000-8000-{:012}", i)));
    return ids;
}

TEST(Windows, CallsAreReadByOnePlanForAnyNumberOfThem) {
    test::LiveDatabase live;
    add_calls(live.base, 300);
    const auto tenant_id = test::TestDatabase::tenant();
    const auto transaction = live.wait(live.database->begin({.tenant = tenant_id}));
    for (int round = 0; round < 12; ++round) {
        const auto ids = first_calls(1 + round % 3);
        EXPECT_EQ(live.wait(call_objects(*transaction, tenant_id, ids)).size(), ids.size());
        EXPECT_EQ(live.wait(judged_words(*transaction, tenant_id, ids)).size(), ids.size());
        EXPECT_TRUE(live.wait(sealed_numbers(*transaction, tenant_id, ids)).empty());
    }
    // Five plans for the values at hand, then one for all, unless the planner thinks it dearer.
    const pg::Query plans{"plans",
                          "SELECT name, generic_plans FROM pg_prepared_statements WHERE name ~ "
                          "'^(call_objects|judged_words|sealed_numbers)_'"};
    const auto rows = live.wait(transaction->run(plans, {}));
    EXPECT_EQ(rows.size(), 3);
    for (const auto row : rows)
        EXPECT_GT(row.integer("generic_plans"), 0) << row.text("name") << " is planned every time";
}

TEST(Windows, MonitorsReadNoTableWhole) {
    test::LiveDatabase live;
    add_calls(live.base, 5000);
    const auto tenant_id = test::TestDatabase::tenant();
    const auto transaction = live.wait(live.database->begin({.tenant = tenant_id}));
    const pg::Query dear{"dear", "SELECT set_config('random_page_cost', '4', true)"};
    live.wait(transaction->run(dear, {})); // the default of servers that are not our own
    const Window hour{.minutes = 60, .after = std::nullopt, .limit = 501};
    EXPECT_EQ(live.wait(urgent_in_window(*transaction, tenant_id, hour, 3000)).total, 6);
    live.wait(flagged_in_window(*transaction, tenant_id, hour));
    live.wait(emergencies_in_window(*transaction, tenant_id, hour));
    const pg::Query scans{"scans",
                          "SELECT relname, seq_scan FROM pg_stat_xact_user_tables WHERE relname "
                          "IN ('call_facts', 'call_insights')"};
    const auto rows = live.wait(transaction->run(scans, {}));
    EXPECT_EQ(rows.size(), 2);
    for (const auto row : rows)
        EXPECT_EQ(row.integer("seq_scan"), 0) << row.text("relname") << " was read whole";
}

TEST(Windows, DeviationsAnAgentRepeatsAreThoseOfTheNineCallsBefore) {
    test::LiveDatabase live;
    add_calls(live.base, 5000);
    live.base.sql("INSERT INTO agents (tenant_id, id, name, name_key) SELECT '" + tenant +
                  "', ('01900000-0000-7000-8001-' || lpad(g::text, 12, '0'))::uuid, 'A' || g, "
                  "'a' || g FROM generate_series(0, 19) g");
    live.base.sql("UPDATE calls SET agent_id = ('01900000-0000-7000-8001-' || "
                  "lpad((right(id::text, 12)::int % 20)::text, 12, '0'))::uuid");
    for (const auto* table : {"calls", "agents"})
        live.base.sql(std::string("ANALYZE ") + table);
    // Call 20 is the agent's newest; 40, 60 … 200 are the nine before it.
    const auto call = [](int number) {
        const auto digits = std::to_string(number);
        return "01900000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits;
    };
    const auto deviate = [&](int number, const std::string& codes) {
        std::string list;
        for (const auto& code : codes)
            list +=
                (list.empty() ? "" : ",") + std::string("{\"what_was_wrong\":\"") + code + "\"}";
        live.base.sql("UPDATE call_insights SET sop_deviations = '[" + list +
                      "]' WHERE call_id = '" + call(number) + "'");
    };
    deviate(20, "afx");
    deviate(40, "ab");
    deviate(60, "ccf");
    deviate(200, "a");
    deviate(220, "bf"); // the tenth before 20
    deviate(41, "b");   // another agent's
    live.base.sql("UPDATE call_insights SET sop_deviations = '{}' WHERE call_id = '" + call(80) +
                  "'");
    const auto found = [&](int number) {
        std::string codes;
        const auto rows = live.run(sql::agents_deviations,
                                   pg::params(test::TestDatabase::tenant(), call(number)));
        for (int i = 0; i < rows.size(); ++i)
            codes += rows.first_text(i);
        return codes;
    };
    EXPECT_EQ(found(20), "a") << "b is one call too far, c stands twice in one call";
    EXPECT_EQ(found(40), "f") << "what came later does not count";
    EXPECT_EQ(found(4980), "");
    std::string text = std::string("EXPLAIN ") + sql::agents_deviations.sql;
    for (const auto& [name, value] : {std::pair("$1", tenant), std::pair("$2", call(20))})
        for (auto at = text.find(name); at != std::string::npos; at = text.find(name))
            text.replace(at, 2, "'" + value + "'");
    const auto rows = live.run(
        pg::Query{"explain", text.c_str()}, {}, pg::Scope{.tenant = test::TestDatabase::tenant()});
    std::string plan;
    for (int i = 0; i < rows.size(); ++i)
        plan += rows.first_text(i) + "\n";
    EXPECT_NE(plan.find("calls_by_agent"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
}

} // namespace
} // namespace hs::store
