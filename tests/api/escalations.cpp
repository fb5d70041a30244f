// Calls that need somebody now: monitors, worst calls, emergencies, and who takes them up.
#include <algorithm>

#include <fmt/format.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::StartsWith;

std::vector<std::string> keys_of(const json::value& object) {
    std::vector<std::string> keys;
    for (const auto& member : object.as_object())
        keys.emplace_back(member.key());
    return keys;
}

std::string text_of(const json::value& value) {
    return value.is_string() ? std::string(value.as_string()) : "no text";
}

class Escalations : public ApiTest {
protected:
    /// A call of its own, analysed a moment ago.
    static std::string fresh_call(const std::string& agent = "EMP-7") {
        auto upload = form();
        upload.set("agent_identifier", agent).set("customer_phone", "+919700412863");
        const auto call = call_id_of(server().upload(upload));
        EXPECT_EQ(server().settled(call), "analyzed") << server().log();
        return call;
    }

    static HttpReply override_score(const std::string& call,
                                    const std::string& field,
                                    double value,
                                    const std::string& reason = "heard it myself") {
        return server().post_json(
            "/api/calls/" + call + "/overrides",
            fmt::format(R"({{"field":"{}","value":{},"reason":"{}"}})", field, value, reason));
    }

    static void
    set_times(const std::string& call, const std::string& call_time, const std::string& judged) {
        const auto& database = server().database();
        (void)database.sql("UPDATE calls SET call_timestamp = " + call_time + " WHERE id = '" +
                           call + "'");
        (void)database.sql("UPDATE call_insights SET created_at = " + judged +
                           " WHERE call_id = '" + call + "'");
    }

    static std::vector<std::string> shown(const std::string& path,
                                          const char* list = "flagged_calls") {
        std::vector<std::string> ids;
        const auto body = get_json(path);
        for (const auto& call : body.at(list).as_array())
            ids.emplace_back(call.at("call_id").as_string());
        return ids;
    }

    static std::string escalation_of(const std::string& call) {
        const auto found = server().database().sql("SELECT id FROM escalations WHERE call_id = '" +
                                                   call + "' ORDER BY created_at DESC");
        return found.empty() ? "" : found.front();
    }
};

TEST_F(Escalations, MonitorShowsAFlaggedCallInTheReferencesShape) {
    const auto call = fresh_call();
    EXPECT_THAT(shown("/api/escalations/monitor"), Not(Contains(call)));
    ASSERT_EQ(override_score(call, "escalation_risk", 1).status, 201);
    const auto reply = get("/api/escalations/monitor");
    EXPECT_EQ(reply.header("cache-control"), "no-store");
    const auto body = json_of(reply);
    EXPECT_THAT(keys_of(body),
                ElementsAre("status", "timestamp", "time_window", "count", "flagged_calls"));
    EXPECT_EQ(body.at("time_window"), "last_5_minutes");
    const auto& calls = body.at("flagged_calls").as_array();
    EXPECT_EQ(body.at("count").as_int64(), static_cast<std::int64_t>(calls.size()));
    const auto found = std::ranges::find_if(
        calls, [&](const json::value& shown) { return text_of(shown.at("call_id")) == call; });
    ASSERT_NE(found, calls.end());
    EXPECT_THAT(keys_of(*found),
                ElementsAre("call_id",
                            "call_timestamp",
                            "audio_url",
                            "duration_seconds",
                            "processing_status",
                            "primary_issue_category",
                            "customer_preferred_language",
                            "agent",
                            "city",
                            "scores",
                            "analysis",
                            "sop_deviations",
                            "issue_analysis",
                            "resolution_analysis",
                            "sentiment_trajectory"));
    EXPECT_THAT(keys_of(found->at("scores")),
                ElementsAre("sop_compliance",
                            "communication",
                            "sentiment_stabilization",
                            "resolution_validity",
                            "overall_quality",
                            "coaching_priority"));
    EXPECT_THAT(keys_of(found->at("analysis")),
                ElementsAre("business_insight",
                            "coaching_insight",
                            "escalation_flagged",
                            "why_flagged",
                            "language_spoken"));
    EXPECT_EQ(found->at("analysis").at("escalation_flagged"), true);
    EXPECT_TRUE(found->at("analysis").at("why_flagged").is_string());
    for (const auto& deviation : found->at("sop_deviations").as_array())
        EXPECT_THAT(keys_of(deviation),
                    ElementsAre("turn_number",
                                "start_time",
                                "end_time",
                                "deviated_phrase",
                                "should_have_said",
                                "what_was_wrong",
                                "severity"));
}

