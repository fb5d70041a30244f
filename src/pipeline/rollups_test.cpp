#include <filesystem>
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pg/conninfo.hpp"
#include "pg/migrations.hpp"
#include "pipeline/rollups.hpp"
#include "support/judged_calls.hpp"
#include "support/postgres.hpp"
#include "support/recount.hpp"

namespace hs::pipeline {
namespace {

using testing::IsEmpty;
using testing::Not;

pg::BlockingConnection connect(const std::string& url) {
    auto connection = pg::BlockingConnection::open(url, 10);
    if (!connection) throw std::runtime_error(connection.error().message);
    return std::move(*connection);
}

queue::Lead anybody() {
    return {"main", Uuid{}, 1, [] { return true; }};
}

class Figures : public testing::Test {
protected:
    Figures()
        : tenant(test::TestDatabase::tenant()), writer(db.base.url(), tenant),
          rollups(*db.database, db.metrics, db.log), everything(connect(db.base.superuser_url())),
          recount(everything, tenant) {
        agent = writer.add_agent("Asha");
        city = writer.add_city("Pune");
    }

    CallId add_call(std::string at = "2026-01-31 12:00+00", std::string issue = "Battery swap") {
        return writer.add_call({.agent = agent, .city = city, .at = at, .issue = issue});
    }

    void fold() { db.wait(rollups.fold_tenant(tenant, std::nullopt)); }

    /// Rollups plus outbox are exact before and after folding, and folding empties the outbox.
    void exact() {
        EXPECT_THAT(recount.differences(), IsEmpty()) << "before the fold";
        fold();
        EXPECT_THAT(recount.differences(), IsEmpty()) << "after the fold";
        EXPECT_EQ(deltas(), 0);
    }

    std::int64_t deltas() { return db.base.count("SELECT count(*) FROM rollup_outbox"); }

    std::int64_t figure(const std::string& of_city) {
        return db.base.count("SELECT coalesce(sum(" + of_city +
                             "), 0) FROM rollup_city WHERE grain = 'all'");
    }

    std::int64_t version() {
        const auto unit = db.database->unit({.tenant = tenant});
        return db.wait(store::data_version(*unit, tenant));
    }

    /// Until nothing is left to do: for a moment others on the server may be in the way.
    void rewrite() {
        for (int i = 0; i < 2000 && requests() > 0; ++i)
            db.wait(rollups.rewrite(anybody()));
        EXPECT_EQ(requests(), 0);
    }

    std::int64_t requests() { return db.base.count("SELECT count(*) FROM call_facts_rewrites"); }

    RollupAudit audit() { return db.wait(rollups.audit({tenant}, 1.0)); }

