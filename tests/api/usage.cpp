// What was spent and what may be, over the whole program.
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

class Usage : public ApiTest {
protected:
    Usage() : Usage(WholeServer::Settings{{"BUDGET_MONTH_USD", "50"}}) {}

    explicit Usage(WholeServer::Settings settings) : own(speech, std::move(settings)) {
        add_directory(own);
    }

    std::string upload() {
        const auto reply = own.upload(form());
        EXPECT_EQ(reply.status, 201) << reply.body;
        return call_id_of(reply);
    }

    json::object usage(const std::string& query = "") {
        return json_of(own.ask("GET /api/usage" + query)).as_object();
    }

    HttpReply change(const std::string& budget, const std::string& headers = "") {
        return own.ask("PATCH /api/settings",
                       "Content-Type: application/json\r\n" + headers,
                       R"({"budget":)" + budget + "}");
    }

    std::int64_t count(const std::string& what) {
        return own.database().count("SELECT count(*) FROM " + what);
    }

    SpeechImposter speech;
    WholeServer own;
};

TEST_F(Usage, SpeechIsPaidByTheMinuteAndShownByCall) {
    const auto call = upload();
    ASSERT_EQ(own.settled(call), "analyzed");
    const auto requests = static_cast<std::int64_t>(speech.imposter().requests().size());
    const auto seen = usage("?group_by=call");
    const auto& row = seen.at("data").as_array().at(0).as_object();
    EXPECT_EQ(std::string(row.at("key").as_string()), call);
    EXPECT_EQ(row.at("requests"), json::value(requests));
    const auto minutes = row.at("audio_minutes").as_double();
    EXPECT_GT(minutes, 0);
    EXPECT_NEAR(row.at("cost_usd").as_double(), minutes * 0.006, 0.00001) << "whisper-1";
    EXPECT_EQ(seen.at("total").as_object().at("cost_usd"), row.at("cost_usd"));
    const auto& month = seen.at("budget").as_object().at("month").as_object();
    EXPECT_EQ(month.at("limit_usd"), json::value(50.0));
    EXPECT_EQ(month.at("reserved_usd"), json::value(0.0));
    EXPECT_EQ(month.at("spent_usd"), row.at("cost_usd"));
    const auto past = usage("?to=2020-01-01&group_by=day");
    EXPECT_TRUE(past.at("data").as_array().empty());
    EXPECT_EQ(past.at("total").as_object().at("requests"), json::value(0));
}

TEST_F(Usage, WhatIsNotOfferedIsRefused) {
    EXPECT_EQ(refusal(own.ask("GET /api/usage?group_by=colour")), "400 query.choice");
    EXPECT_EQ(refusal(own.ask("GET /api/usage?from=yesterday")), "400 query.date");
    EXPECT_EQ(refusal(own.ask("GET /api/usage?limit=0")), "400 query.range");
    EXPECT_EQ(refusal(own.ask("GET /api/usage?tenant=x")), "400 query.unknown");
    EXPECT_EQ(refusal(change(R"({"day_usd":-1})")), "400 field.range");
    EXPECT_EQ(refusal(change(R"({"policy":"spend"})")), "400 field.choice");
    EXPECT_EQ(refusal(change(R"({"weekly_usd":1})")), "400 field.unknown");
    EXPECT_EQ(refusal(change("null")), "400 field.required");
}