TEST_F(Escalations, WindowCountsTheCallsTimeAndTheEvaluationsTime) {
    const auto call = fresh_call();
    ASSERT_EQ(override_score(call, "escalation_risk", 1).status, 201);
    const auto monitor = [&] { return shown("/api/escalations/monitor"); };
    set_times(call, "now() - interval '3 hours'", "now()");
    EXPECT_THAT(monitor(), Contains(call)) << "judged late";
    set_times(call, "now() - interval '3 hours'", "now() - interval '301 seconds'");
    EXPECT_THAT(monitor(), Not(Contains(call)));
    EXPECT_THAT(shown("/api/escalations/monitor?window_minutes=6"), Contains(call));
    set_times(call, "now() - interval '4 minutes'", "now() - interval '1 hour'");
    EXPECT_THAT(monitor(), Contains(call)) << "a call of this moment";
    set_times(call, "now() + interval '4 minutes'", "now() - interval '1 hour'");
    EXPECT_THAT(monitor(), Not(Contains(call))) << "a call of the future";
    (void)server().database().sql("UPDATE call_insights SET alerts = false, created_at = now() "
                                  "WHERE call_id = '" +
                                  call + "'");
    EXPECT_THAT(monitor(), Not(Contains(call))) << "an import without alerts";
}

TEST_F(Escalations, FlagsRaisedByTheEvaluationItselfAreFound) {
    const auto call = fresh_call();
    (void)server().database().sql("UPDATE call_insights SET escalation_risk = true, why_flagged = "
                                  "'legal threat' WHERE call_id = '" +
                                  call + "'");
    set_times(call, "now() - interval '3 hours'", "now()");
    EXPECT_THAT(shown("/api/escalations/monitor"), Contains(call));
    ASSERT_EQ(override_score(call, "escalation_risk", 0).status, 201);
    EXPECT_THAT(shown("/api/escalations/monitor"), Not(Contains(call))) << "a person overruled it";
}

TEST_F(Escalations, NewestCallComesFirstAndPagesKeepTheOrder) {
    std::vector<std::string> calls;
    for (int minutes = 1; minutes <= 3; ++minutes) {
        calls.push_back(fresh_call());
        ASSERT_EQ(override_score(calls.back(), "escalation_risk", 1).status, 201);
        set_times(calls.back(),
                  fmt::format("now() - interval '{} seconds'", minutes * 60 + 5),
                  "now() - interval '1 hour'");
    }
    const auto all = shown("/api/escalations/monitor");
    std::vector<std::string> ours;
    for (const auto& id : all)
        if (std::ranges::find(calls, id) != calls.end()) ours.push_back(id);
    EXPECT_EQ(ours, calls);
    std::vector<std::string> paged;
    std::string cursor;
    do {
        const auto page = get_json("/api/escalations/monitor?limit=1" +
                                   (cursor.empty() ? "" : "&cursor=" + cursor));
        for (const auto& call : page.at("flagged_calls").as_array())
            paged.emplace_back(call.at("call_id").as_string());
        EXPECT_EQ(keys_of(page).back(), "next_cursor");
        const auto& next = page.at("next_cursor");
        cursor = next.is_string() ? std::string(next.as_string()) : "";
    } while (!cursor.empty() && paged.size() < 100);
    EXPECT_EQ(paged, all);
    EXPECT_EQ(refusal(get("/api/escalations/monitor?cursor=AAAA")), "400 cursor.invalid");
}

TEST_F(Escalations, ScoreMonitorShowsWhatLiesAboveTheThreshold) {
    const auto call = fresh_call();
    ASSERT_EQ(override_score(call, "coaching_priority", 0.7).status, 201);
    const std::string path = "/api/escalations/monitor/score";
    EXPECT_THAT(shown(path), Contains(call));
    EXPECT_THAT(shown(path + "?min_score=0.7"), Not(Contains(call)));
    EXPECT_THAT(shown(path + "?min_score=0.6999"), Contains(call));
    EXPECT_THAT(
        keys_of(get_json(path + "?min_score=0.7")),
        ElementsAre(
            "status", "timestamp", "time_window", "min_score_threshold", "count", "flagged_calls"));
    for (const auto* bad : {"-0.1", "1.1", "nan", "inf", "", "0.5x"}) {
        const auto reply = get(path + "?min_score=" + bad);
        EXPECT_EQ(refusal(reply), "400 query.range") << bad;
        EXPECT_EQ(json_of(reply).at("detail"), "min_score must be between 0 and 1") << bad;
    }
    for (const auto* bad : {"0", "1441", "x", "5.5"})
        EXPECT_EQ(refusal(get(path + "?window_minutes=" + bad)), "400 query.range") << bad;
}

