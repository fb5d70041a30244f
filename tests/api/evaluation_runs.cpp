// Evaluation runs: calls judged again by a version of choice, over the whole program.
#include <set>

#include <fmt/format.h>

#include "api/api_test.hpp"
#include "support/scorecard_documents.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

class EvaluationRuns : public ApiTest {
protected:
    EvaluationRuns() { add_directory(own); }

    HttpReply post(const std::string& path, const json::object& body) {
        return own.post_json(path, json::serialize(body));
    }

    json::object at(const std::string& path) {
        const auto reply = own.ask("GET " + path);
        EXPECT_EQ(reply.status, 200) << reply.body;
        return json_of(reply).as_object();
    }

    std::string judged_call(const std::string& category = "Battery Swap Failure") {
        auto sent = form();
        sent.set("issue_category", category);
        sent.file = corpus_bytes("calls/c01_perfect_swap.mp3"); // two tracks: an agent is heard
        const auto call = call_id_of(own.upload(sent));
        EXPECT_EQ(own.settled(call), "analyzed");
        return call;
    }

    /// A version of the shipped scorecard, as a draft.
    void make_version(const CardOptions& options) {
        const auto reply = post("/api/scorecards/" + options.key + "/versions",
                                {{"content", scorecard_document(options)}});
        EXPECT_EQ(reply.status, 201) << reply.body;
    }

    static json::object of_version(int version) {
        return {{"scorecard", json::object{{"key", "battery-swap-support"}, {"version", version}}},
                {"filter", json::object()}};
    }

    std::string start(const json::object& body) {
        const auto reply = post("/api/evaluation-runs", body);
        EXPECT_EQ(reply.status, 202) << reply.body;
        if (reply.status != 202) return "";
        const std::string id(json_of(reply).at("id").as_string());
        EXPECT_EQ(reply.header("location"), "/api/evaluation-runs/" + id);
        return id;
    }

    std::string state_of(const std::string& run) {
        return std::string(at("/api/evaluation-runs/" + run).at("state").as_string());
    }

    bool reaches(const std::string& run, const std::string& state) {
        return eventually([&] { return state_of(run) == state; });
    }

    std::int64_t count(const std::string& what) {
        return own.database().count("SELECT count(*) FROM " + what);
    }

    std::string current_of(const std::string& call) {
        return own.database()
            .sql("SELECT evaluation_id FROM call_insights WHERE call_id = '" + call + "'")
            .front();
    }

    /// Judging stands still until let_go(): jobs stay in the queue.
    void hold_queue() {
        own.database().sql("INSERT INTO queue_control (queue, paused) VALUES ('judge', true) "
                           "ON CONFLICT (queue) DO UPDATE SET paused = true");
    }

    void let_go() { own.database().sql("UPDATE queue_control SET paused = false"); }

    SpeechImposter speech;
    WholeServer own{speech};
};

TEST_F(EvaluationRuns, ADryRunCountsAndChangesNothing) {
    (void)judged_call();
    (void)judged_call("Refund Request");
    auto body = of_version(1);
    body["dry_run"] = true;
    const auto all = post("/api/evaluation-runs", body);
    ASSERT_EQ(all.status, 200) << all.body;
    const auto preview = json_of(all);
    EXPECT_EQ(preview.at("calls"), 2);
    EXPECT_EQ(preview.at("words_exact"), true);
    EXPECT_EQ(preview.at("words").as_int64(),
              own.database().count(
                  "SELECT sum(array_length(regexp_split_to_array(redacted_text, '[ \\n]'), 1)) "
                  "FROM transcripts"));
    EXPECT_EQ(preview.at("cost_usd"), 0.0) << "no model is configured";
    body["filter"] = json::object{{"issue", "Refund Request"}};
    EXPECT_EQ(json_of(post("/api/evaluation-runs", body)).at("calls"), 1);
    body["filter"] = json::object{{"agent_id", "00000000-0000-4000-8000-00000000abcd"}};
    EXPECT_EQ(json_of(post("/api/evaluation-runs", body)).at("calls"), 0);
    EXPECT_EQ(count("evaluation_runs"), 0);
    EXPECT_EQ(count("jobs WHERE kind = 'run'"), 0);
}

