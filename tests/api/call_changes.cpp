// Lists of calls, corrections, remarks, overrides, deletion: and what becomes of the figures.
#include <filesystem>

#include <fmt/format.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class CallChanges : public ApiTest {
protected:
    static std::string fresh_call(const std::string& external_id) {
        auto upload = form();
        upload.set("external_id", external_id).set("issue_category", "List Test");
        upload.set("customer_name", customer_name);
        const auto call = call_id_of(server().upload(upload));
        EXPECT_EQ(server().settled(call), "analyzed");
        return call;
    }

    static std::vector<std::string> listed(const std::string& query) {
        std::vector<std::string> ids;
        const auto body = get_json("/api/calls?" + query);
        if (!body.is_object() || !body.as_object().contains("data")) return {"no list"};
        for (const auto& call : body.at("data").as_array())
            ids.emplace_back(call.at("call_id").as_string());
        return ids;
    }

    static HttpReply
    send(const std::string& line, const std::string& body, const std::string& headers = "") {
        return server().ask(line, "Content-Type: application/json\r\n" + headers, body);
    }

    static HttpReply override_score(const std::string& call, const std::string& body) {
        return server().post_json("/api/calls/" + call + "/overrides", body);
    }

    static bool audited(const std::string& action, const std::string& call) {
        return server().database().count(fmt::format(
                   "SELECT (SELECT count(*) FROM audit_outbox WHERE action = '{0}' AND object = "
                   "'call:{1}') + (SELECT count(*) FROM audit_log WHERE action = '{0}' AND object "
                   "= 'call:{1}')",
                   action,
                   call)) > 0;
    }
};

TEST_F(CallChanges, ListIsFilteredSortedAndPaged) {
    std::vector<std::string> calls;
    for (const auto* quality : {"0.1", "0.3", "0.2"}) {
        calls.push_back(fresh_call(std::string("list-") + quality));
        ASSERT_EQ(override_score(calls.back(),
                                 fmt::format(R"({{"field":"overall_quality","value":{},)"
                                             R"("reason":"test"}})",
                                             quality))
                      .status,
                  201);
    }
    const std::string ours = "issue=List%20Test";
    EXPECT_THAT(listed(ours), ElementsAre(calls[2], calls[1], calls[0])) << "newest first";
    EXPECT_THAT(listed(ours + "&sort=call_timestamp"), ElementsAre(calls[0], calls[1], calls[2]));
    EXPECT_THAT(listed(ours + "&sort=overall_quality"), ElementsAre(calls[0], calls[2], calls[1]));
    EXPECT_THAT(listed(ours + "&sort=-overall_quality"), ElementsAre(calls[1], calls[2], calls[0]));
    EXPECT_THAT(listed(ours + "&min_score=0.2"), ElementsAre(calls[2], calls[1]));
    EXPECT_THAT(listed(ours + "&max_score=0.2"), ElementsAre(calls[2], calls[0]));
    EXPECT_THAT(listed("external_id=list-0.3"), ElementsAre(calls[1]));
    EXPECT_THAT(listed(ours + "&status=failed"), ElementsAre());
    EXPECT_THAT(listed(ours + "&status=analyzed&context=NEW_ISSUE&state=Haryana").size(), 3U);
    EXPECT_THAT(listed(ours + "&flagged=true"), ElementsAre());
    EXPECT_THAT(listed(ours + "&from=2020-01-01&to=2020-01-02"), ElementsAre());
    EXPECT_THAT(listed(ours + "&from=2020-01-01").size(), 3U);
    for (const auto* sort : {"-call_timestamp",
                             "call_timestamp",
                             "-overall_quality",
                             "overall_quality",
                             "-coaching_priority",
                             "coaching_priority",
                             "-duration_seconds",
                             "duration_seconds"}) {
        const auto query = ours + "&sort=" + sort;
        const auto whole = listed(query);
        EXPECT_EQ(whole.size(), 3U) << sort;
        std::vector<std::string> paged;
        std::string cursor;
        do {
            const auto page = get_json("/api/calls?" + query + "&limit=1" +
                                       (cursor.empty() ? "" : "&cursor=" + cursor));
            ASSERT_EQ(page.at("data").as_array().size(), 1U) << sort;
            paged.emplace_back(page.at("data").as_array().front().at("call_id").as_string());
            const auto& next = page.at("next_cursor");
            cursor = next.is_string() ? std::string(next.as_string()) : "";
        } while (!cursor.empty() && paged.size() < 10);
        EXPECT_EQ(paged, whole) << sort;
    }
    const auto counted = get_json("/api/calls?limit=1&count=true&" + ours);
    EXPECT_EQ(counted.at("count"), 3);
    EXPECT_EQ(counted.at("count_exact"), true);
}