TEST_F(Escalations, WorstCallIsTheOneThatNeedsCoachingMost) {
    const auto agent = json_of(
        server().post_json("/api/agents", R"({"name":"Worst Of All","employee_id":"EMP-W"})"));
    const std::string id(agent.at("id").as_string());
    const auto path = "/api/agents/" + id + "/worst-call";
    EXPECT_EQ(refusal(get(path)), "404 call.none_in_window");
    EXPECT_EQ(json_of(get(path)).at("detail"), "No calls found for this agent in the past week");
    const auto worse = fresh_call("EMP-W");
    const auto better = fresh_call("EMP-W");
    ASSERT_EQ(override_score(worse, "coaching_priority", 0.6).status, 201);
    ASSERT_EQ(override_score(better, "coaching_priority", 0.6).status, 201);
    ASSERT_EQ(override_score(worse, "overall_quality", 0.2).status, 201);
    ASSERT_EQ(override_score(better, "overall_quality", 0.4).status, 201);
    const auto body = get_json(path);
    EXPECT_THAT(keys_of(body),
                ElementsAre("status", "timestamp", "time_window", "agent_id", "worst_call"));
    EXPECT_EQ(text_of(body.at("worst_call").at("call_id")), worse)
        << "equal priority: the lower quality";
    EXPECT_EQ(body.at("worst_call").at("scores").at("overall_quality").as_double(), 0.2);
    ASSERT_EQ(override_score(better, "coaching_priority", 0.61).status, 201);
    EXPECT_EQ(text_of(get_json(path).at("worst_call").at("call_id")), better);
    set_times(better, "now() - interval '169 hours'", "now()");
    EXPECT_EQ(text_of(get_json(path).at("worst_call").at("call_id")), worse)
        << "by call time alone";
    EXPECT_EQ(text_of(get_json(path + "?days=8").at("worst_call").at("call_id")), better);
    EXPECT_EQ(get_json(path + "?days=8").at("time_window"), "last_8_days");
    EXPECT_EQ(refusal(get(path + "?days=91")), "400 query.range");
    EXPECT_EQ(refusal(get("/api/agents/nobody/worst-call")), "404 agent.not_found");
    EXPECT_EQ(refusal(get("/api/agents/00000000-0000-4000-8000-00000000abcd/worst-call")),
              "404 agent.not_found");
}

TEST_F(Escalations, StudioReadsTheWorstCallByName) {
    // A whole call: of two seconds of noise no question can be answered.
    auto upload = form();
    upload.file = corpus_bytes("calls/c02_no_greeting.mp3");
    const auto call = call_id_of(server().upload(upload));
    ASSERT_EQ(server().settled(call), "analyzed");
    ASSERT_EQ(override_score(call, "coaching_priority", 1).status, 201);
    const auto body = get_json("/api/worst-call/ritika%20shah");
    EXPECT_EQ(text_of(body.at("call_id")), call);
    EXPECT_THAT(keys_of(body),
                ElementsAre("status",
                            "timestamp",
                            "time_window",
                            "agent_id",
                            "worst_call",
                            "agent_name",
                            "call_id",
                            "call_date",
                            "audio_url",
                            "transcript",
                            "sop_checks",
                            "ai_suggestions"));
    EXPECT_EQ(body.at("agent_name"), "Ritika Shah");
    EXPECT_EQ(body.at("call_id"), body.at("worst_call").at("call_id"));
    ASSERT_FALSE(body.at("transcript").as_array().empty());
    const auto turn = keys_of(body.at("transcript").as_array().front());
    EXPECT_THAT((std::vector<std::string>(turn.begin(), turn.begin() + 5)),
                ElementsAre("start", "end", "text", "speaker", "is_critical"));
    ASSERT_FALSE(body.at("sop_checks").as_array().empty());
    for (const auto& check : body.at("sop_checks").as_array())
        EXPECT_EQ(check.at("expected").is_null(), check.at("passed").as_bool()) << check;
    EXPECT_LE(body.at("ai_suggestions").as_array().size(), 5U);
    EXPECT_EQ(json_of(get("/api/worst-call/EMP-7")).at("agent_name"), "Ritika Shah");
    const auto shared_name = get("/api/worst-call/Asha%20Rao");
    EXPECT_EQ(refusal(shared_name), "409 agent.ambiguous");
    EXPECT_EQ(json_of(shared_name).at("candidates").as_array().size(), 2U);
    EXPECT_EQ(refusal(get("/api/worst-call/Nobody")), "404 agent.not_found");
}