TEST_F(EvaluationRuns, FlipsAreListedAndTheOldEvaluationStaysCurrent) {
    const std::set<std::string> calls{judged_call(), judged_call("Refund Request"), judged_call()};
    make_version({});
    std::set<std::string> before;
    for (const auto& call : calls)
        before.insert(current_of(call));
    const auto run = start(of_version(2));
    ASSERT_TRUE(reaches(run, "done"));
    const auto shown = at("/api/evaluation-runs/" + run);
    EXPECT_EQ(shown.at("calls"), 3);
    EXPECT_EQ(shown.at("done"), 3);
    EXPECT_EQ(shown.at("pending"), 0);
    EXPECT_EQ(shown.at("changed"), 3);
    EXPECT_EQ(shown.at("result").at("flips"), 3);
    for (const auto& rule : shown.at("result").at("rules").as_array()) {
        const bool greeting = rule.at("question_id") == "greeting";
        EXPECT_EQ(rule.at("compared"), 3);
        EXPECT_EQ(rule.at("agreement"), greeting ? 0.0 : 1.0) << json::serialize(rule);
        EXPECT_EQ(rule.at("flips_to").at("fail"), greeting ? 3 : 0);
    }
    EXPECT_LT(shown.at("result").at("quality").at("after").as_double(),
              shown.at("result").at("quality").at("before").as_double());
    // Every call once over the pages.
    std::set<std::string> flipped;
    std::string cursor;
    do {
        const auto page = at("/api/evaluation-runs/" + run + "/flips?limit=1" +
                             (cursor.empty() ? "" : "&cursor=" + cursor));
        ASSERT_EQ(page.at("data").as_array().size(), 1U);
        const auto& flip = page.at("data").at(0);
        EXPECT_EQ(flip.at("question_id"), "greeting");
        EXPECT_EQ(flip.at("before"), "pass");
        EXPECT_EQ(flip.at("after"), "fail");
        flipped.emplace(flip.at("call_id").as_string());
        const auto& next = page.at("next_cursor");
        cursor = next.is_string() ? std::string(next.as_string()) : "";
    } while (!cursor.empty() && flipped.size() < 10);
    EXPECT_EQ(flipped, calls);
    EXPECT_EQ(at("/api/evaluation-runs/" + run + "/flips?question_id=closing")
                  .at("data")
                  .as_array()
                  .size(),
              0U);
    EXPECT_EQ(at("/api/evaluation-runs/" + run + "/results?changed_only=true&limit=2")
                  .at("data")
                  .as_array()
                  .size(),
              2U);
    // Old ones stay current; the run's are history.
    std::set<std::string> after;
    for (const auto& call : calls) {
        after.insert(current_of(call));
        EXPECT_EQ(at("/api/calls/" + call + "/evaluations").at("data").as_array().size(), 2U);
    }
    EXPECT_EQ(after, before);
    EXPECT_EQ(count("evaluations WHERE reason = 'run:" + run + "' AND scorecard_version = 2"), 3);
    EXPECT_EQ(std::string(at("/api/evaluation-runs").at("data").at(0).at("id").as_string()), run);
}

TEST_F(EvaluationRuns, ARunJudgesByTheVersionItNamesWhateverIsInForce) {
    const auto call = judged_call();
    make_version({});
    make_version({.version = 3, .greeting = "pass"});
    // In force: one that fails every greeting. The run names another, and it changes under way.
    ASSERT_EQ(own.ask("POST /api/scorecards/battery-swap-support/versions/2/activate").status, 200);
    hold_queue();
    const auto run = start(of_version(3));
    ASSERT_EQ(own.ask("POST /api/scorecards/battery-swap-support/versions/1/activate").status, 200);
    let_go();
    ASSERT_TRUE(reaches(run, "done"));
    const auto named = at("/api/evaluation-runs/" + run).at("scorecard").as_object();
    EXPECT_EQ(count(fmt::format("evaluations WHERE reason = 'run:{}' AND scorecard_version = 3 AND "
                                "scorecard_hash = '{}'",
                                run,
                                std::string(named.at("hash").as_string()))),
              1);
    EXPECT_EQ(count("evaluations WHERE reason LIKE 'run:%' AND scorecard_version <> 3"), 0);
    EXPECT_EQ(count("evaluations WHERE call_id = '" + call + "'"), 2);
}