TEST_F(CallChanges, CursorBelongsToItsList) {
    (void)analysed_call();
    (void)fresh_call("cursor-1");
    const auto reply = get("/api/calls?limit=1");
    const std::string cursor(json_of(reply).at("next_cursor").as_string());
    EXPECT_THAT(reply.header("link"), HasSubstr("rel=\"next\""));
    EXPECT_EQ(get("/api/calls?limit=1&cursor=" + cursor).status, 200);
    EXPECT_EQ(refusal(get("/api/calls?limit=1&sort=overall_quality&cursor=" + cursor)),
              "400 cursor.invalid");
    EXPECT_EQ(refusal(get("/api/calls?limit=1&flagged=true&cursor=" + cursor)),
              "400 cursor.invalid");
}

TEST_F(CallChanges, WordsAreFoundInWhatReadersMaySee) {
    const auto call = fresh_call("words-1");
    EXPECT_THAT(listed("q=battery%20swap&external_id=words-1"), ElementsAre(call));
    EXPECT_THAT(listed("q=%22battery%20swap%22&external_id=words-1"), ElementsAre(call));
    EXPECT_THAT(listed("q=%22swap%20battery%22&external_id=words-1"), ElementsAre());
    EXPECT_THAT(listed("q=battery%20-swap&external_id=words-1"), ElementsAre());
    EXPECT_THAT(listed("q=Quaverley&external_id=words-1"), ElementsAre())
        << "a masked name is not to be found";
    EXPECT_THAT(listed("q=zzzunspoken"), ElementsAre());
    for (const auto* bad : {"q=",
                            "agent_id=x",
                            "city_id=x",
                            "min_score=2",
                            "max_score=nan",
                            "flagged=yes",
                            "status=done",
                            "context=none",
                            "sort=name",
                            "count=1",
                            "from=2026-02-30",
                            "to=yesterday",
                            "limit=0",
                            "limit=201"})
        EXPECT_EQ(get("/api/calls?" + std::string(bad)).status, 400) << bad;
    EXPECT_EQ(refusal(get("/api/calls?from=2026-02-03T10:00:00")), "400 timestamp.offset_missing");
    EXPECT_EQ(refusal(get("/api/calls?colour=red")), "400 query.unknown");
}

TEST_F(CallChanges, CorrectionChangesWhatWasSentAndNothingElse) {
    const auto call = fresh_call("patch-1");
    const auto path = "/api/calls/" + call;
    const auto tag = get(path).header("etag");
    ASSERT_FALSE(tag.empty());
    const auto patched = send("PATCH " + path,
                              R"({"issue_category":"Billing Query","agent_manual_note":"seen",)"
                              R"("call_context":"follow_up"})",
                              "If-Match: " + tag + "\r\n");
    ASSERT_EQ(patched.status, 204) << patched.body;
    const auto detail = get_json(path);
    EXPECT_EQ(detail.at("agent_manual_note"), "seen");
    EXPECT_EQ(detail.at("call_context"), "FOLLOW_UP");
    EXPECT_EQ(detail.at("agent").at("employee_id"), "EMP-7");
    EXPECT_EQ(refusal(send(
                  "PATCH " + path, R"({"agent_manual_note":"late"})", "If-Match: " + tag + "\r\n")),
              "412 precondition.failed");
    EXPECT_EQ(send("PATCH " + path, R"({"agent_manual_note":null})").status, 204);
    EXPECT_TRUE(get_json(path).at("agent_manual_note").is_null());
    EXPECT_EQ(send("PATCH " + path, R"({"agent_identifier":"EMP-1"})").status, 204);
    EXPECT_EQ(get_json(path).at("agent").at("employee_id"), "EMP-1");
    EXPECT_EQ(refusal(send("PATCH " + path, R"({"agent_identifier":"Nobody"})")),
              "400 agent.unknown");
    EXPECT_EQ(refusal(send("PATCH " + path, R"({"issue_category":null})")), "400 field.required");
    EXPECT_EQ(refusal(send("PATCH " + path, R"({"call_context":"x"})")), "400 field.choice");
    EXPECT_EQ(refusal(send("PATCH " + path, R"({"filename":"x"})")), "400 field.unknown");
    EXPECT_EQ(refusal(send("PATCH /api/calls/nobody", "{}")), "404 call.not_found");
    EXPECT_TRUE(audited("call.update", call));
}

