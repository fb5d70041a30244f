// Work that was begun before somebody changed the call: it never undoes what is newer or better.
#include <atomic>
#include <future>

#include <fmt/format.h>

#include "api/api_test.hpp"
#include "pg/blocking.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

constexpr std::string_view angry =
    "WEBVTT\n\n00:00.000 --> 00:00.400\nAgent: good morning thank you for calling swift volt\n\n"
    "00:00.400 --> 00:00.900\nCustomer: my battery swap failed three times, this is cheating, I "
    "will go to the consumer court and call my lawyer and the police\n\n"
    "00:00.900 --> 00:01.200\nAgent: I cannot do anything\n\n"
    "00:01.200 --> 00:01.900\nCustomer: I will file a legal case in the consumer court today\n";
constexpr std::string_view corrected =
    "WEBVTT\n\n00:00.000 --> 00:00.900\nAgent: good morning, how may I help you\n\n"
    "00:00.900 --> 00:01.900\nCustomer: these are the words a person has put right\n";

constexpr const char* heard_nothing =
    R"({"text":"","language":"english","segments":[],"words":[]})";

/// Answers wait until this is opened, or goes away.
class Gate {
public:
    ~Gate() { open(); }

    void open() {
        if (!opened_.exchange(true)) promise_.set_value();
    }

    [[nodiscard]] std::shared_future<void> future() const { return future_; }

private:
    std::promise<void> promise_;
    std::shared_future<void> future_ = promise_.get_future().share();
    std::atomic<bool> opened_{false};
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

class SupersededWork : public ApiTest {
protected:
    explicit SupersededWork(WholeServer::Settings settings = {}) : own(speech, settings) {
        add_directory(own);
    }

    std::string given_call(std::string_view transcript) {
        auto sent = form();
        const auto reply = own.ask("POST /ingest/call",
                                   UploadForm::content_type(),
                                   with_part(sent.body(), "transcript", transcript));
        EXPECT_EQ(reply.status, 201) << reply.body;
        return call_id_of(reply);
    }

    HttpReply put(const std::string& call, std::string_view transcript) {
        return own.ask("PUT /api/calls/" + call + "/transcript",
                       UploadForm::content_type(),
                       with_part(UploadForm().body(), "transcript", transcript));
    }

    HttpReply process(const std::string& call, const std::string& query) {
        return own.ask("POST /api/calls/" + call + "/process?" + query);
    }

    std::int64_t count(const std::string& what) {
        return own.database().count("SELECT count(*) FROM " + what);
    }

    bool idle() {
        return eventually([&] { return count("jobs WHERE kind <> 'upgrade'") == 0; });
    }

    std::string words(const std::string& call) {
        return own.ask("GET /api/calls/" + call + "/transcript?format=txt").body;
    }

    json::value detail(const std::string& call) {
        return json_of(own.ask("GET /api/calls/" + call));
    }

