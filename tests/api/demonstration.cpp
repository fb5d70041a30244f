// A demonstration history: loaded, judged, marked, counted, and gone again without a trace.
#include <map>
#include <set>

#include "api/api_test.hpp"
#include "support/recount.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

class Demonstration : public ApiTest {
protected:
    Demonstration() : own(speech, {}, "serve") { add_directory(own); }

    WholeServer::CommandResult load(const std::string& seed = "7") {
        return own.run({"demo", "load", "--calls", "60", "--days", "90", "--seed", seed});
    }

    [[nodiscard]] std::int64_t count(const std::string& of) const {
        return own.database().count("SELECT count(*) FROM " + of);
    }

    std::vector<std::string> differences() {
        auto connection = pg::BlockingConnection::open(own.database().superuser_url(), 10);
        if (!connection) return {connection.error().message};
        const auto tenant = *TenantId::parse("00000000-0000-7000-8000-000000000001");
        return Recount(*connection, tenant).differences();
    }

    SpeechImposter speech;
    WholeServer own;
};

TEST_F(Demonstration, CallsAreJudgedMarkedAndCounted) {
    const auto loaded = load();
    ASSERT_EQ(loaded.status, 0) << loaded.output;
    EXPECT_THAT(loaded.output, HasSubstr("60 calls over 90 days"));
    EXPECT_EQ(count("calls WHERE processing_status = 'analyzed'"), 60);
    EXPECT_EQ(count("demonstration_calls"), 60);
    EXPECT_EQ(count("(SELECT DISTINCT sha256 FROM transcripts) AS t"), 60) << "no two are alike";
    EXPECT_EQ(count("evaluations WHERE reason = 'demonstration' AND evaluator = 'rules'"), 60);
    EXPECT_EQ(
        count("calls WHERE call_timestamp > now() OR call_timestamp < now() - interval '91 days'"),
        0);
    EXPECT_GT(count("(SELECT DISTINCT city_id FROM calls) AS t"), 15);
    EXPECT_GT(count("(SELECT DISTINCT agent_id FROM calls) AS t"), 10);
    EXPECT_EQ(count("call_insights WHERE alerts"), 0) << "none raises an alarm";
    EXPECT_EQ(count("events WHERE call_id IS NOT NULL"), 0);
    EXPECT_EQ(count("jobs"), 0);
    EXPECT_GT(count("call_facts WHERE sop > 9000"), 5) << "some are good";
    EXPECT_GT(count("call_facts WHERE sop < 6000"), 2) << "and some are not";
    EXPECT_THAT(differences(), ::testing::IsEmpty());
    const auto audit = own.run({"rollups", "audit"});
    EXPECT_EQ(audit.status, 0) << audit.output;
}

TEST_F(Demonstration, EveryFirmAnswerHasItsEvidence) {
    ASSERT_EQ(load().status, 0);
    const auto page = json_of(own.ask("GET /api/calls?limit=100"));
    const auto& calls = page.at("data").as_array();
    ASSERT_EQ(calls.size(), 60U);
    int failed = 0;
    for (const auto& row : calls) {
        EXPECT_TRUE(row.at("demonstration").as_bool());
        const auto id = std::string(row.at("call_id").as_string());
        const auto call = json_of(own.ask("GET /api/calls/" + id));
        EXPECT_TRUE(call.at("demonstration").as_bool());
        EXPECT_TRUE(call.at("media").is_null()) << "there is no recording";
        EXPECT_EQ(call.at("provenance").at("speech_engine").as_string(), "demonstration");
        for (const auto& answer : call.at("answers").as_array()) {
            const auto state = answer.at("state").as_string();
            if (state == "na" || state == "needs_review") continue;
            failed += state == "fail" ? 1 : 0;
            const bool shown = !answer.at("evidence").as_array().empty() ||
                               answer.at("searched").is_object() ||
                               answer.at("method").as_string() != "rule";
            EXPECT_TRUE(shown) << id << " " << answer.at("question_id").as_string();
        }
    }
    EXPECT_GT(failed, 20);
    const auto& first = calls.front().at("call_id").as_string();
    const auto audio = own.ask("GET /api/calls/" + std::string(first) + "/audio");
    EXPECT_EQ(audio.status, 404) << audio.body;
}