TEST_F(EvaluationRuns, PromotingMakesTheRunCurrentAndFiguresStayExact) {
    const auto first = judged_call();
    const auto second = judged_call();
    make_version({});
    const auto run = start(of_version(2));
    ASSERT_TRUE(reaches(run, "done"));
    // One of them is judged anew meanwhile: that is newer than what the run was compared with.
    const auto again =
        own.ask("POST /api/calls/" + second + "/process?force=true", "Prefer: wait=20\r\n");
    ASSERT_EQ(again.status, 200) << again.body;
    const auto newest = current_of(second);
    const auto alarms = count("escalations");
    const auto promoted = own.ask("POST /api/evaluation-runs/" + run + "/promote");
    ASSERT_EQ(promoted.status, 202) << promoted.body;
    ASSERT_TRUE(reaches(run, "promoted"));
    const auto shown = at("/api/evaluation-runs/" + run);
    EXPECT_EQ(shown.at("promoted"), 1);
    EXPECT_EQ(shown.at("kept"), 1);
    EXPECT_EQ(current_of(second), newest);
    EXPECT_EQ(count("evaluations e JOIN call_insights i ON i.evaluation_id = e.id WHERE e.reason = "
                    "'run:" +
                    run + "' AND e.call_id = '" + first + "' AND NOT i.alerts"),
              1);
    EXPECT_EQ(count("escalations"), alarms);
    EXPECT_EQ(count("held_insights"), 1) << "the one that was not promoted";
    // The call shows what was promoted.
    const auto history = at("/api/calls/" + first + "/evaluations").at("data").as_array();
    EXPECT_EQ(history.at(0).at("current"), true);
    EXPECT_EQ(history.at(0).at("scorecard").at("version"), 2);
    const auto detail = at("/api/calls/" + first);
    const std::string promoted_id(history.at(0).at("id").as_string());
    EXPECT_EQ(detail.at("evaluation_id"), json::value(promoted_id));
    EXPECT_EQ(
        detail.at("overall_quality_score"),
        at("/api/calls/" + first + "/evaluations/" + promoted_id).at("overall_quality_score"));
    // Facts and sums are what the tables say.
    EXPECT_EQ(count("(SELECT tenant_id, call_id, quality, sop, escalated FROM call_facts_expected "
                    "EXCEPT SELECT tenant_id, call_id, quality, sop, escalated FROM call_facts) AS "
                    "d"),
              0);
    const auto sum = own.database().count(
        "SELECT sum(round(10000 * overall_quality_score)) FROM call_insights WHERE scored");
    EXPECT_TRUE(eventually([&] {
        return own.database().count("SELECT sum(quality_sum) FROM rollup_agent WHERE grain = "
                                    "'all'") == sum;
    }));
    EXPECT_EQ(refusal(own.ask("POST /api/evaluation-runs/" + run + "/promote")), "409 run.state");
}

TEST_F(EvaluationRuns, CancellingTakesAwayWhatWaits) {
    for (int i = 0; i < 3; ++i)
        (void)judged_call();
    make_version({});
    hold_queue();
    const auto run = start(of_version(2));
    EXPECT_EQ(count("jobs WHERE kind = 'run' AND priority = 2"), 3);
    EXPECT_EQ(at("/api/evaluation-runs/" + run).at("pending"), 3);
    const auto cancelled = own.ask("POST /api/evaluation-runs/" + run + "/cancel");
    ASSERT_EQ(cancelled.status, 200) << cancelled.body;
    EXPECT_EQ(json_of(cancelled).at("state"), "cancelled");
    const auto shown = at("/api/evaluation-runs/" + run);
    EXPECT_EQ(shown.at("cancelled").as_int64() + shown.at("done").as_int64(), 3);
    EXPECT_EQ(count("jobs WHERE kind = 'run' AND state <> 'running'"), 0);
    EXPECT_EQ(refusal(own.ask("POST /api/evaluation-runs/" + run + "/cancel")), "409 run.state");
    let_go();
    EXPECT_EQ(state_of(run), "cancelled");
}

TEST_F(EvaluationRuns, RunsAreComparedByWhatTheySaidOfTheSameCalls) {
    const auto call = judged_call();
    make_version({});
    auto body = of_version(1);
    body.erase("filter");
    body["call_id"] = call;
    const auto first = start(body);
    body["scorecard"].as_object()["version"] = 2;
    const auto second = start(body);
    ASSERT_TRUE(reaches(first, "done"));
    ASSERT_TRUE(reaches(second, "done"));
    EXPECT_EQ(at("/api/evaluation-runs/" + first).at("changed"), 0);
    const auto both = at("/api/evaluation-runs/compare?a=" + first + "&b=" + second);
    EXPECT_EQ(both.at("calls"), 1);
    EXPECT_EQ(both.at("flips"), 1);
    EXPECT_LT(both.at("quality").at("after").as_double(),
              both.at("quality").at("before").as_double());
    EXPECT_EQ(refusal(own.ask("GET /api/evaluation-runs/compare?a=" + first)),
              "400 query.required");
    EXPECT_EQ(refusal(own.ask("GET /api/evaluation-runs/compare?a=x&b=y")), "404 run.not_found");
}