    SpeechImposter speech;
    WholeServer own;
};

TEST_F(SupersededWork, HearingNothingAgainLeavesTheJudgementAndItsEscalation) {
    const auto call = given_call(angry);
    ASSERT_EQ(own.settled(call), "analyzed") << own.log();
    ASSERT_TRUE(idle());
    const auto before = detail(call);
    ASSERT_EQ(before.at("scored"), true) << before;
    ASSERT_EQ(count("escalations WHERE state = 'open'"), 1);
    speech.imposter().otherwise(
        [](const ImposterRequest&) { return ImposterReply{.body = heard_nothing}; });
    ASSERT_EQ(process(call, "retranscribe=true").status, 202);
    ASSERT_TRUE(speech.imposter().wait_for_requests(1));
    ASSERT_TRUE(idle());
    const auto after = detail(call);
    EXPECT_EQ(after.at("processing_status"), "analyzed");
    EXPECT_EQ(after.at("failure_code"), nullptr);
    EXPECT_EQ(after.at("evaluation_id"), before.at("evaluation_id"));
    EXPECT_EQ(after.at("evaluated_at"), before.at("evaluated_at"));
    EXPECT_EQ(count("escalations WHERE state = 'open'"), 1);
    EXPECT_THAT(words(call), HasSubstr("consumer court"));
}

TEST_F(SupersededWork, ATranscriptTooThinToJudgeClosesNoEscalation) {
    const auto call = given_call(angry);
    ASSERT_EQ(own.settled(call), "analyzed") << own.log();
    ASSERT_EQ(count("escalations WHERE state = 'open'"), 1);
    ASSERT_EQ(put(call, "WEBVTT\n\n00:00.000 --> 00:01.000\nAgent: hello\n").status, 202);
    ASSERT_TRUE(eventually([&] { return count("evaluations") == 2; }));
    ASSERT_EQ(detail(call).at("scored"), false);
    EXPECT_EQ(count("escalations WHERE state = 'open'"), 1);
}

TEST_F(SupersededWork, NothingHeardOfANewCallIsAFailureWithAReason) {
    speech.imposter().otherwise(
        [](const ImposterRequest&) { return ImposterReply{.body = heard_nothing}; });
    const auto call = call_id_of(own.upload(form()));
    EXPECT_EQ(own.settled(call), "failed");
    EXPECT_EQ(detail(call).at("failure_code"), "no_speech");
    EXPECT_EQ(count("evaluations"), 0);
    EXPECT_EQ(own.ask("GET /api/calls/" + call + "/peaks").status, 200);
}

TEST_F(SupersededWork, APersonsTranscriptOutlivesAHearingAskedForBeforeIt) {
    const auto call = given_call(angry);
    ASSERT_EQ(own.settled(call), "analyzed") << own.log();
    ASSERT_TRUE(idle());
    Gate gate;
    const auto opened = gate.future();
    speech.imposter().otherwise([opened](const ImposterRequest&) {
        opened.wait();
        return ImposterReply{
            .body = R"({"text":"heard by the engine","language":"english","duration":1.9,)"
                    R"("segments":[{"id":0,"start":0.1,"end":1.8,"text":"heard by the engine",)"
                    R"("avg_logprob":-0.1,"no_speech_prob":0.0}],"words":[]})"};
    });
    ASSERT_EQ(process(call, "retranscribe=true").status, 202);
    ASSERT_TRUE(speech.imposter().wait_for_requests(1)) << own.log();
    ASSERT_EQ(put(call, corrected).status, 202);
    gate.open();
    ASSERT_TRUE(idle());
    EXPECT_THAT(words(call), HasSubstr("a person has put right"));
    EXPECT_EQ(count("call_insights i JOIN evaluations e ON e.id = i.evaluation_id JOIN calls c "
                    "ON c.id = i.call_id WHERE e.transcript_id = c.current_transcript_id"),
              1);
    // Asked for after it, the recording is heard.
    ASSERT_EQ(process(call, "retranscribe=true").status, 202);
    ASSERT_TRUE(idle());
    EXPECT_THAT(words(call), HasSubstr("heard by the engine"));
}

TEST_F(SupersededWork, HearingTheRecordingIsQueuedBesideAJudgement) {
    const auto call = given_call(angry);
    ASSERT_EQ(own.settled(call), "analyzed") << own.log();
    ASSERT_TRUE(idle());
    ClosedTable closed(own.database(), "evaluations");
    ASSERT_EQ(put(call, corrected).status, 202);
    ASSERT_TRUE(eventually(
        [&] { return count("jobs WHERE kind = 'evaluate' AND state = 'running'") == 1; }));
    EXPECT_EQ(process(call, "retranscribe=true").status, 202);
    EXPECT_EQ(process(call, "retranscribe=true").status, 202);
    EXPECT_EQ(count("jobs WHERE kind = 'transcribe'"), 1) << "asked for twice, done once";
    EXPECT_EQ(count("audit_outbox WHERE action = 'call.process'") +
                  count("audit_log WHERE action = 'call.process'"),
              2);
    closed.open();
    EXPECT_TRUE(speech.imposter().wait_for_requests(1));
    ASSERT_TRUE(idle());
    EXPECT_THAT(words(call), HasSubstr("upset"));
}

TEST_F(SupersededWork, AGivenTranscriptDoesNotWaitForTheSpeechEngine) {
    Gate gate;
    const auto opened = gate.future();
    speech.imposter().otherwise([opened](const ImposterRequest&) {
        opened.wait();
        return ImposterReply{.body = heard_nothing};
    });
    const auto waiting = call_id_of(own.upload(form()));
    ASSERT_TRUE(speech.imposter().wait_for_requests(1));
    const auto given = given_call(angry);
    EXPECT_EQ(own.settled(given), "analyzed") << own.log();
    EXPECT_EQ(own.ask("GET /api/calls/" + given + "/audio").status, 200);
    EXPECT_EQ(detail(waiting).at("processing_status"), "pending");
}

TEST_F(SupersededWork, ACorrectedCategoryIsJudgedAnew) {
    const auto call = given_call(angry);
    ASSERT_EQ(own.settled(call), "analyzed") << own.log();
    ASSERT_TRUE(idle());
    const auto matches = [&] {
        return json_of(process(call, "")).at("ai_output").at("issue_analysis");
    };
    ASSERT_EQ(matches().at("matches_declared_category"), true) << matches();
    const auto patch = [&](const std::string& body) {
        return own.ask("PATCH /api/calls/" + call, "Content-Type: application/json\r\n", body)
            .status;
    };
    ASSERT_EQ(patch(R"({"issue_category":"Feedback"})"), 204);
    ASSERT_TRUE(eventually([&] { return count("evaluations") == 2; })) << own.log();
    ASSERT_TRUE(idle());
    EXPECT_EQ(matches().at("matches_declared_category"), false);
    EXPECT_EQ(count("evaluations WHERE reason = 'corrected'"), 1);
    // What the judge is not told costs no evaluation.
    ASSERT_EQ(patch(R"({"agent_manual_note":"a note","issue_category":"Feedback"})"), 204);
    EXPECT_EQ(count("jobs"), 0);
}

/// A chat server whose first answer waits; all it says is that it cannot say.
class HeldModel {
public:
    explicit HeldModel(std::shared_future<void> opened) {
        server_.otherwise([this, opened](const ImposterRequest&) {
            if (!asked_.exchange(true)) opened.wait();
            return ImposterReply{.status = 400, .body = "{}"};
        });
    }

