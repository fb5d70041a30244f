// R-29, R-30 over the whole program: a provider's trouble and a crash cost neither calls nor money.
#include <filesystem>
#include <future>

#include <fmt/format.h>

#include "api/api_test.hpp"
#include "pg/blocking.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

class SpeechTrouble : public ApiTest {
protected:
    SpeechTrouble() : own(speech, {{"JOB_LEASE_MS", "1000"}, {"RESCUE_EVERY_MS", "200"}}) {
        add_directory(own);
    }

    /// A stereo call: two paid requests.
    std::string upload() {
        auto upload = form();
        upload.file = corpus_bytes("calls/c01_perfect_swap.mp3");
        const auto reply = own.upload(upload);
        EXPECT_EQ(reply.status, 201) << reply.body;
        return call_id_of(reply);
    }

    std::size_t paid() { return speech.imposter().requests().size(); }

    std::int64_t count(const std::string& what) {
        return own.database().count("SELECT count(*) FROM " + what);
    }

    std::size_t objects_of(const std::string& call) {
        std::size_t files = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(own.data_dir()))
            if (entry.is_regular_file() && entry.path().string().contains(call)) ++files;
        return files;
    }

    bool erased(const std::string& call) {
        return eventually([&] {
            return count("jobs_history WHERE kind = 'erase' AND outcome = 'done' AND subject = '" +
                         call + "'") == 1;
        });
    }

    void end_pause() {
        own.database().sql("UPDATE provider_state SET paused_until = now()");
        own.database().sql("UPDATE jobs SET run_at = now() WHERE state = 'available'");
    }

    SpeechImposter speech;
    WholeServer own;
};

/// A table closed to writers as long as this lives.
class ClosedTable {
public:
    ClosedTable(const TestDatabase& database, const std::string& table)
        : connection_(*pg::BlockingConnection::open(database.superuser_url(), 10)) {
        connection_.run("BEGIN");
        connection_.run("LOCK TABLE " + table + " IN SHARE ROW EXCLUSIVE MODE");
    }

    void open() { connection_.run("ROLLBACK"); }

private:
    pg::BlockingConnection connection_;
};

TEST_F(SpeechTrouble, AKillBetweenAnswerAndCommitPaysNothingTwice) {
    for (int round = 1; round <= 3; ++round) {
        own.database().sql("DELETE FROM provider_calls");
        const auto before = paid();
        ClosedTable closed(own.database(), "transcripts");
        const auto call = upload();
        ASSERT_TRUE(eventually([&] { return count("provider_calls") == 2; })) << own.log();
        own.kill();
        closed.open();
        own.start();
        EXPECT_EQ(own.settled(call), "analyzed") << own.log();
        EXPECT_EQ(paid() - before, 2U) << "round " << round;
        EXPECT_EQ(count("transcripts WHERE call_id = '" + call + "'"), 1);
    }
}

TEST_F(SpeechTrouble, AKillBeforeTheReplyIsKeptCostsThatReplyAtMost) {
    ClosedTable closed(own.database(), "provider_calls");
    const auto call = upload();
    ASSERT_TRUE(speech.imposter().wait_for_requests(1));
    own.kill();
    closed.open();
    own.start();
    EXPECT_EQ(own.settled(call), "analyzed") << own.log();
    EXPECT_LE(paid(), 3U);
}

TEST_F(SpeechTrouble, ARateLimitIsWaitedForAndNotCounted) {
    speech.imposter().then({.status = 429, .headers = {{"Retry-After", "3600"}}});
    const auto call = upload();
    ASSERT_TRUE(eventually([&] { return count("jobs WHERE snoozed_since IS NOT NULL") == 1; }));
    EXPECT_EQ(own.database().sql("SELECT concat_ws(' ', failures, crashes, last_error->>'code', "
                                 "run_at > now() + interval '50 minutes') FROM jobs"),
              (std::vector<std::string>{"0 0 speech.rate_limited t"}));
    const auto other = upload();
    ASSERT_TRUE(eventually([&] { return count("jobs WHERE snoozed_since IS NOT NULL") == 2; }));
    EXPECT_EQ(paid(), 1U);
    EXPECT_THAT(own.ask("GET /metrics").body,
                HasSubstr("hacksmart_provider_paused{model=\"whisper-1\",provider=\"openai\"} 1"));
    EXPECT_EQ(json_of(own.ask("GET /readyz?verbose=1")).at("speech_engine"), "paused");
    end_pause();
    EXPECT_EQ(own.settled(call), "analyzed") << own.log();
    EXPECT_EQ(own.settled(other), "analyzed") << own.log();
    EXPECT_EQ(paid(), 3U) << "the second call has the audio of the first";
}

