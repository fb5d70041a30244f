// Idempotency-Key on requests that write: done once, answered alike, whatever crashes in between.
#include <future>

#include <fmt/format.h>

#include "api/api_test.hpp"
#include "pg/blocking.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

std::string with_key(std::string_view key) {
    return fmt::format("Content-Type: application/json\r\nIdempotency-Key: {}\r\n", key);
}

HttpReply post(const WholeServer& server,
               const std::string& path,
               const std::string& body,
               const std::string& key) {
    return server.ask("POST " + path, with_key(key), body);
}

class RepeatedRequests : public ApiTest {
protected:
    static std::string fresh_call() {
        const auto call = call_id_of(server().upload(form()));
        EXPECT_EQ(server().settled(call), "analyzed") << server().log();
        return call;
    }

    static std::int64_t count(const std::string& what) {
        return server().database().count("SELECT count(*) FROM " + what);
    }

    /// Sent twice under one key: the second answer is the first one. Gives the first.
    static HttpReply
    sent_twice(const std::string& path, const std::string& body, const std::string& key) {
        auto first = post(server(), path, body, key);
        EXPECT_LT(first.status, 300) << path << first.body;
        EXPECT_EQ(first.header("idempotency-replayed"), "") << path;
        const auto again = post(server(), path, body, key);
        EXPECT_EQ(again.status, first.status) << path << again.body;
        EXPECT_EQ(again.body, first.body) << path;
        EXPECT_EQ(again.header("location"), first.header("location")) << path;
        EXPECT_EQ(again.header("idempotency-replayed"), "true") << path;
        return first;
    }
};

TEST_F(RepeatedRequests, JudgementsOfPeopleAreWrittenOnce) {
    const auto call = fresh_call();
    const auto of_call = " WHERE call_id = '" + call + "'";
    sent_twice("/api/calls/" + call + "/remarks", R"({"text":"Say sorry first."})", "remark-1");
    EXPECT_EQ(count("remarks" + of_call), 1);
    const auto feedback = fmt::format(
        R"({{"agent_name":"Ritika Shah","call_id":"{}","feedback":"Well done."}})", call);
    sent_twice("/api/submit-feedback", feedback, "feedback-1");
    EXPECT_EQ(count("remarks" + of_call), 2);
    sent_twice("/api/calls/" + call + "/overrides",
               R"({"field":"escalation_risk","value":1,"reason":"threatened to sue"})",
               "override-1");
    EXPECT_EQ(count("overrides" + of_call), 1);
    const auto escalation = server().database().sql("SELECT id FROM escalations" + of_call).front();
    const auto path = "/api/escalations/" + escalation;
    sent_twice(path + "/acknowledge", R"({"note":"mine"})", "act-1");
    sent_twice(path + "/assign", R"({"assigned_to":"Meera"})", "act-1"); // another path
    sent_twice(path + "/snooze", R"({"minutes":5})", "act-1");
    sent_twice(path + "/resolve", "{}", "act-1");
    EXPECT_EQ(count("escalation_steps WHERE escalation_id = '" + escalation + "'"), 5);
}

TEST_F(RepeatedRequests, DirectoryEntriesAreAddedOnce) {
    sent_twice("/api/agents", R"({"name":"Twice Told","languages":["Hindi"]})", "agent-1");
    EXPECT_EQ(count("agents WHERE name = 'Twice Told'"), 1);
    sent_twice("/api/cities", R"({"name":"Twiceville"})", "city-1");
    sent_twice("/api/issue-categories", R"({"name":"Twice Broken"})", "issue-1");
}

TEST_F(RepeatedRequests, AReplyIsGivenAgainWhateverHasBecomeOfTheState) {
    const auto made =
        sent_twice("/api/agents", R"({"name":"Kept Name","employee_id":"KEPT-1"})", "kept-1");
    const auto id = std::string(json_of(made).at("id").as_string());
    (void)server().database().sql("UPDATE agents SET name = 'Other Name' WHERE id = '" + id +
                                  "' RETURNING 1");
    const auto again =
        post(server(), "/api/agents", R"({"employee_id":"KEPT-1", "name":"Kept Name"})", "kept-1");
    EXPECT_EQ(again.status, 201) << "the order of members is no part of a request";
    EXPECT_EQ(again.body, made.body);
}

TEST_F(RepeatedRequests, AnotherRequestUnderTheKeyIsRefused) {
    const auto path = "/api/calls/" + analysed_call() + "/remarks";
    sent_twice(path, R"({"text":"one"})", "reused-1");
    EXPECT_EQ(refusal(post(server(), path, R"({"text":"two"})", "reused-1")),
              "422 idempotency.key_reused");
    const auto city = json_of(server().ask("GET /api/cities")).at("data").at(0).at("id");
    const auto texts = "/api/cities/" + std::to_string(city.as_int64()) + "/generate-insights";
    sent_twice(texts, "", "reused-2");
    EXPECT_EQ(refusal(post(server(), texts + "?force=true", "", "reused-2")),
              "422 idempotency.key_reused");
}