    [[nodiscard]] WholeServer::Settings settings() const {
        return {{"LLM_CHAIN", "openai:small -> rules"},
                {"LLM_MODEL_SMALL", "judge-small"},
                {"LLM_BASE_URL", server_.url() + "/v1"},
                {"LLM_ALLOW_PRIVATE", "true"}};
    }

    [[nodiscard]] Imposter& imposter() { return server_; }

private:
    std::atomic<bool> asked_{false};
    Imposter server_;
};

struct ModelOfASlowJudgement { // made before the server that asks it

    explicit ModelOfASlowJudgement(std::shared_future<void> opened) : model(std::move(opened)) {}

    HeldModel model;
};

class SlowJudgement : protected Gate, protected ModelOfASlowJudgement, public SupersededWork {
protected:
    SlowJudgement() : ModelOfASlowJudgement(future()), SupersededWork(model.settings()) {}

    ~SlowJudgement() override { open(); } // before those who wait for it are joined

    /// Its first judgement waits for the model.
    std::string call_in_judgement() {
        speech.mumble();
        auto sent = form();
        sent.file = corpus_bytes("calls/c01_perfect_swap.mp3");
        const auto call = call_id_of(own.upload(sent));
        EXPECT_TRUE(model.imposter().wait_for_requests(1)) << own.log();
        return call;
    }
};

TEST_F(SlowJudgement, OfAnOlderTranscriptStaysHistory) {
    const auto call = call_in_judgement();
    ASSERT_EQ(put(call, corrected).status, 202);
    ASSERT_TRUE(eventually([&] { return count("evaluations") == 1; })) << own.log();
    const auto current = detail(call).at("evaluation_id");
    open();
    ASSERT_TRUE(idle());
    EXPECT_EQ(count("evaluations"), 2) << "what was paid for can be read";
    EXPECT_EQ(detail(call).at("evaluation_id"), current);
    EXPECT_EQ(count("call_insights i JOIN evaluations e ON e.id = i.evaluation_id JOIN calls c "
                    "ON c.id = i.call_id WHERE e.transcript_id = c.current_transcript_id"),
              1);
}

TEST_F(SlowJudgement, OfACategorySinceCorrectedStaysHistory) {
    const auto call = call_in_judgement();
    ASSERT_EQ(own.ask("PATCH /api/calls/" + call,
                      "Content-Type: application/json\r\n",
                      R"({"issue_category":"Feedback"})")
                  .status,
              204);
    ASSERT_TRUE(eventually([&] { return count("evaluations") == 1; })) << own.log();
    const auto current = detail(call).at("evaluation_id");
    open();
    ASSERT_TRUE(idle());
    EXPECT_EQ(count("evaluations"), 2);
    EXPECT_EQ(detail(call).at("evaluation_id"), current);
}

} // namespace

} // namespace hs::test