TEST_F(Usage, SettingsChangeMemberByMemberAndForWhoHasReadThem) {
    const auto read = own.ask("GET /api/settings");
    ASSERT_EQ(read.status, 200) << read.body;
    EXPECT_EQ(json_of(read).at("budget").at("month_usd"), json::value(50.0));
    const auto seen = "If-Match: " + read.header("etag") + "\r\n";
    const auto first = change(R"({"day_usd":2.5,"stopped_providers":["q"]})", seen);
    ASSERT_EQ(first.status, 200) << first.body;
    EXPECT_EQ(own.ask("GET /api/settings").body, first.body);
    const auto second = change(R"({"policy":"wait"})");
    const auto budget = json_of(second).as_object().at("budget").as_object();
    EXPECT_EQ(budget.at("day_usd"), json::value(2.5));
    EXPECT_EQ(budget.at("month_usd"), json::value(50.0));
    EXPECT_EQ(budget.at("policy"), "wait");
    EXPECT_EQ(budget.at("stopped_providers").as_array().size(), 1U);
    const auto stale = "If-Match: " + first.header("etag") + "\r\n";
    EXPECT_EQ(refusal(change(R"({"stopped":true})", stale)), "412 precondition.failed");
    const auto fresh = "If-Match: " + second.header("etag") + "\r\n";
    EXPECT_EQ(change(R"({"stopped":true})", fresh).status, 200);
    const auto back = json_of(change(R"({"day_usd":null,"policy":null})")).as_object();
    EXPECT_EQ(back.at("budget").as_object().at("day_usd"), json::value(nullptr));
    EXPECT_EQ(back.at("budget").as_object().at("policy"), "cheaper");
    EXPECT_EQ(count("audit_log WHERE action = 'settings.update'") +
                  count("audit_outbox WHERE action = 'settings.update'"),
              4);
}

TEST_F(Usage, AStoppedTenantsRecordingsWaitUntilItIsLetGo) {
    ASSERT_EQ(change(R"({"stopped":true})").status, 200);
    const auto call = upload();
    ASSERT_TRUE(eventually([&] {
        return count("jobs WHERE kind = 'transcribe' AND state = 'available' AND runs > 0 AND "
                     "failures = 0 AND run_at > now()") == 1;
    }));
    EXPECT_TRUE(speech.imposter().requests().empty());
    ASSERT_EQ(change(R"({"stopped":false})").status, 200);
    EXPECT_EQ(own.settled(call), "analyzed") << "it need not wait for its time";
}

TEST_F(Usage, ARecordingBeyondTheBudgetWaitsUntilThereIsMore) {
    ASSERT_EQ(change(R"({"day_usd":0})").status, 200);
    const auto call = upload();
    ASSERT_TRUE(eventually([&] {
        return count("jobs WHERE kind = 'transcribe' AND failures = 0 AND run_at > now() AND "
                     "last_error ->> 'code' = 'budget.exhausted'") == 1;
    }));
    EXPECT_TRUE(speech.imposter().requests().empty());
    EXPECT_EQ(count("events WHERE type = 'budget.exhausted'"), 1);
    ASSERT_EQ(change(R"({"day_usd":5})").status, 200);
    EXPECT_EQ(own.settled(call), "analyzed");
}

/// Speech at a dollar a second.
class DearSpeech : public Usage {
protected:
    DearSpeech() : Usage(WholeServer::Settings{{"PRICES_FILE", price_file()}}) {}

    ~DearSpeech() override { std::filesystem::remove(path()); }

private:
    static std::filesystem::path path() {
        return std::filesystem::temp_directory_path() /
               ("hs-prices-" + std::to_string(::getpid()) + ".yaml");
    }

    static std::string price_file() {
        std::ofstream(path()) << "prices: [{provider: openai, model: '*', audio_hour: 3600}]\n";
        return path();
    }
};

TEST_F(DearSpeech, FourFifthsOfTheBudgetAreTold) {
    ASSERT_EQ(own.settled(upload()), "analyzed");
    const auto spent = usage().at("total").as_object().at("cost_usd").as_double();
    ASSERT_GT(spent, 1) << "by the table that was given";
    ASSERT_EQ(change("{\"day_usd\":" + std::to_string(spent * 2.3) + "}").status, 200);
    EXPECT_EQ(count("events WHERE type = 'budget.alert'"), 0);
    ASSERT_EQ(own.settled(upload()), "analyzed");
    EXPECT_EQ(count("events WHERE type = 'budget.alert' AND payload ->> 'window' = 'day'"), 1);
}

} // namespace
} // namespace hs::test