    test::LiveDatabase db;
    TenantId tenant;
    test::Writer writer;
    Rollups rollups;
    pg::BlockingConnection everything;
    test::Recount recount;
    AgentId agent;
    std::int64_t city = 0;
};

TEST_F(Figures, ACallCountsFromItsArrivalOn) {
    add_call();
    exact();
    EXPECT_EQ(figure("calls"), 1);
    EXPECT_EQ(figure("analysed"), 0);
    EXPECT_EQ(figure("seconds"), 60);
}

TEST_F(Figures, TheDayIsTheTenants) {
    add_call("2026-01-31 20:00+00"); // half past one on the first of February in India
    exact();
    EXPECT_EQ(
        db.base.count(
            "SELECT count(*) FROM rollup_agent WHERE grain = 'day' AND bucket = '2026-02-01'"),
        1);
    EXPECT_EQ(
        db.base.count(
            "SELECT count(*) FROM rollup_agent WHERE grain = 'month' AND bucket = '2026-02-01'"),
        1);
}

TEST_F(Figures, AnalysisAddsScoresAndAnotherOneReplacesThem) {
    const auto call = add_call();
    writer.judge(call, {});
    exact();
    EXPECT_EQ(figure("quality_sum"), 7777);
    writer.judge(call, {.quality = "0.5", .priority = std::nullopt, .flagged = true});
    exact();
    EXPECT_EQ(figure("analysed"), 1);
    EXPECT_EQ(figure("quality_sum"), 5000);
    EXPECT_EQ(figure("priority_count"), 0);
    EXPECT_EQ(figure("escalated"), 1);
    EXPECT_EQ(figure("emergencies"), 1);
}

TEST_F(Figures, AnUnscoredAnalysisHasNoScores) {
    writer.judge(add_call(), {.scored = false, .provisional = true});
    exact();
    EXPECT_EQ(figure("analysed"), 1);
    EXPECT_EQ(figure("provisional"), 1);
    EXPECT_EQ(figure("quality_count"), 0);
    EXPECT_EQ(
        db.base.count("SELECT count(*) FROM call_facts WHERE quality IS NULL AND sop IS NULL"), 1);
}

TEST_F(Figures, ReassignmentMovesTheCall) {
    const auto call = add_call();
    writer.judge(call, {});
    fold();
    const auto other = writer.add_agent("Binod");
    const auto there = writer.add_city("Nashik");
    writer.run(
        "UPDATE calls SET agent_id = $2, city_id = $3, call_timestamp = '2026-03-05 10:00+00', "
        "duration_seconds = 90 WHERE id = $1",
        pg::params(call, other, there));
    exact();
    EXPECT_EQ(figure("calls"), 1);
    EXPECT_EQ(
        db.base.count("SELECT sum(calls) FROM rollup_agent WHERE grain = 'all' AND agent_id = '" +
                      other.str() + "'"),
        1);
}

TEST_F(Figures, ACallOfADeletedAgentAndCityStaysInTheTotals) {
    writer.judge(add_call(), {});
    fold();
    writer.run("DELETE FROM agents");
    writer.run("DELETE FROM cities");
    exact();
    EXPECT_EQ(db.base.count("SELECT calls FROM rollup_city WHERE grain = 'all' AND city_id = 0"),
              1);
    EXPECT_EQ(
        db.base.count("SELECT quality_sum FROM rollup_agent WHERE grain = 'all' AND agent_id = '" +
                      Uuid{}.str() + "'"),
        7777);
}

TEST_F(Figures, ADeletedCallSubtractsItself) {
    const auto call = add_call();
    writer.judge(call, {.flagged = true});
    writer.override_score(call, "overall_quality", "0.9");
    const auto other = add_call();
    fold();
    writer.remove(call);
    exact();
    EXPECT_EQ(figure("calls"), 1);
    EXPECT_EQ(figure("quality_sum"), 0);
    EXPECT_EQ(db.base.count("SELECT count(*) FROM call_facts"), 1);
    writer.remove(other);
    exact();
    EXPECT_EQ(figure("calls"), 0);
}

TEST_F(Figures, AnEvaluationThatGoesTakesItsScoresWithIt) {
    writer.judge(add_call(), {});
    fold();
    everything.run("DELETE FROM evaluations");
    exact();
    EXPECT_EQ(figure("calls"), 1);
    EXPECT_EQ(figure("analysed"), 0);
}

TEST_F(Figures, TheNewestOverrideCountsUntilItIsWithdrawn) {
    const auto call = add_call();
    writer.judge(call, {});
    writer.override_score(call, "overall_quality", "0.2");
    const auto newer = writer.override_score(call, "overall_quality", "0.9");
    exact();
    EXPECT_EQ(figure("quality_sum"), 9000);
    writer.judge(call, {.quality = "0.1"}); // a new evaluation does not undo what a person said
    exact();
    EXPECT_EQ(figure("quality_sum"), 9000);
    writer.withdraw(newer);
    exact();
    EXPECT_EQ(figure("quality_sum"), 2000);
}

TEST_F(Figures, AnOverrideScoresAnUnscoredCallAndRaisesOrTakesBackAFlag) {
    const auto unscored = add_call();
    writer.judge(unscored, {.flagged = true, .scored = false});
    writer.override_score(unscored, "overall_quality", "0.6");
    writer.override_score(unscored, "escalation_risk", "0");
    const auto calm = add_call();
    writer.judge(calm, {});
    writer.override_score(calm, "escalation_risk", "1");
    exact();
    EXPECT_EQ(figure("quality_count"), 2);
    EXPECT_EQ(figure("escalated"), 1);
}

TEST_F(Figures, AnOverrideBeforeTheAnalysisWaitsForIt) {
    const auto call = add_call();
    writer.override_score(call, "sop_compliance", "0.3");
    exact();
    EXPECT_EQ(figure("sop_count"), 0);
    writer.judge(call, {});
    exact();
    EXPECT_EQ(figure("sop_sum"), 3000);
}

TEST_F(Figures, AnEmergencyCategoryCountsBeforeAnalysisAndOnceOnly) {
    writer.add_category("Emergency Service", {"Fire"}, true);
    rewrite();
    const auto call = add_call("2026-01-31 12:00+00", "  FIRE ");
    exact();
    EXPECT_EQ(figure("emergencies"), 1);
    EXPECT_EQ(figure("escalated"), 0);
    writer.judge(call, {.flagged = true});
    exact();
    EXPECT_EQ(figure("emergencies"), 1);
    writer.run("UPDATE calls SET primary_issue_category = 'Battery swap'");
    writer.judge(call, {});
    exact();
    EXPECT_EQ(figure("emergencies"), 0);
}

TEST_F(Figures, MarksAndMergersOfCategoriesRewriteTheFacts) {
    for (int i = 0; i < 30; ++i)
        add_call("2026-01-31 12:00+00", i % 2 == 0 ? "Gas smell" : "Battery swap");
    fold();
    writer.add_category("Safety", {"gas smell"}, true);
    rewrite();
    exact();
    EXPECT_EQ(figure("emergencies"), 15);
    EXPECT_EQ(
        db.base.count("SELECT calls FROM rollup_issue WHERE grain = 'all' AND issue = 'Safety'"),
        15);
    writer.run("UPDATE issue_categories SET emergency = false");
    rewrite();
    exact();
    EXPECT_EQ(figure("emergencies"), 0);
}

TEST_F(Figures, ARewriteWaitsForThoseWhoMayHaveReadTheOldMark) {
    test::Writer slow(db.base.url(), tenant);
    slow.begin();
    slow.add_call({.agent = agent, .city = city, .issue = "Gas smell"});
    slow.run("SET CONSTRAINTS ALL IMMEDIATE"); // its facts are made, with the old mark
    writer.add_category("Safety", {"Gas smell"}, true);
    db.wait(rollups.rewrite(anybody()));
    EXPECT_EQ(requests(), 1);
    slow.commit();
    rewrite();
    exact();
    EXPECT_EQ(figure("emergencies"), 1);
}

TEST_F(Figures, AnotherTimeZoneRewritesTheDays) {
    add_call("2026-01-31 20:00+00");
    fold();
    db.base.sql("UPDATE tenants SET time_zone = 'America/New_York'");
    rewrite();
    exact();
    EXPECT_EQ(
        db.base.count(
            "SELECT sum(calls) FROM rollup_city WHERE grain = 'day' AND bucket = '2026-01-31'"),
        1);
    EXPECT_THROW(everything.run("UPDATE tenants SET time_zone = 'Mars/Olympus'"),
                 pg::DatabaseError);
}

TEST_F(Figures, WritingTheSameAgainWritesNoDelta) {
    const auto call = add_call();
    writer.judge(call, {});
    fold();
    writer.judge(call, {});
    writer.run("UPDATE calls SET agent_id = agent_id, updated_at = now(), agent_manual_note = 'x'");
    EXPECT_EQ(deltas(), 0);
}

TEST_F(Figures, ARolledBackChangeLeavesNothing) {
    const auto call = add_call();
    fold();
    writer.begin();
    writer.judge(call, {});
    writer.run("SET CONSTRAINTS ALL IMMEDIATE");
    writer.rollback();
    EXPECT_EQ(deltas(), 0);
    exact();
}

TEST_F(Figures, AChangeThatCommitsLateIsNotLost) {
    test::Writer slow(db.base.url(), tenant);
    slow.begin();
    slow.add_call({.agent = agent});
    slow.run("SET CONSTRAINTS ALL IMMEDIATE"); // its delta has the smaller number
    add_call();
    fold();
    EXPECT_EQ(figure("calls"), 1);
    slow.commit();
    exact();
    EXPECT_EQ(figure("calls"), 2);
}

TEST_F(Figures, WritersOfOneCallDoNotWaitForEachOtherInACircle) {
    const auto call = add_call();
    writer.judge(call, {});
    writer.begin();
    writer.run("UPDATE call_insights SET overall_quality_score = 0.3");
    // Were the facts locked at once, this one would hold the call and wait for us.
    auto other = std::async(std::launch::async, [this] {
        test::Writer mover(db.base.url(), tenant);
        mover.run("UPDATE calls SET agent_id = NULL");
    });
    db.base.count(
        "SELECT count(*) FROM pg_sleep(0.2)"); // gives it time to get there; either order is right
    EXPECT_NO_THROW(writer.run("UPDATE calls SET duration_seconds = 61"));
    EXPECT_NO_THROW(writer.commit());
    EXPECT_NO_THROW(other.get());
    exact();
    EXPECT_EQ(figure("quality_sum"), 3000);
    EXPECT_EQ(figure("seconds"), 61);
}

TEST_F(Figures, TheVersionFollowsFiguresAndNames) {
    fold();
    const auto before = version();
    add_call();
    fold();
    const auto after_call = version();
    EXPECT_GT(after_call, before);
    for (const auto* change :
         {"UPDATE agents SET name = 'Asha K'",
          "UPDATE cities SET state = 'Maharashtra'",
          "INSERT INTO city_insights (tenant_id, city_id) SELECT tenant_id, id FROM cities",
          "DELETE FROM city_insights"}) {
        const auto known = version();
        writer.run(change);
        fold();
        EXPECT_GT(version(), known) << change;
    }
    const auto last = version();
    fold();
    EXPECT_EQ(version(), last);
}

TEST_F(Figures, AsOfIsTheOldestDelta) {
    const auto unit = db.database->unit({.tenant = tenant});
    add_call();
    const auto waiting = db.wait(store::figures_as_of(*unit, tenant));
    add_call();
    EXPECT_EQ(db.wait(store::figures_as_of(*unit, tenant)), waiting);
    fold();
    EXPECT_GT(db.wait(store::figures_as_of(*unit, tenant)), waiting);
}

TEST_F(Figures, ADeposedLeaderFoldsNothing) {
    add_call();
    db.wait(rollups.fold_tenant(tenant, anybody())); // there is no such term
    EXPECT_GT(deltas(), 0);
    const auto holder = Uuid::random();
    everything.run("INSERT INTO leader VALUES ('main', $1, 7, now() + interval '1 minute', '{}')",
                   pg::params(holder));
    db.wait(rollups.fold_tenant(tenant, queue::Lead{"main", holder, 6, [] { return true; }}));
    EXPECT_GT(deltas(), 0);
    db.wait(rollups.fold(queue::Lead{"main", holder, 7, [] { return true; }}));
    EXPECT_EQ(deltas(), 0);
}

TEST_F(Figures, ATenantsFiguresAreItsOwn) {
    const auto other = db.base.another_tenant();
    test::Writer elsewhere(db.base.url(), other);
    elsewhere.judge(elsewhere.add_call({}), {});
    add_call();
    fold();
    db.wait(rollups.fold_tenant(other, std::nullopt));
    EXPECT_EQ(writer.run("SELECT sum(calls) AS n FROM rollup_city WHERE grain = 'all'")
                  .front()
                  .integer("n"),
              1);
    test::Recount theirs(everything, other);
    EXPECT_THAT(theirs.differences(), IsEmpty());
    EXPECT_THAT(recount.differences(), IsEmpty());
}

// --- audit and rebuild --------------------------------------------------------------------------

TEST_F(Figures, TheAuditNeedsNoDrainingAndFindsDamageWhichARebuildRepairs) {
    for (int i = 0; i < 40; ++i)
        writer.judge(add_call(fmt::format("2026-{:02}-15 12:00+00", 1 + i % 3)), {});
    fold();
    add_call("2026-02-15 12:00+00"); // waits in the outbox
    EXPECT_THAT(audit().findings, IsEmpty());
    everything.run("UPDATE rollup_city SET quality_sum = quality_sum + 1 "
                   "WHERE grain = 'day' AND bucket = '2026-02-15'");
    const auto report = audit();
    ASSERT_EQ(report.findings.size(), 2U); // the day itself, and the month that is not its sum
    EXPECT_EQ(report.findings[0].bucket, "2026-02-15");
    EXPECT_EQ(report.findings[0].rollup, "rollup_city");
    db.wait(rollups.rebuild(tenant, "2026-02-01"));
    EXPECT_THAT(audit().findings, IsEmpty());
    exact();
}

TEST_F(Figures, TheAuditWalksOnlyDaysThatHaveSomething) {
    add_call("2000-01-01 12:00+00");
    add_call("2026-01-31 12:00+00");
    add_call("2026-01-31 20:00+00"); // the first of February in India
    fold();
    EXPECT_EQ(audit().days, 3U);
    EXPECT_EQ(audit().days, 3U) << "also when none was touched";
    // Rows that stand for no call are days, too, whichever rollup has them.
    for (const auto* rollup : {"rollup_agent", "rollup_city", "rollup_issue", "rollup_city_issue"})
        everything.run(fmt::format("UPDATE {} SET bucket = bucket - 7 WHERE grain = 'day' AND "
                                   "bucket = '2000-01-01'",
                                   rollup));
    everything.run("UPDATE rollup_issue SET bucket = bucket + 3 WHERE grain = 'day' AND bucket = "
                   "'1999-12-25'");
    const auto report = audit();
    EXPECT_EQ(report.days, 5U);
    const auto found = [&](const char* day, const char* rollup) {
        return std::ranges::any_of(report.findings, [&](const auto& finding) {
            return finding.bucket == day && finding.rollup == rollup;
        });
    };
    EXPECT_TRUE(found("2000-01-01", "rollup_city"));
    EXPECT_TRUE(found("1999-12-25", "rollup_agent"));
    EXPECT_TRUE(found("1999-12-28", "rollup_issue"));
}

TEST_F(Figures, WhatHappenedBehindTheTriggersIsFoundAndRepairedAtNight) {
    writer.judge(add_call(), {});
    fold();
    everything.run("SET session_replication_role = replica");
    everything.run("UPDATE call_insights SET overall_quality_score = 0.1");
    everything.run("SET session_replication_role = DEFAULT");
    db.wait(rollups.audit_and_repair());
    EXPECT_THAT(recount.differences(), IsEmpty());
    EXPECT_EQ(figure("quality_sum"), 1000);
    EXPECT_THAT(db.metrics.prometheus_text(),
                testing::HasSubstr("hacksmart_rollup_audit_differences_total"));
}

TEST_F(Figures, ARebuildCountsWhatWaitsInTheOutboxOnce) {
    writer.judge(add_call("2026-01-15 12:00+00"), {});
    fold();
    writer.judge(add_call("2026-01-16 12:00+00"), {});
    add_call("2026-02-16 12:00+00");
    everything.run("DELETE FROM rollup_agent");
    db.wait(rollups.rebuild(tenant, "2026-01-01"));
    exact();
}

TEST_F(Figures, ARebuildWaitsForItsTurn) {
    add_call();
    everything.run("BEGIN");
    everything.run(store::sql::rollup_turn.sql,
                   pg::params(tenant, std::nullopt, std::nullopt, std::nullopt));
    auto rebuilt = db.loop.start(rollups.rebuild(tenant, "2026-01-01"));
    EXPECT_EQ(rebuilt.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
    everything.run("COMMIT");
    rebuilt.get();
    exact();
}

TEST_F(Figures, EmptyBucketsGoAtNight) {
    const auto call = add_call();
    fold();
    writer.remove(call);
    fold();
    EXPECT_GT(db.base.count("SELECT count(*) FROM rollup_city"), 0);
    db.wait(rollups.audit_and_repair());
    EXPECT_EQ(db.base.count("SELECT count(*) FROM rollup_city"), 0);
}

TEST_F(Figures, TheAuditLeavesTenantsAloneWhoseFactsAreBeingRewritten) {
    add_call("2026-01-31 12:00+00", "Gas smell");
    fold();
    writer.add_category("Safety", {"Gas smell"}, true);
    EXPECT_EQ(audit().skipped.size(), 1U);
    rewrite();
    EXPECT_THAT(audit().skipped, IsEmpty());
    EXPECT_THAT(audit().findings, IsEmpty());
}

// --- upgrade ------------------------------------------------------------------------------------

/// A database as an older release left it: migrations up to `last` only.
class OldDatabase {
public:
    explicit OldDatabase(int last) {
        char folder[] = "/tmp/hs-migrations-XXXXXX";
        folder_ = ::mkdtemp(folder);
        const std::filesystem::path all = std::string(HS_SOURCE_DIR) + "/db/migrations";
        for (const auto& entry : std::filesystem::directory_iterator(all)) {
            const auto name = entry.path().filename().string();
            if (std::stoi(name) <= last) std::filesystem::copy_file(entry.path(), folder_ / name);
        }
        connect(test::admin_url()).run("CREATE DATABASE " + name_);
        const auto done = pg::migrate(url(), folder_, Log());
        if (!done) throw std::runtime_error(done.error().message);
    }

    ~OldDatabase() {
        std::filesystem::remove_all(folder_);
        connect(test::admin_url()).run("DROP DATABASE " + name_ + " WITH (FORCE)");
    }

    OldDatabase(const OldDatabase&) = delete;
    OldDatabase& operator=(const OldDatabase&) = delete;

    [[nodiscard]] std::string url() const {
        return pg::conninfo_with(test::admin_url(), {{"dbname", name_}});
    }

    Result<pg::MigrationReport> upgrade() {
        return pg::migrate(url(), std::string(HS_SOURCE_DIR) + "/db/migrations", Log());
    }

private:
    std::filesystem::path folder_;
    std::string name_ = "hs_old_" + std::to_string(::getpid());
};

/// A call as programs of schema 3 wrote it: today's statements also write what came later.
CallId old_call(test::Writer& writer, const test::CallRow& call) {
    const CallId id{Uuid::random()};
    writer.run(
        "INSERT INTO calls (tenant_id, id, agent_id, city_id, audio_url, duration_seconds, "
        "call_timestamp, primary_issue_category) VALUES ($1, $2, $3, $4, 'local:x', $5, $6, $7)",
        pg::params(test::TestDatabase::tenant(),
                   id,
                   call.agent,
                   call.city,
                   call.seconds,
                   call.at,
                   call.issue));
    return id;
}

void old_judgement(test::Writer& writer, CallId call, const test::JudgementRow& judged) {
    const auto tenant = test::TestDatabase::tenant();
    const EvaluationId evaluation{Uuid::random()};
    writer.run(
        "INSERT INTO evaluations (tenant_id, id, call_id, transcript_id, scorecard_key, "
        "scorecard_version, scorecard_hash, evaluator, transcript_hash, versions_key, document, "
        "scored, provisional, coverage, reason) VALUES ($1, $2, $3, $2, 'card', 1, 'h', 'rules', "
        "'h', 'v', '{}', $4, false, 1, 'test')",
        pg::params(tenant, evaluation, call, judged.scored));
    writer.run(
        "INSERT INTO call_insights (tenant_id, call_id, evaluation_id, language_spoken, "
        "sop_compliance_score, sentiment_stabilization_score, resolution_validity_score, "
        "overall_quality_score, communication_score, coaching_priority, escalation_risk, "
        "why_flagged, scored, provisional, coverage) VALUES ($1, $2, $3, 'hindi', 0.8123, 0.5, "
        "0.75, 0.7777, 0.9, 0.2, $4::boolean, CASE WHEN $4::boolean THEN 'said so' END, $5, "
        "false, 1)",
        pg::params(tenant, call, evaluation, judged.flagged, judged.scored));
}

TEST(Upgrade, CallsThatWereThereBeforeAreCounted) {
    OldDatabase old(3);
    const auto tenant = test::TestDatabase::tenant();
    {
        test::Writer writer(old.url(), tenant);
        const auto agent = writer.add_agent("Asha");
        const auto city = writer.add_city("Pune");
        writer.add_category("Emergency Service", {"Fire"}, true);
        for (int i = 0; i < 50; ++i) {
            const auto call =
                old_call(writer,
                         {.agent = i % 3 == 0 ? std::nullopt : std::optional(agent),
                          .city = i % 5 == 0 ? std::nullopt : std::optional(city),
                          .at = fmt::format("2026-0{}-1{} 20:00+00", 1 + i % 4, i % 9),
                          .issue = i % 7 == 0 ? "fire" : "Battery swap"});
            if (i % 2 == 0)
                old_judgement(writer, call, {.flagged = i % 4 == 0, .scored = i % 6 != 0});
        }
    }
    const auto done = old.upgrade();
    ASSERT_TRUE(done) << done.error().message;
    auto everything = connect(old.url());
    test::Recount recount(everything, tenant);
    EXPECT_THAT(recount.differences(), IsEmpty());
    EXPECT_EQ(everything.run("SELECT sum(calls) AS n FROM rollup_city WHERE grain = 'all'")
                  .front()
                  .integer("n"),
              50);
}

} // namespace
} // namespace hs::pipeline