TEST_F(EvaluationRuns, ADeletedCallDoesNotHoldUpItsRun) {
    const auto call = judged_call();
    (void)judged_call();
    make_version({});
    hold_queue();
    const auto run = start(of_version(2));
    ASSERT_EQ(own.ask("DELETE /api/calls/" + call).status, 204);
    let_go();
    ASSERT_TRUE(reaches(run, "done"));
    EXPECT_EQ(at("/api/evaluation-runs/" + run).at("done"), 1);
    EXPECT_EQ(count("evaluation_run_calls WHERE call_id = '" + call + "'"), 0);
}

TEST_F(EvaluationRuns, MoreCallsThanStandInTheQueueAtOnceAreAllLookedAt) {
    const auto call = judged_call();
    // Copies whose words cannot be opened, because they are sealed for another: each of them fails.
    const auto& database = own.database();
    database.sql("CREATE TABLE copies AS SELECT gen_random_uuid() AS id, gen_random_uuid() AS "
                 "transcript, gen_random_uuid() AS evaluation FROM generate_series(1, 39)");
    database.sql(
        "INSERT INTO calls SELECT (jsonb_populate_record(c, jsonb_build_object('id', n.id, "
        "'current_transcript_id', n.transcript))).* FROM calls c, copies n");
    database.sql(
        "INSERT INTO transcripts (tenant_id, id, call_id, engine, model, engine_version, "
        "language, low_confidence, turns_sealed, spotted, redacted, redacted_text, "
        "redaction_version, sha256) SELECT t.tenant_id, n.transcript, n.id, engine, model, "
        "engine_version, language, low_confidence, turns_sealed, spotted, redacted, "
        "redacted_text, redaction_version, sha256 FROM transcripts t, copies n");
    database.sql(
        "INSERT INTO evaluations SELECT (jsonb_populate_record(e, jsonb_build_object('id', "
        "n.evaluation, 'call_id', n.id))).* FROM evaluations e, copies n");
    database.sql("INSERT INTO call_insights SELECT (jsonb_populate_record(i, "
                 "jsonb_build_object('call_id', n.id, 'evaluation_id', n.evaluation))).* "
                 "FROM call_insights i, copies n");
    make_version({});
    hold_queue();
    const auto run = start(of_version(2));
    EXPECT_EQ(count("jobs WHERE kind = 'run'"), 32) << "uploads still find room in the queue";
    let_go();
    ASSERT_TRUE(reaches(run, "done"));
    const auto shown = at("/api/evaluation-runs/" + run);
    EXPECT_EQ(shown.at("calls"), 40);
    EXPECT_EQ(shown.at("done"), 1);
    EXPECT_EQ(shown.at("failed"), 39);
    EXPECT_EQ(count("jobs WHERE kind = 'run'"), 0);
    EXPECT_EQ(count("evaluation_run_calls WHERE state = 'failed' AND error_code IS NOT NULL"), 39);
    EXPECT_EQ(count("evaluation_run_calls WHERE state = 'done' AND call_id = '" + call + "'"), 1);
}

TEST_F(EvaluationRuns, WhatCannotBeRunIsRefused) {
    const auto refused = [this](json::object body) {
        return refusal(post("/api/evaluation-runs", body));
    };
    auto body = of_version(1);
    EXPECT_EQ(refused(body), "400 run.no_calls");
    EXPECT_EQ(count("evaluation_runs"), 0);
    body["scorecard"].as_object()["version"] = 9;
    EXPECT_EQ(refused(body), "400 field.choice");
    body = of_version(1);
    body.erase("filter");
    EXPECT_EQ(refused(body), "400 field.choice");
    body["filter"] = json::object{{"colour", "red"}};
    EXPECT_EQ(refused(body), "400 field.unknown");
    body["filter"] = json::object{{"min_score", 3}};
    EXPECT_EQ(refused(body), "400 field.choice");
    EXPECT_EQ(refused({{"filter", json::object()}}), "400 field.required");
    for (const auto* path : {"", "/results", "/flips"}) {
        EXPECT_EQ(refusal(own.ask("GET /api/evaluation-runs/nothing" + std::string(path))),
                  "404 run.not_found");
    }
    const std::string unknown = "/api/evaluation-runs/00000000-0000-4000-8000-00000000abcd";
    EXPECT_EQ(refusal(own.ask("POST " + unknown + "/cancel")), "404 run.not_found");
    EXPECT_EQ(refusal(own.ask("POST " + unknown + "/promote")), "404 run.not_found");
}

} // namespace
} // namespace hs::test