TEST_F(SpeechTrouble, ARefusedKeyIsSeenAndFailsNoCall) {
    speech.imposter().then({.status = 401, .body = "{}"});
    const auto call = upload();
    ASSERT_TRUE(eventually([&] { return count("jobs WHERE snoozed_since IS NOT NULL") == 1; }));
    EXPECT_EQ(count("jobs WHERE failures = 0 AND last_error->>'code' = 'speech.denied'"), 1);
    EXPECT_EQ(json_of(own.ask("GET /readyz?verbose=1")).at("speech_engine"), "denied");
    EXPECT_THAT(own.ask("GET /metrics").body,
                HasSubstr("hacksmart_provider_denied{model=\"whisper-1\",provider=\"openai\"} 1"));
    EXPECT_THAT(own.log(), HasSubstr("provider.denied"));
    end_pause();
    EXPECT_EQ(own.settled(call), "analyzed") << own.log();
    EXPECT_EQ(json_of(own.ask("GET /readyz?verbose=1")).at("speech_engine"), "ready");
}

TEST_F(SpeechTrouble, ACallDeletedWhileItIsHeardLeavesNothing) {
    // No answer ever comes: the worker waits until it is told to stop.
    for (int track = 0; track < 2; ++track)
        speech.imposter().then({.trick = ImposterReply::Trick::hang});
    const auto call = upload();
    ASSERT_TRUE(speech.imposter().wait_for_requests(1)) << own.log();
    ASSERT_GT(objects_of(call), 2U) << "recording, form and the playback copy no row tells of yet";
    EXPECT_EQ(own.ask("DELETE /api/calls/" + call).status, 204);
    EXPECT_TRUE(erased(call)) << own.log();
    EXPECT_TRUE(speech.imposter().wait_for_abandoned());
    EXPECT_EQ(objects_of(call), 0U);
    EXPECT_EQ(count("provider_calls"), 0);
    EXPECT_EQ(count("jobs WHERE subject = '" + call + "'"), 0);
    EXPECT_EQ(count("jobs_history WHERE outcome = 'cancelled' AND subject = '" + call + "'"), 1);
}

TEST_F(SpeechTrouble, AnAnswerAfterTheDeletionIsNotKept) {
    // One track is answered and kept, the other one comes after the deletion.
    std::promise<void> gate;
    auto opened = gate.get_future().share();
    const std::string answer = R"({"text":"","language":"english","segments":[],"words":[]})";
    speech.imposter().then({.body = answer});
    speech.imposter().otherwise([opened, answer](const ImposterRequest&) {
        opened.wait();
        return ImposterReply{.body = answer};
    });
    const auto call = upload();
    const bool kept = eventually([&] { return count("provider_calls") == 1; });
    const auto status = own.ask("DELETE /api/calls/" + call).status;
    gate.set_value();
    EXPECT_TRUE(kept) << own.log();
    EXPECT_EQ(status, 204);
    EXPECT_TRUE(erased(call)) << own.log();
    EXPECT_EQ(objects_of(call), 0U);
    EXPECT_EQ(count("provider_calls"), 0);
}

TEST_F(SpeechTrouble, EvaluationNamesTheStoredTranscript) {
    const auto call = upload();
    ASSERT_EQ(own.settled(call), "analyzed") << own.log();
    EXPECT_EQ(own.database().count("SELECT count(*) FROM evaluations e JOIN transcripts t "
                                   "ON t.tenant_id = e.tenant_id AND t.call_id = e.call_id "
                                   "WHERE e.transcript_hash = t.sha256"),
              1);
}

} // namespace

} // namespace hs::test
