// What the analysis of a call looks like from outside: waiting for it, status, detail, evidence.
#include <chrono>

#include <fmt/format.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using CallResults = ApiTest;

TEST_F(CallResults, WaitedForUploadCarriesItsScores) {
    const auto agents = get_json("/api/agents").at("data").as_array();
    auto upload = form();
    upload.file = corpus_bytes("calls/c02_no_greeting.mp3");
    // A busy machine may need longer than one wait: the same request goes on waiting.
    HttpReply reply;
    const auto analysed = [&] {
        reply = server().upload(upload, "Prefer: wait=9\r\nIdempotency-Key: waited-1\r\n");
        EXPECT_EQ(reply.status, 201) << reply.body;
        EXPECT_EQ(reply.header("preference-applied"), "wait=9");
        return json_of(reply).at("processing").at("status") == "analyzed";
    };
    ASSERT_TRUE(eventually(analysed, std::chrono::seconds(60))) << reply.body;
    const auto processing = json_of(reply).at("processing");
    EXPECT_EQ(json_of(reply).at("message"), "Call ingested and processed successfully");
    const auto scores = processing.at("ai_analysis").at("scores").as_object();
    const std::vector<std::string> names{"sop_compliance",
                                         "communication",
                                         "sentiment_stabilization",
                                         "resolution_validity",
                                         "overall_quality",
                                         "escalation_risk",
                                         "coaching_priority"};
    ASSERT_EQ(scores.size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& member = *(scores.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(member.key(), names[i]);
        EXPECT_GE(member.value().as_double(), 0.0);
        EXPECT_LE(member.value().as_double(), 1.0);
    }
    EXPECT_EQ(processing.at("ai_analysis").at("escalation_flagged"),
              scores.at("escalation_risk").as_double() > 0.5);
}

TEST_F(CallResults, ReplayWithAWaitPicksUpTheResult) {
    auto upload = form();
    upload.file = corpus_bytes("calls/c17_short_drop.mp3");
    const std::string key = "Idempotency-Key: pick-up-1\r\n";
    const auto first = server().upload(upload, key);
    ASSERT_EQ(first.status, 201) << first.body;
    const auto status = server().settled(call_id_of(first));
    const auto again = server().upload(upload, key + "Prefer: wait=5\r\n");
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(std::string(json_of(again).at("processing").at("status").as_string()), status);
}

TEST_F(CallResults, StatusHasTheReferenceKeysInOrder) {
    const auto reply = get("/api/calls/" + analysed_call() + "/status");
    ASSERT_EQ(reply.status, 200);
    const auto body = json_of(reply).as_object();
    std::vector<std::string> keys;
    for (const auto& member : body)
        keys.emplace_back(member.key());
    EXPECT_THAT(keys,
                ::testing::ElementsAre(
                    "status", "call_id", "processing_status", "audio_url", "updated_at"));
    EXPECT_EQ(body.at("processing_status"), "analyzed");
    EXPECT_THAT(std::string(body.at("updated_at").as_string()), ::testing::EndsWith("+00:00"));
    EXPECT_THAT(std::string(body.at("audio_url").as_string()),
                ::testing::StartsWith("http://" + server().host() + "/api/calls/"));
    EXPECT_EQ(reply.header("cache-control"), "no-store");
}

TEST_F(CallResults, UnknownAndMalformedIdsAreNotFound) {
    const std::string nobody = "00000000-0000-4000-8000-00000000abcd";
    for (const auto* path : {"", "/status", "/transcript", "/audio", "/peaks"}) {
        const auto unknown = get("/api/calls/" + nobody + path);
        EXPECT_EQ(refusal(unknown), "404 call.not_found") << path;
        EXPECT_EQ(std::string(json_of(unknown).at("detail").as_string()),
                  "Call with ID " + nobody + " not found")
            << path;
        const auto malformed = get("/api/calls/<b>" + std::string(path));
        EXPECT_EQ(refusal(get("/api/calls/not-an-id" + std::string(path))), "404 call.not_found");
        EXPECT_THAT(malformed.body, Not(HasSubstr("<b>"))) << path;
    }
}

TEST_F(CallResults, DetailHasWhatWasSentAndWhatWasFound) {
    const auto detail = get_json("/api/calls/" + analysed_call());
    EXPECT_EQ(std::string(detail.at("call_id").as_string()), analysed_call());
    EXPECT_EQ(detail.at("processing_status"), "analyzed");
    EXPECT_EQ(detail.at("agent").at("employee_id"), "EMP-7");
    EXPECT_EQ(detail.at("city").at("state"), "Haryana");
    EXPECT_EQ(detail.at("call_context"), "FOLLOW_UP");
    EXPECT_EQ(detail.at("external_id"), "ticket-1");
    EXPECT_EQ(detail.at("metadata").at("queue"), "north");
    EXPECT_EQ(detail.at("media").at("format"), "mp3");
    EXPECT_EQ(detail.at("media").at("channels"), 2);
    EXPECT_EQ(detail.at("duration_seconds"), 56);
    EXPECT_GT(detail.at("transcript").at("turns").as_array().size(), 4U);
    EXPECT_FALSE(detail.at("provenance").as_object().empty());
}

/// Every quote of `evidence` stands in the turn it names.
void expect_quotes_stand(const json::array& evidence, const json::array& turns) {
    for (const auto& piece : evidence) {
        const auto turn = static_cast<std::size_t>(piece.at("turn").as_int64());
        ASSERT_GE(turn, 1U);
        ASSERT_LE(turn, turns.size());
        const std::string text(turns[turn - 1].at("text").as_string());
        const std::string quote(piece.at("quote").as_string());
        EXPECT_FALSE(quote.empty());
        EXPECT_THAT(text, HasSubstr(quote));
    }
}

TEST_F(CallResults, EveryVerdictHasEvidenceInTheTranscript) {
    const auto detail = get_json("/api/calls/" + analysed_call());
    const auto& turns = detail.at("transcript").at("turns").as_array();
    int verdicts = 0;
    for (const auto& answer : detail.at("answers").as_array()) {
        const auto& evidence = answer.at("evidence").as_array();
        expect_quotes_stand(evidence, turns);
        expect_quotes_stand(answer.at("counter_evidence").as_array(), turns);
        if (answer.at("state") != "pass" && answer.at("state") != "fail") continue;
        ++verdicts;
        EXPECT_FALSE(evidence.empty()) << answer;
    }
    EXPECT_GT(verdicts, 3);
}

TEST_F(CallResults, InsightsRowAgreesWithTheDetail) {
    const auto detail = get_json("/api/calls/" + analysed_call());
    const auto where = " FROM call_insights WHERE call_id = '" + analysed_call() + "'";
    const auto& database = server().database();
    for (const auto* column : {"sop_compliance_score",
                               "sentiment_stabilization_score",
                               "resolution_validity_score",
                               "overall_quality_score"}) {
        const auto stored = database.sql(fmt::format("SELECT {}::text{}", column, where));
        ASSERT_EQ(stored.size(), 1U);
        EXPECT_DOUBLE_EQ(std::stod(stored.front()), detail.at(column).as_double()) << column;
    }
    EXPECT_EQ(database.count("SELECT count(*)" + where + " AND evaluation_id = '" +
                             std::string(detail.at("evaluation_id").as_string()) + "'"),
              1);
}

TEST_F(CallResults, InsightsTableRefusesImpossibleFigures) {
    const auto& database = server().database();
    const auto where = " WHERE call_id = '" + analysed_call() + "'";
    for (const auto* change : {"sop_compliance_score = 1.1",
                               "sentiment_stabilization_score = 0.7",
                               "resolution_validity_score = 0.5",
                               "overall_quality_score = -0.1",
                               "escalation_risk = true, why_flagged = ''"}) {
        EXPECT_THROW((void)database.sql(std::string("UPDATE call_insights SET ") + change + where),
                     std::exception)
            << change;
    }
}

TEST_F(CallResults, SilentFileIsKeptFlaggedAndNotScored) {
    auto upload = form();
    upload.file = corpus_bytes("calls/c16_silent.mp3");
    const auto reply = server().upload(upload);
    ASSERT_EQ(reply.status, 201) << reply.body;
    EXPECT_THAT(reply.body, HasSubstr("\"silent\""));
    EXPECT_EQ(server().settled(call_id_of(reply)), "failed");
    const auto status = get_json("/api/calls/" + call_id_of(reply) + "/status");
    EXPECT_EQ(status.at("failure_code"), "no_speech");
    EXPECT_EQ(refusal(get("/api/calls/" + call_id_of(reply) + "/transcript")),
              "404 transcript.not_found");
}

} // namespace

} // namespace hs::test