TEST_F(RepeatedRequests, ARefusedOneLeavesItsKeyFree) {
    const auto path = "/api/calls/" + analysed_call() + "/remarks";
    EXPECT_EQ(refusal(post(server(), path, "{}", "refused-1")), "400 field.required");
    EXPECT_EQ(post(server(), path, R"({"text":"now"})", "refused-1").status, 201);
    const auto nowhere = "/api/calls/00000000-0000-4000-8000-00000000abcd/remarks";
    EXPECT_EQ(refusal(post(server(), nowhere, R"({"text":"now"})", "refused-1")),
              "404 call.not_found");
    // Paths that no column takes as they are.
    const auto odd = "/api/calls/%E0%A4%95%20" + std::string(3000, 'x') + "/remarks";
    EXPECT_EQ(refusal(post(server(), odd, R"({"text":"now"})", "refused-1")), "404 call.not_found");
}

TEST_F(RepeatedRequests, ARunThatWasAskedForIsJoinedAndNotAskedForAgain) {
    const auto call = fresh_call();
    const auto path = "/api/calls/" + call + "/process?force=true";
    const auto evaluations = [&] { return count("evaluations WHERE call_id = '" + call + "'"); };
    ASSERT_EQ(evaluations(), 1);
    const auto first = post(server(), path, "", "process-1");
    ASSERT_EQ(first.status, 202) << first.body;
    const auto headers = with_key("process-1") + "Prefer: wait=60\r\n";
    const auto done = server().ask("POST " + path, headers, "");
    EXPECT_EQ(done.status, 200) << "the reply shows what the work has come to: " << done.body;
    EXPECT_EQ(done.header("idempotency-replayed"), "true");
    EXPECT_EQ(evaluations(), 2);
    EXPECT_EQ(post(server(), path, "", "process-1").status, 200);
    EXPECT_EQ(server().settled(call), "analyzed");
    EXPECT_EQ(evaluations(), 2);
    const auto forced =
        server().ask("POST " + path, with_key("process-2") + "Prefer: wait=60\r\n", "");
    EXPECT_EQ(forced.status, 200) << forced.body;
    EXPECT_EQ(evaluations(), 3) << "another key is another wish";
}

TEST_F(RepeatedRequests, WhatWasAnsweredAboutACallGoesWithIt) {
    const auto call = fresh_call();
    const auto path = "/api/calls/" + call + "/remarks";
    const std::string body = R"({"text":"She gave her number as quaverley-7."})";
    sent_twice(path, body, "erased-1");
    const auto kept = [] { return count("idempotency WHERE reply_body LIKE '%quaverley-7%'"); };
    EXPECT_EQ(kept(), 1);
    ASSERT_EQ(server().ask("DELETE /api/calls/" + call).status, 204);
    EXPECT_EQ(kept(), 0);
    EXPECT_EQ(refusal(post(server(), path, body, "erased-1")), "404 call.not_found");
}

/// The contract says which routes take a key: those look at it, and every other POST says why not.
TEST_F(RepeatedRequests, EveryPostTakesAKeyOrSaysWhyNot) {
    const auto document = json_of(server().ask("GET /openapi.json"));
    std::vector<std::string> without;
    for (const auto& [path, item] : document.at("paths").as_object()) {
        const auto* operation = item.as_object().if_contains("post");
        if (operation == nullptr) continue;
        bool takes = false;
        if (const auto* parameters = operation->as_object().if_contains("parameters"))
            for (const auto& parameter : parameters->as_array())
                if (const auto* of = parameter.as_object().if_contains("$ref"))
                    takes = takes || *of == "#/components/parameters/idempotency_key";
        if (!takes) {
            without.emplace_back(path);
            const auto* text = operation->as_object().if_contains("description");
            ASSERT_NE(text, nullptr) << path;
            EXPECT_THAT(std::string(text->as_string()), HasSubstr("Idempotency-Key")) << path;
            continue;
        }
        if (path == "/ingest/call") continue; // a form: see idempotency.cpp
        std::string target(path);
        if (const auto at = target.find("{id}"); at != std::string::npos)
            target.replace(at, 4, "00000000-0000-4000-8000-00000000abcd");
        EXPECT_EQ(refusal(post(server(), target, "{}", "two words")), "400 idempotency.key_invalid")
            << path;
    }
    EXPECT_THAT(without,
                ::testing::UnorderedElementsAre("/api/events/ticket",
                                                "/api/uploads",
                                                "/api/uploads/{id}/complete",
                                                "/api/scorecards/validate",
                                                "/api/scorecards/try",
                                                "/api/scorecards/{key}/versions/{n}/validate",
                                                "/api/scorecards/{key}/versions/{n}/try"));
}

