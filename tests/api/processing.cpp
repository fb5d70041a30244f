// Judging a call again, and what must never show: a customer's name and number.
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

// Clients of typed languages tell 0 from 0.0, and the database's own order of members is nobody's.
TEST_F(Processing, ShapesHaveTheirOrderAndTheirFractions) {
    server().database().sql(
        "UPDATE call_insights SET sentiment_trajectory = '[{\"turn\": 2, \"score\": 0, "
        "\"sentiment\": \"negative\"}]' WHERE call_id = '" +
        analysed_call() + "'");
    const auto reply = process(analysed_call() + "/process");
    EXPECT_THAT(
        reply.body,
        HasSubstr(R"("sentiment_trajectory":[{"turn":2,"score":0.0,"sentiment":"negative"}])"));
    EXPECT_THAT(server().ask("GET /api/calls/" + analysed_call()).body,
                Not(HasSubstr("\"score\":0,")));
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

TEST_F(Processing, UnknownCallIsNotFound) {
    EXPECT_EQ(refusal(process("00000000-0000-4000-8000-00000000abcd/process")),
              "404 call.not_found");
    EXPECT_EQ(refusal(process("nobody/process")), "404 call.not_found");
}

TEST_F(Processing, SpokenNumbersAreMaskedUnlessTheOriginalIsAskedFor) {
    const auto path = "/api/calls/" + analysed_call();
    for (const auto* rest : {"", "/transcript?words=true", "/transcript?format=txt"}) {
        const auto body = get(path + rest).body;
        for (const auto* number : {" 97004", " 12863", "9700412863"}) // ids may hold five digits
            EXPECT_THAT(body, Not(HasSubstr(number))) << rest;
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
    // The number as a client or a recogniser writes it; five digits alone stand in many an id and
    // time of a long log.
    for (const auto* secret :
         {"Zebulon", "Quaverley", "x97004", "9700412863", "97004 12863", "nine seven zero"})
        EXPECT_THAT(log, Not(HasSubstr(secret)));
}

} // namespace

} // namespace hs::test