TEST_F(Escalations, EmergenciesCarryAMaskedNumberAndWhatWasSaid) {
    const auto call = fresh_call();
    ASSERT_EQ(override_score(call, "escalation_risk", 1).status, 201);
    ASSERT_EQ(override_score(call, "coaching_priority", 0.4).status, 201);
    const auto reply = get("/api/emergency-calls");
    EXPECT_THAT(reply.body, Not(::testing::HasSubstr("9700412863")));
    const auto body = json_of(reply);
    EXPECT_THAT(keys_of(body), ElementsAre("status", "timestamp", "count", "calls"));
    const auto& calls = body.at("calls").as_array();
    const auto found = std::ranges::find_if(
        calls, [&](const json::value& shown) { return text_of(shown.at("call_id")) == call; });
    ASSERT_NE(found, calls.end());
    auto keys = keys_of(*found);
    keys.erase(keys.begin(), keys.end() - 6);
    EXPECT_THAT(keys,
                ElementsAre("customer_number",
                            "agent_name",
                            "call_date",
                            "severity",
                            "critical_snippet",
                            "transcript"));
    EXPECT_EQ(found->at("customer_number"), "+91******2863");
    EXPECT_EQ(found->at("severity"), "high");
    EXPECT_FALSE(found->at("transcript").as_array().empty());
    set_times(call, "now() - interval '25 hours'", "now() - interval '25 hours'");
    EXPECT_THAT(shown("/api/emergency-calls", "calls"), Not(Contains(call)));
    EXPECT_THAT(shown("/api/emergency-calls?window_minutes=1600", "calls"), Contains(call));
    EXPECT_EQ(refusal(get("/api/emergency-calls?window_minutes=10081")), "400 query.range");
}

TEST_F(Escalations, EmergencyIssueCountsBeforeAnyAnalysis) {
    auto upload = form();
    upload.set("issue_category", "Emergency Service");
    const auto call = call_id_of(server().upload(upload));
    EXPECT_THAT(shown("/api/emergency-calls", "calls"), Contains(call));
    EXPECT_THAT(shown("/api/escalations/monitor"), Not(Contains(call)));
    (void)server().settled(call);
}

TEST_F(Escalations, HandlingFollowsTheStates) {
    const auto call = fresh_call();
    ASSERT_EQ(override_score(call, "escalation_risk", 1, "threatened to sue").status, 201);
    const auto id = escalation_of(call);
    ASSERT_FALSE(id.empty());
    const auto act = [&](const std::string& action, const std::string& body = "{}") {
        return server().post_json("/api/escalations/" + id + "/" + action, body);
    };
    const auto taken = act("acknowledge");
    ASSERT_EQ(taken.status, 200) << taken.body;
    EXPECT_EQ(json_of(taken).at("state"), "acknowledged");
    EXPECT_EQ(json_of(taken).at("reason"), "threatened to sue");
    EXPECT_EQ(refusal(act("acknowledge")), "409 escalation.state");
    EXPECT_EQ(refusal(act("assign")), "400 field.required");
    EXPECT_EQ(json_of(act("assign", R"({"assigned_to":"Meera"})")).at("assigned_to"), "Meera");
    EXPECT_EQ(json_of(act("snooze", R"({"minutes":5})")).at("state"), "snoozed");
    EXPECT_EQ(refusal(act("snooze", R"({"minutes":0})")), "400 field.range");
    (void)server().database().sql("UPDATE escalations SET snoozed_until = now() - interval '1 s' "
                                  "WHERE id = '" +
                                  id + "'");
    const auto open = get_json("/api/escalations?status=open").at("data").as_array();
    const auto listed = std::ranges::find_if(
        open, [&](const json::value& entry) { return text_of(entry.at("id")) == id; });
    ASSERT_NE(listed, open.end()) << "a snooze that has run out is open again";
    EXPECT_TRUE(listed->at("snoozed_until").is_null());
    EXPECT_EQ(json_of(act("resolve", R"({"note":"called back"})")).at("note"), "called back");
    EXPECT_EQ(refusal(act("resolve")), "409 escalation.state");
    EXPECT_EQ(refusal(act("assign", R"({"assigned_to":"X","by":"Y"})")), "400 field.unknown");
    EXPECT_EQ(refusal(server().post_json("/api/escalations/nobody/resolve", "{}")),
              "404 escalation.not_found");
    EXPECT_GE(server().database().count(
                  "SELECT (SELECT count(*) FROM audit_outbox WHERE object = 'escalation:" + id +
                  "') + (SELECT count(*) FROM audit_log WHERE object = 'escalation:" + id + "')"),
              4);
    EXPECT_EQ(refusal(get("/api/escalations?status=lost")), "400 query.choice");
    EXPECT_EQ(refusal(get("/api/escalations?colour=red")), "400 query.unknown");
}

