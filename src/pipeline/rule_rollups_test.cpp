// Sums of answers to the scorecard's questions: exact through judging again, moving and deleting,
// found out and repaired when they are not.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/rollups.hpp"
#include "support/judged_calls.hpp"
#include "support/postgres.hpp"

namespace hs::pipeline {
namespace {

using testing::IsEmpty;

class Answers : public testing::Test {
protected:
    Answers()
        : tenant(test::TestDatabase::tenant()), writer(db.base.url(), tenant),
          rollups(*db.database, db.metrics, db.log) {
        agent = writer.add_agent("Asha");
        city = writer.add_city("Pune");
    }

    CallId add_call() { return writer.add_call({.agent = agent, .city = city}); }

    /// A judgement with one answer met and one missed.
    void judge(CallId call, const std::string& met, const std::string& missed) {
        const auto id = Uuid::random();
        writer.begin();
        writer.run(
            "INSERT INTO evaluations (tenant_id, id, call_id, transcript_id, scorecard_key, "
            "scorecard_version, scorecard_hash, evaluator, transcript_hash, versions_key, "
            "document, "
            "scored, provisional, coverage, reason) VALUES ($1, $2, $3, $2, 'card', 1, 'h', "
            "'rules', "
            "'h', 'v', json_build_object('answers', json_build_array(json_build_object("
            "'question_id', $4::text, 'state', 'pass'), json_build_object('question_id', $5::text, "
            "'state', 'fail'))), true, false, 1, 'test')",
            pg::params(tenant, id, call, met, missed));
        writer.run(
            "INSERT INTO call_insights (tenant_id, call_id, evaluation_id, sop_compliance_score, "
            "sentiment_stabilization_score, resolution_validity_score, overall_quality_score, "
            "escalation_risk, scored, provisional, coverage) VALUES ($1, $2, $3, 0.5, 0.5, 0.75, "
            "0.5, false, true, false, 1) ON CONFLICT (tenant_id, call_id) DO UPDATE SET "
            "evaluation_id = excluded.evaluation_id",
            pg::params(tenant, call, id));
        writer.commit();
    }

    void fold() { db.wait(rollups.fold_tenant(tenant, std::nullopt)); }

    RollupAudit audit() { return db.wait(rollups.audit({tenant}, 1.0)); }

    std::int64_t sum(const std::string& of, const std::string& rule, const std::string& whose) {
        return db.base.count(fmt::format("SELECT coalesce(sum({}), 0) FROM rollup_rule WHERE grain "
                                         "= 'all' AND rule_id = '{}' AND whose = '{}'",
                                         of,
                                         rule,
                                         whose));
    }

    test::LiveDatabase db;
    TenantId tenant;
    test::Writer writer;
    Rollups rollups;
    AgentId agent;
    std::int64_t city = 0;
};

TEST_F(Answers, FollowJudgingMovingAndDeleting) {
    const auto call = add_call();
    judge(call, "greeting", "closing");
    EXPECT_THAT(audit().findings, IsEmpty()) << "before the fold";
    fold();
    EXPECT_EQ(sum("met", "greeting", "all"), 1);
    EXPECT_EQ(sum("missed", "closing", "agent:" + agent.str()), 1);
    EXPECT_EQ(sum("missed", "closing", fmt::format("city:{}", city)), 1);
    judge(call, "closing", "greeting"); // the same scores: only the answers differ
    fold();
    EXPECT_EQ(sum("met", "greeting", "all"), 0);
    EXPECT_EQ(sum("missed", "greeting", "all"), 1);
    writer.run("UPDATE calls SET agent_id = NULL");
    fold();
    EXPECT_EQ(sum("missed", "greeting", "agent:" + agent.str()), 0);
    EXPECT_EQ(sum("missed", "greeting", "agent:00000000-0000-0000-0000-000000000000"), 1);
    EXPECT_THAT(audit().findings, IsEmpty());
    writer.run("DELETE FROM calls");
    fold();
    EXPECT_EQ(sum("met + missed + unsure", "greeting", "all"), 0);
    EXPECT_EQ(db.base.count("SELECT count(*) FROM rule_facts"), 0);
    EXPECT_THAT(audit().findings, IsEmpty());
}

TEST_F(Answers, DamageIsFoundAndRebuilt) {
    for (int i = 0; i < 5; ++i)
        judge(add_call(), "greeting", "closing");
    fold();
    writer.run("UPDATE rollup_rule SET met = met + 1 WHERE grain = 'day' AND whose = 'all'");
    const auto report = audit();
    ASSERT_EQ(report.findings.size(), 2U); // the day, and the month that is not its sum
    EXPECT_EQ(report.findings[0].rollup, "rollup_rule");
    db.wait(rollups.rebuild(tenant, "2026-01-01"));
    EXPECT_THAT(audit().findings, IsEmpty());
    EXPECT_EQ(sum("met", "greeting", "all"), 5);
    writer.run("DELETE FROM rule_facts WHERE call_id IN (SELECT call_id FROM rule_facts LIMIT 2)");
    fold();
    EXPECT_FALSE(audit().findings.empty()) << "facts are held against the evaluations";
    db.wait(rollups.rebuild(tenant, "2026-01-01"));
    EXPECT_THAT(audit().findings, IsEmpty());
    EXPECT_EQ(sum("met", "greeting", "all"), 5);
}

} // namespace
} // namespace hs::pipeline