/// A server of its own that does not work, and one call; its row can be kept from all writers.
class CutOff : public ApiTest {
protected:
    CutOff() : own(speech, {}, "serve") {
        add_directory(own);
        const auto reply = own.upload(form());
        EXPECT_EQ(reply.status, 201) << reply.body;
        path = "/api/calls/" + call_id_of(reply) + "/remarks";
        locking = *pg::BlockingConnection::open(own.database().superuser_url(), 10);
    }

    void lock_calls() {
        locking->run("BEGIN");
        locking->run("SELECT id FROM calls FOR UPDATE");
    }

    void unlock() { locking->run("ROLLBACK"); }

    [[nodiscard]] HttpReply remark(const std::string& key) const {
        return post(own, path, R"({"text":"once"})", key);
    }

    [[nodiscard]] std::future<HttpReply> remark_later(const std::string& key) const {
        return std::async(std::launch::async, [this, key] { return remark(key); });
    }

    [[nodiscard]] std::int64_t count(const std::string& what) const {
        return own.database().count("SELECT count(*) FROM " + what);
    }

    /// How many requests wait for the call's row.
    [[nodiscard]] bool waiting(int requests) const {
        return eventually(
            [&] { return count("pg_stat_activity WHERE wait_event_type = 'Lock'") == requests; });
    }

    SpeechImposter speech;
    WholeServer own;
    std::string path;
    std::optional<pg::BlockingConnection> locking;
};

TEST_F(CutOff, TheSameAtOnceIsDoneOnce) {
    lock_calls();
    auto first = remark_later("race-1");
    ASSERT_TRUE(waiting(1));
    const auto second = remark("race-1");
    EXPECT_EQ(refusal(second), "409 idempotency.in_progress");
    EXPECT_NE(second.header("retry-after"), "");
    unlock();
    const auto done = first.get();
    EXPECT_EQ(done.status, 201) << done.body;
    EXPECT_EQ(remark("race-1").body, done.body);
    EXPECT_EQ(count("remarks"), 1);
}

TEST_F(CutOff, ACrashBeforeTheCommitLeavesNothingAndTheNextAttemptDoesIt) {
    lock_calls();
    auto lost = remark_later("crash-1");
    ASSERT_TRUE(waiting(1));
    own.kill();
    EXPECT_EQ(lost.get().status, 0) << "a request that was cut off was answered";
    unlock();
    own.start();
    EXPECT_EQ(count("remarks"), 0);
    EXPECT_EQ(refusal(remark("crash-1")), "409 idempotency.in_progress");
    (void)own.database().sql("UPDATE idempotency SET lease_until = now() RETURNING 1");
    const auto done = remark("crash-1");
    EXPECT_EQ(done.status, 201) << done.body;
    EXPECT_EQ(done.header("idempotency-replayed"), "");
    EXPECT_EQ(count("remarks"), 1);
}

TEST_F(CutOff, ACrashAfterTheCommitLosesNoReply) {
    const auto done = remark("kept-1");
    ASSERT_EQ(done.status, 201) << done.body;
    own.kill();
    own.start();
    (void)own.database().sql("UPDATE idempotency SET lease_until = now() RETURNING 1");
    const auto again = remark("kept-1");
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(again.body, done.body);
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(count("remarks"), 1);
}

TEST_F(CutOff, AnAttemptWhoseKeyWasTakenOverWritesNothing) {
    lock_calls();
    auto slow = remark_later("slow-1");
    ASSERT_TRUE(waiting(1));
    (void)own.database().sql("UPDATE idempotency SET lease_until = now() RETURNING 1");
    auto next = remark_later("slow-1");
    ASSERT_TRUE(waiting(2));
    unlock();
    EXPECT_EQ(refusal(slow.get()), "409 idempotency.in_progress");
    const auto done = next.get();
    EXPECT_EQ(done.status, 201) << done.body;
    EXPECT_EQ(count("remarks"), 1);
    EXPECT_EQ(remark("slow-1").body, done.body);
}

TEST_F(CutOff, ADeadJobIsQueuedAgainUnderItsKeyAndAnsweredAlike) {
    (void)own.database().sql(
        "INSERT INTO jobs_history (tenant_id, id, queue, kind, subject, args, priority, runs, "
        "failures, crashes, unique_key, outcome, created_at, finished_at) VALUES "
        "('00000000-0000-7000-8000-000000000001', 1000, 'speech', 'transcribe', '', '{}', 1, 3, 3, "
        "0, 'transcribe:1000', 'dead', now(), now()) RETURNING 1");
    const auto jobs = count("jobs");
    const auto first = post(own, "/api/jobs/1000/retry", "", "retry-1");
    ASSERT_EQ(first.status, 202) << first.body;
    const auto again = post(own, "/api/jobs/1000/retry", "", "retry-1");
    EXPECT_EQ(again.status, 202) << again.body;
    EXPECT_EQ(again.body, first.body);
    EXPECT_EQ(refusal(post(own, "/api/jobs/1000/retry", "", "retry-2")), "409 job.requeued");
    EXPECT_EQ(count("jobs"), jobs + 1);
}

} // namespace

} // namespace hs::test
