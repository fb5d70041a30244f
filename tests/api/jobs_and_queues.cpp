// Jobs as operators see them, dead ones queued again; and who is calling.
#include <set>

#include <fmt/format.h>

#include "api/api_test.hpp"
#include "pg/blocking.hpp"

namespace hs::test {

namespace {

constexpr const char* tenant = "00000000-0000-7000-8000-000000000001";

class Jobs : public ApiTest {
protected:
    Jobs() : own(speech, {}, "serve") {
        add_directory(own);
        const auto reply = own.upload(form());
        EXPECT_EQ(reply.status, 201) << reply.body;
        call = call_id_of(reply);
    }

    void sql(const std::string& text) {
        auto connection = pg::BlockingConnection::open(own.database().superuser_url(), 10);
        if (!connection) throw std::runtime_error(connection.error().message);
        connection->script(text);
    }

    /// A job that has ended, so many minutes ago.
    void end_job(int id, const std::string& outcome, int minutes, const std::string& subject = "") {
        sql(fmt::format(
            "INSERT INTO jobs_history (tenant_id, id, queue, kind, subject, args, priority, runs, "
            "failures, crashes, unique_key, outcome, last_error, created_at, finished_at) VALUES "
            "('{}', {}, 'speech', 'transcribe', '{}', '{{\"call_id\": \"{}\"}}', 1, 3, 3, 0, "
            "'transcribe:{}', '{}', '{{\"code\": \"speech.unavailable\", \"text\": \"Away.\"}}', "
            "now() - interval '1 day', now() - interval '{} minutes')",
            tenant,
            id,
            subject,
            subject,
            id,
            outcome,
            minutes));
    }

    json::value ok(const std::string& path) {
        const auto reply = own.ask("GET " + path);
        EXPECT_EQ(reply.status, 200) << path << " " << reply.body;
        return json_of(reply);
    }