TEST_F(Demonstration, TheSameSeedTellsTheSameCalls) {
    const auto loaded = load("11");
    ASSERT_EQ(loaded.status, 0) << loaded.output;
    const std::string told = "SELECT string_agg(sha256, ',' ORDER BY sha256) FROM transcripts";
    const auto first = own.database().sql(told);
    EXPECT_EQ(load("11").status, 1) << "it is there already";
    EXPECT_EQ(count("calls"), 60);
    ASSERT_EQ(own.run({"demo", "remove"}).status, 0);
    const auto again = load("11");
    ASSERT_EQ(again.status, 0) << again.output;
    EXPECT_EQ(own.database().sql(told), first);
    ASSERT_EQ(own.run({"demo", "remove"}).status, 0);
    ASSERT_EQ(load("12").status, 0);
    EXPECT_NE(own.database().sql(told), first);
}

TEST_F(Demonstration, RemovingItLeavesWhatWasThereBefore) {
    const auto mine = own.upload(form());
    ASSERT_EQ(mine.status, 201) << mine.body;
    ASSERT_EQ(own.run({"rollups", "rebuild"}).status, 0);
    const std::string figures =
        "SELECT to_jsonb(r)::text FROM (SELECT * FROM rollup_agent WHERE calls <> 0 ORDER BY "
        "agent_id, grain, bucket) AS r UNION ALL SELECT to_jsonb(r)::text FROM (SELECT * FROM "
        "rollup_city_issue WHERE calls <> 0 ORDER BY city_id, issue, grain, bucket) AS r "
        "UNION ALL SELECT to_jsonb(r)::text FROM (SELECT * FROM rollup_rule WHERE met + missed + "
        "unsure <> 0 ORDER BY whose, rule_id, grain, bucket) AS r";
    const auto before = own.database().sql(figures);
    const auto agents = count("agents");
    const auto cities = count("cities");
    ASSERT_EQ(load().status, 0);
    EXPECT_EQ(count("calls"), 61);
    EXPECT_GT(count("agents"), agents);
    EXPECT_NE(own.database().sql(figures), before);
    const auto removed = own.run({"demo", "remove"});
    EXPECT_EQ(removed.status, 0) << removed.output;
    EXPECT_THAT(removed.output, HasSubstr("60 calls"));
    EXPECT_EQ(own.database().sql(figures), before);
    EXPECT_EQ(count("calls"), 1);
    EXPECT_EQ(count("agents"), agents);
    EXPECT_EQ(count("cities"), cities);
    for (const auto* table : {"demonstration_calls",
                              "demonstration_agents",
                              "demonstration_cities",
                              "transcripts",
                              "evaluations",
                              "call_insights",
                              "rule_facts",
                              "missed_rules",
                              "escalations"})
        EXPECT_EQ(count(table), 0) << table;
    EXPECT_THAT(differences(), ::testing::IsEmpty());
    EXPECT_EQ(own.run({"rollups", "audit"}).status, 0);
    EXPECT_EQ(own.run({"demo", "remove"}).status, 0) << "nothing is left, which is no fault";
}

TEST_F(Demonstration, WrongUsageSaysWhatIsRight) {
    for (const auto& wrong : std::vector<std::vector<std::string>>{{"demo"},
                                                                   {"demo", "play"},
                                                                   {"demo", "load", "--calls", "0"},
                                                                   {"demo", "load", "--days", "x"},
                                                                   {"demo", "load", "--seed"}}) {
        const auto answer = own.run(wrong);
        EXPECT_EQ(answer.status, 2) << answer.output;
        EXPECT_THAT(answer.output, HasSubstr("usage: hacksmart demo load"));
    }
}

} // namespace

} // namespace hs::test