TEST_F(Escalations, EveryOrderPagesAsTheWholeListStands) {
    for (int i = 0; i < 3; ++i) {
        const auto call = fresh_call();
        ASSERT_EQ(override_score(call, "escalation_risk", 1).status, 201);
        const auto id = escalation_of(call);
        (void)server().database().sql(
            fmt::format("UPDATE escalations SET score = {}, updated_at = created_at + interval "
                        "'{} seconds' WHERE id = '{}' RETURNING 1",
                        i == 1 ? 9000 : 6000, // two alike: the id decides
                        i == 0 ? 900 : i,
                        id));
    }
    const auto by = [](const json::value& row, const std::string& key) {
        const auto& value = row.at(key);
        return value.is_string() ? text_of(value)
                                 : fmt::format("{:.4f}", value.to_number<double>());
    };
    for (const std::string key : {"created_at", "updated_at", "score"}) {
        std::vector<std::string> rising;
        std::vector<std::string> falling;
        for (auto* const list : {&rising, &falling}) {
            const std::string sort = (list == &rising ? "" : "-") + key;
            const auto whole = get_json("/api/escalations?limit=200&sort=" + sort);
            std::vector<std::string> keys;
            for (const auto& row : whole.at("data").as_array()) {
                list->push_back(text_of(row.at("id")));
                keys.push_back(by(row, key));
            }
            if (list == &falling) std::ranges::reverse(keys);
            EXPECT_TRUE(std::ranges::is_sorted(keys)) << sort;
            std::vector<std::string> paged;
            auto path = "/api/escalations?limit=1&sort=" + sort;
            for (std::size_t pages = 0; pages <= list->size(); ++pages) {
                const auto page = get_json(path);
                for (const auto& row : page.at("data").as_array())
                    paged.push_back(text_of(row.at("id")));
                if (page.at("next_cursor").is_null()) break;
                path = "/api/escalations?limit=1&sort=" + sort +
                       "&cursor=" + text_of(page.at("next_cursor"));
            }
            EXPECT_EQ(paged, *list) << sort;
        }
        std::ranges::reverse(falling);
        EXPECT_EQ(rising, falling) << key;
        EXPECT_GE(rising.size(), 3U);
    }
    const auto open = get_json("/api/escalations?status=open&sort=score").at("data").as_array();
    for (const auto& row : open)
        EXPECT_EQ(text_of(row.at("state")), "open");
    EXPECT_GE(open.size(), 3U);
    for (const auto* const wrong : {"sort=reason", "sort=", "sort=-"})
        EXPECT_EQ(refusal(get(std::string("/api/escalations?") + wrong)), "400 query.choice");
    const auto cursor = text_of(get_json("/api/escalations?limit=1").at("next_cursor"));
    EXPECT_EQ(refusal(get("/api/escalations?sort=score&cursor=" + cursor)), "400 cursor.invalid");
}

TEST_F(Escalations, CallJudgedAgainRaisesNoSecondAlarm) {
    const auto call = fresh_call();
    ASSERT_EQ(override_score(call, "escalation_risk", 1).status, 201);
    const auto evaluations = "SELECT count(*) FROM evaluations WHERE call_id = '" + call + "'";
    ASSERT_EQ(server().ask("POST /api/calls/" + call + "/process?force=true").status, 202);
    ASSERT_TRUE(eventually([&] { return server().database().count(evaluations) == 2; }));
    EXPECT_EQ(server().database().count("SELECT count(*) FROM escalations WHERE call_id = '" +
                                        call + "'"),
              1);
    EXPECT_EQ(server().database().count("SELECT count(*) FROM events WHERE call_id = '" + call +
                                        "' AND type = 'escalation.raised'"),
              1);
    EXPECT_EQ(server().database().count("SELECT count(*) FROM events WHERE call_id = '" + call +
                                        "' AND type = 'escalation.repeated'"),
              1);
    ASSERT_EQ(override_score(call, "escalation_risk", 0).status, 201);
    EXPECT_EQ(server().database().count("SELECT count(*) FROM escalations WHERE call_id = '" +
                                        call + "' AND state = 'resolved'"),
              1);
}

} // namespace

} // namespace hs::test