TEST_F(CallChanges, WhatIsWrittenAtLengthMayHaveLines) {
    const auto call = fresh_call("lines-1");
    const auto path = "/api/calls/" + call;
    ASSERT_EQ(server().post_json(path + "/remarks", R"({"text":"one\n\ttwo\r\nthree"})").status,
              201);
    EXPECT_EQ(get_json(path + "/remarks").at("data").as_array()[0].at("text"),
              "one\n\ttwo\r\nthree");
    for (const auto* odd :
         {R"({"text":"a\u0000b"})", R"({"text":"a\u001b[31mb"})", R"({"text":"a\u0085b"})"})
        EXPECT_EQ(refusal(server().post_json(path + "/remarks", odd)), "400 field.invalid_text")
            << odd;
    EXPECT_EQ(refusal(server().post_json("/api/agents", R"({"name":"two\nlines"})")),
              "400 field.invalid_text");
}

TEST_F(CallChanges, RemarksAreKeptAndTheNewestIsShownToTheNextInsight) {
    const auto call = fresh_call("remark-1");
    const auto path = "/api/calls/" + call + "/remarks";
    EXPECT_EQ(server().post_json(path, R"({"text":"first"})").status, 201);
    const auto feedback =
        [&](const std::string& agent, const std::string& of, const std::string& text) {
            return server().post_json(
                "/api/submit-feedback",
                fmt::format(
                    R"({{"agent_name":"{}","call_id":"{}","feedback":"{}"}})", agent, of, text));
        };
    const auto given = feedback("Ritika Shah", call, "second");
    ASSERT_EQ(given.status, 201) << given.body;
    EXPECT_EQ(json_of(given).at("message"), "Feedback recorded");
    const auto remarks = get_json(path).at("data").as_array();
    ASSERT_EQ(remarks.size(), 2U);
    EXPECT_EQ(remarks[0].at("text"), "second");
    EXPECT_EQ(remarks[0].at("id"), json_of(given).at("feedback_id"));
    const auto shown = "SELECT human_remarks FROM call_insights WHERE call_id = '" + call + "'";
    EXPECT_THAT(server().database().sql(shown), ElementsAre("second"));
    EXPECT_EQ(refusal(feedback("EMP-1", call, "x")), "400 feedback.agent_mismatch");
    EXPECT_EQ(refusal(feedback("Nobody", call, "x")), "404 agent.not_found");
    EXPECT_EQ(refusal(feedback("EMP-7", "00000000-0000-4000-8000-00000000abcd", "x")),
              "404 call.not_found");
    EXPECT_EQ(refusal(feedback("EMP-7", "x", "x")), "400 field.type");
    EXPECT_EQ(refusal(server().post_json("/api/submit-feedback", "{}")), "400 field.required");
    EXPECT_TRUE(audited("call.remark", call));
}

TEST_F(CallChanges, OverrideCountsUntilItIsWithdrawn) {
    const auto call = fresh_call("override-1");
    const auto path = "/api/calls/" + call;
    const auto computed = get_json(path).at("overall_quality_score").as_double();
    const auto made =
        override_score(call, R"({"field":"overall_quality","value":0.1234,"reason":"misheard"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_DOUBLE_EQ(get_json(path).at("overall_quality_score").as_double(), 0.1234);
    const auto location = made.header("location");
    EXPECT_EQ(server().ask("DELETE " + location).status, 204);
    EXPECT_DOUBLE_EQ(get_json(path).at("overall_quality_score").as_double(), computed);
    EXPECT_EQ(refusal(server().ask("DELETE " + location)), "404 override.not_found");
    EXPECT_EQ(refusal(override_score(
                  call, R"({"field":"sentiment_stabilization","value":0.3,"reason":"x"})")),
              "400 field.choice");
    EXPECT_EQ(refusal(override_score(call, R"({"field":"speed","value":0.3,"reason":"x"})")),
              "400 field.choice");
    EXPECT_EQ(refusal(override_score(call, R"({"field":"communication","value":0.3})")),
              "400 field.required");
    EXPECT_EQ(refusal(override_score("00000000-0000-4000-8000-00000000abcd",
                                     R"({"field":"communication","value":0.3,"reason":"x"})")),
              "404 call.not_found");
    EXPECT_TRUE(audited("override.create", call));
    EXPECT_TRUE(audited("override.withdraw", call));
}

TEST_F(CallChanges, TagChangesWithEveryJudgementOfAPerson) {
    const auto call = fresh_call("tag-1");
    const auto path = "/api/calls/" + call;
    auto tag = get(path).header("etag");
    const auto expect_new = [&](const std::string& what) {
        const auto reply = get(path, "If-None-Match: " + tag + "\r\n");
        EXPECT_EQ(reply.status, 200) << what;
        EXPECT_NE(reply.header("etag"), tag) << what;
        tag = reply.header("etag");
        EXPECT_EQ(get(path, "If-None-Match: " + tag + "\r\n").status, 304) << what;
        return reply;
    };
    const auto made =
        override_score(call, R"({"field":"overall_quality","value":0.1234,"reason":"misheard"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_DOUBLE_EQ(json_of(expect_new("made")).at("overall_quality_score").as_double(), 0.1234);
    const auto location = made.header("location");
    ASSERT_EQ(server().ask("DELETE " + location).status, 204);
    EXPECT_NE(json_of(expect_new("withdrawn")).at("overall_quality_score").as_double(), 0.1234);
    ASSERT_EQ(server().ask("DELETE " + location).status, 404);
    EXPECT_EQ(get(path, "If-None-Match: " + tag + "\r\n").status, 304) << "nothing changed";
    ASSERT_EQ(server().post_json(path + "/remarks", R"({"text":"seen"})").status, 201);
    (void)expect_new("remark");
}

TEST_F(CallChanges, DeletionMindsWhatTheCallerHasSeen) {
    const auto call = fresh_call("delete-2");
    const auto path = "/api/calls/" + call;
    const auto seen = get(path).header("etag");
    ASSERT_EQ(server().post_json(path + "/remarks", R"({"text":"keep it"})").status, 201);
    EXPECT_EQ(refusal(server().ask("DELETE " + path, "If-Match: " + seen + "\r\n")),
              "412 precondition.failed");
    const auto now = get(path);
    ASSERT_EQ(now.status, 200) << "still there";
    EXPECT_EQ(server().ask("DELETE " + path, "If-Match: " + now.header("etag") + "\r\n").status,
              204);
    EXPECT_EQ(get(path).status, 404);
}

TEST_F(CallChanges, HistoryTellsEveryEvaluationAndEveryStep) {
    const auto call = fresh_call("history-1");
    const auto path = "/api/calls/" + call;
    const auto evaluations = get_json(path + "/evaluations").at("data").as_array();
    ASSERT_EQ(evaluations.size(), 1U);
    EXPECT_EQ(evaluations[0].at("current"), true);
    EXPECT_EQ(evaluations[0].at("raw_scores").as_object().size(), 7U);
    const std::string id(evaluations[0].at("id").as_string());
    const auto one = get_json(path + "/evaluations/" + id);
    EXPECT_FALSE(one.at("answers").as_array().empty());
    EXPECT_EQ(refusal(get(path + "/evaluations/nobody")), "404 evaluation.not_found");
    std::vector<std::string> types;
    const auto steps = get_json(path + "/events");
    for (const auto& step : steps.at("data").as_array())
        types.emplace_back(step.at("type").as_string());
    EXPECT_THAT(types, ElementsAre("call.ingested", "call.transcribed", "call.analyzed"));
    EXPECT_EQ(refusal(get("/api/calls/nobody/events")), "404 call.not_found");
}

TEST_F(CallChanges, DeletedCallLeavesListFiguresAndStore) {
    const auto call = fresh_call("delete-1");
    const auto path = "/api/calls/" + call;
    const auto& database = server().database();
    (void)database.sql("UPDATE calls SET legal_hold = true WHERE id = '" + call + "'");
    EXPECT_EQ(refusal(server().ask("DELETE " + path)), "409 call.legal_hold");
    (void)database.sql("UPDATE calls SET legal_hold = false WHERE id = '" + call + "'");
    const auto stored = [&] {
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(server().data_dir()))
            if (entry.path().string().find(call) != std::string::npos && entry.is_regular_file())
                ++files;
        return files;
    };
    ASSERT_GT(stored(), 0U);
    EXPECT_EQ(server().ask("DELETE " + path).status, 204);
    EXPECT_EQ(refusal(get(path)), "404 call.not_found");
    EXPECT_EQ(refusal(server().ask("DELETE " + path)), "404 call.not_found");
    EXPECT_THAT(listed("external_id=delete-1"), ElementsAre());
    for (const auto* table : {"call_facts", "call_insights", "evaluations", "transcripts", "media"})
        EXPECT_EQ(database.count(
                      fmt::format("SELECT count(*) FROM {} WHERE call_id = '{}'", table, call)),
                  0)
            << table;
    EXPECT_TRUE(eventually([&] { return stored() == 0; })) << server().log();
    EXPECT_EQ(database.count("SELECT count(*) FROM events WHERE type = 'call.deleted' AND call_id "
                             "= '" +
                             call + "'"),
              1);
    EXPECT_TRUE(audited("call.delete", call));
}

} // namespace

} // namespace hs::test