    SpeechImposter speech;
    WholeServer own;
    std::string call;
};

TEST_F(Jobs, LiveOnesAreListedWithTheirCall) {
    const auto page = ok("/api/jobs");
    ASSERT_EQ(page.at("data").as_array().size(), 1U);
    const auto& job = page.at("data").at(0);
    EXPECT_EQ(job.at("kind").as_string(), "transcribe");
    EXPECT_EQ(job.at("state").as_string(), "available");
    EXPECT_EQ(job.at("call_id").as_string(), call);
    EXPECT_TRUE(job.at("error").is_null());
    EXPECT_TRUE(page.at("next_cursor").is_null());
    EXPECT_EQ(ok("/api/jobs?call_id=" + call).at("data").as_array().size(), 1U);
    EXPECT_TRUE(ok("/api/jobs?kind=evaluate").at("data").as_array().empty());
    EXPECT_TRUE(ok("/api/jobs?state=running").at("data").as_array().empty());
    const auto queues = ok("/api/queues");
    ASSERT_EQ(queues.at("data").as_array().size(), 1U);
    EXPECT_EQ(queues.at("data").at(0).at("queue").as_string(), "speech");
    EXPECT_EQ(queues.at("data").at(0).at("available").as_int64(), 1);
    EXPECT_GE(queues.at("data").at(0).at("oldest_seconds").to_number<double>(), 0.0);
}

TEST_F(Jobs, DeadOnesPageByTheirEndWithTheCause) {
    for (int i = 0; i < 5; ++i)
        end_job(1000 + i, "dead", 10 - i);
    end_job(2000, "done", 5);
    end_job(2001, "done", 500);
    std::vector<std::int64_t> seen;
    std::string path = "/api/jobs?state=dead&limit=2";
    for (int pages = 0; pages < 4; ++pages) {
        const auto page = ok(path);
        for (const auto& job : page.at("data").as_array()) {
            seen.push_back(job.at("id").as_int64());
            EXPECT_EQ(job.at("error").at("code").as_string(), "speech.unavailable");
            EXPECT_EQ(job.at("error").at("text").as_string(), "Away.");
            EXPECT_TRUE(job.at("finished_at").is_string());
        }
        if (page.at("next_cursor").is_null()) break;
        path = "/api/jobs?state=dead&limit=2&cursor=" +
               std::string(page.at("next_cursor").as_string());
    }
    EXPECT_EQ(seen, (std::vector<std::int64_t>{1004, 1003, 1002, 1001, 1000}));
    EXPECT_EQ(ok("/api/jobs?state=done").at("data").as_array().size(), 2U);
    const auto queue = ok("/api/queues").at("data").at(0);
    EXPECT_EQ(queue.at("dead").as_int64(), 5);
    EXPECT_EQ(queue.at("done_last_hour").as_int64(), 1);
}

TEST_F(Jobs, ADeadOneIsQueuedAgainOnce) {
    sql("DELETE FROM jobs; UPDATE calls SET processing_status = 'failed', failure_code = 'x'");
    end_job(1000, "dead", 5, call);
    const auto again = own.post_json("/api/jobs/1000/retry", "");
    ASSERT_EQ(again.status, 202) << again.body;
    EXPECT_EQ(json_of(again).at("dead_job_id").as_int64(), 1000);
    const auto job = ok("/api/jobs").at("data").at(0);
    EXPECT_EQ(job.at("id").as_int64(), json_of(again).at("job_id").as_int64());
    EXPECT_EQ(job.at("kind").as_string(), "transcribe");
    EXPECT_EQ(job.at("call_id").as_string(), call);
    EXPECT_EQ(ok("/api/calls/" + call + "/status").at("processing_status").as_string(), "pending");
    EXPECT_EQ(ok("/api/jobs?state=dead").at("data").at(0).at("requeued_as").as_int64(),
              job.at("id").as_int64());
    EXPECT_EQ(ok("/api/queues").at("data").at(0).at("dead").as_int64(), 0);
    EXPECT_EQ(
        own.database().count("SELECT count(*) FROM audit_outbox WHERE action = 'job.requeue'") +
            own.database().count("SELECT count(*) FROM audit_log WHERE action = 'job.requeue'"),
        1);
    EXPECT_EQ(refusal(own.post_json("/api/jobs/1000/retry", "")), "409 job.requeued");
    const auto live = std::to_string(job.at("id").as_int64());
    EXPECT_EQ(refusal(own.post_json("/api/jobs/" + live + "/retry", "")), "409 job.not_dead");
}

TEST_F(Jobs, WhatCannotBeDoneIsRefused) {
    end_job(2000, "done", 5);
    EXPECT_EQ(refusal(own.post_json("/api/jobs/2000/retry", "")), "409 job.not_dead");
    EXPECT_EQ(refusal(own.post_json("/api/jobs/99999/retry", "")), "404 job.not_found");
    EXPECT_EQ(refusal(own.post_json("/api/jobs/one/retry", "")), "404 job.not_found");
    EXPECT_EQ(refusal(own.ask("GET /api/jobs?state=asleep")), "400 query.choice");
    EXPECT_EQ(refusal(own.ask("GET /api/jobs?call_id=7")), "400 query.invalid");
    EXPECT_EQ(refusal(own.ask("GET /api/jobs?limit=0")), "400 query.range");
    EXPECT_EQ(refusal(own.ask("GET /api/jobs?cursor=x")), "400 cursor.invalid");
    EXPECT_EQ(refusal(own.ask("GET /api/jobs?colour=red")), "400 query.unknown");
    EXPECT_EQ(refusal(own.ask("GET /api/queues?colour=red")), "400 query.unknown");
}

TEST_F(Jobs, TheCallerMayDoWhatAnyRouteAsksFor) {
    const auto me = ok("/api/auth/me");
    EXPECT_EQ(me.at("tenant_id").as_string(), tenant);
    EXPECT_TRUE(me.at("local").as_bool());
    std::set<std::string> mine;
    for (const auto& permission : me.at("permissions").as_array())
        mine.emplace(permission.as_string());
    std::set<std::string> asked;
    const auto contract = ok("/openapi.json");
    for (const auto& path : contract.at("paths").as_object())
        for (const auto& operation : path.value().as_object())
            asked.emplace(operation.value().at("x-permission").as_string());
    asked.erase("open");
    EXPECT_EQ(mine, asked);
}

} // namespace

} // namespace hs::test
