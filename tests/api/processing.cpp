// Judging a call again, and what must never show: a customer's name and number.
#include <fmt/format.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Processing : public ApiTest {
protected:
    static HttpReply process(const std::string& rest, const std::string& headers = "") {
        return server().ask("POST /api/calls/" + rest, headers);
    }
};

TEST_F(Processing, CurrentEvaluationIsReturnedAtOnce) {
    const auto reply = process(analysed_call() + "/process");
    ASSERT_EQ(reply.status, 200) << reply.body;
    const auto body = json_of(reply);
    EXPECT_EQ(body.at("message"), "Call already analyzed. Returning the current evaluation.");
    EXPECT_EQ(body.at("ai_output").at("scores").as_object().size(), 7U);
    EXPECT_TRUE(body.at("ai_output").at("sop_deviations").is_array());
}

TEST_F(Processing, ForceAddsAnEvaluation) {
    const auto count = "SELECT count(*) FROM evaluations WHERE call_id = '" + analysed_call() + "'";
    const auto before = server().database().count(count);
    const auto queued = process(analysed_call() + "/process?force=true");
    EXPECT_EQ(queued.status, 202) << queued.body;
    EXPECT_EQ(json_of(queued).at("message"), "Call queued for processing");
    ASSERT_TRUE(eventually([&] { return server().database().count(count) == before + 1; }));
    const auto done = process(analysed_call() + "/process?force=true", "Prefer: wait=9\r\n");
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(json_of(done).at("message"), "AI processing completed and saved to DB.");
}

TEST_F(Processing, SwitchesAreOnOrOffAndNothingElse) {
    const auto path = "/api/calls/" + analysed_call() + "/process";
    for (const auto* odd : {"force=maybe", "force=", "force=TRUE", "retranscribe=yes"})
        EXPECT_EQ(refusal(server().post_json(path + "?" + odd, "")), "400 query.choice") << odd;
    EXPECT_EQ(server().post_json(path + "?force=0&retranscribe=false", "").status, 200);
}

TEST_F(Processing, DeviationRepeatedInThreeOfTenCallsRaisesPriority) {
    std::vector<std::string> calls;
    for (int day = 1; day <= 3; ++day) {
        auto upload = form();
        upload.set("agent_identifier", "EMP-2"); // who has no other call of those days
        upload.file = corpus_bytes("calls/c01_perfect_swap.mp3"); // with words, a step missing
        upload.set("call_timestamp", fmt::format("2010-03-0{}T10:00:00Z", day));
        calls.push_back(call_id_of(server().upload(upload)));
        ASSERT_EQ(server().settled(calls.back()), "analyzed");
    }
    const auto priority = [](const std::string& call) {
        return get_json("/api/calls/" + call).at("coaching_priority").as_double();
    };
    const auto deviations = get_json("/api/calls/" + calls[0]).at("sop_deviations");
    ASSERT_FALSE(deviations.as_array().empty());
    EXPECT_DOUBLE_EQ(priority(calls[1]), priority(calls[0]));
    EXPECT_NEAR(priority(calls[2]), priority(calls[0]) + 0.05, 1e-9);
    for (const auto& call : {calls[0], calls[2]}) {
        const auto before = priority(call);
        EXPECT_EQ(process(call + "/process?force=true", "Prefer: wait=9\r\n").status, 200);
        EXPECT_EQ(priority(call), before) << "judged again";
    }
}

TEST_F(Processing, UnknownCallIsNotFound) {
    EXPECT_EQ(refusal(process("00000000-0000-4000-8000-00000000abcd/process")),
              "404 call.not_found");
    EXPECT_EQ(refusal(process("nobody/process")), "404 call.not_found");
}

TEST_F(Processing, SpokenNumbersAreMaskedUnlessTheOriginalIsAskedFor) {
    const auto path = "/api/calls/" + analysed_call();
    for (const auto* rest : {"", "/transcript?words=true", "/transcript?format=txt"}) {
        const auto body = get(path + rest).body;
        EXPECT_THAT(body, Not(HasSubstr("97004"))) << rest;
        EXPECT_THAT(body, Not(HasSubstr("12863"))) << rest;
        EXPECT_THAT(body, Not(HasSubstr("seven zero zero four"))) << rest;
        EXPECT_THAT(body, Not(HasSubstr("Quaverley"))) << rest;
    }
    EXPECT_THAT(get(path + "/transcript?view=original&format=txt").body, HasSubstr("97004 12863"));
    EXPECT_GE(server().database().count("SELECT (SELECT count(*) FROM audit_outbox WHERE action = "
                                        "'transcript.original') + (SELECT count(*) FROM audit_log "
                                        "WHERE action = 'transcript.original')"),
              1);
}

TEST_F(Processing, CustomerIsNowhereInTheLog) {
    (void)get("/api/calls/" + analysed_call());
    (void)server().upload(
        form().set("customer_name", customer_name).set("customer_phone", "x970041"));
    const auto log = server().log();
    EXPECT_THAT(log, HasSubstr("call.ingested"));
    for (const auto* secret : {"Zebulon", "Quaverley", "97004", "12863", "nine seven zero"})
        EXPECT_THAT(log, Not(HasSubstr(secret)));
}

} // namespace

} // namespace hs::test
