// Idempotency-Key: the same request again, another one under the same key, and a crash in between.
#include <future>

#include <fmt/format.h>

#include "api/api_test.hpp"
#include "pg/blocking.hpp"

namespace hs::test {

namespace {

using Idempotency = UploadTest;

std::string key_header(std::string_view key) {
    return fmt::format("Idempotency-Key: {}\r\n", key);
}

TEST_F(Idempotency, SameRequestGivesTheFirstAnswerAgain) {
    const auto upload = form();
    const auto first = server().upload(upload, key_header("replay-1"));
    ASSERT_EQ(first.status, 201) << first.body;
    EXPECT_EQ(first.header("idempotency-replayed"), "");
    const auto again = server().upload(upload, key_header("replay-1"));
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(call_id_of(again), call_id_of(first));
    EXPECT_EQ(json_of(again).at("media_info"), json_of(first).at("media_info"));
}

TEST_F(Idempotency, AnotherRequestUnderTheKeyIsRefused) {
    const auto upload = form();
    ASSERT_EQ(server().upload(upload, key_header("other-1")).status, 201);
    auto field = upload;
    field.set("agent_manual_note", "something else");
    EXPECT_EQ(refusal(server().upload(field, key_header("other-1"))), "422 idempotency.key_reused");
    auto audio = upload;
    audio.file = form().file;
    EXPECT_EQ(refusal(server().upload(audio, key_header("other-1"))), "422 idempotency.key_reused");
}

TEST_F(Idempotency, TheFileNameIsNoPartOfTheRequest) {
    auto upload = form();
    const auto first = server().upload(upload, key_header("name-1"));
    ASSERT_EQ(first.status, 201) << first.body;
    upload.filename = "another.wav";
    const auto again = server().upload(upload, key_header("name-1"));
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(call_id_of(again), call_id_of(first));
}

TEST_F(Idempotency, AReplayNeedsNoDirectory) {
    const auto named = form().set("agent_identifier", "Ritika Shah");
    const auto first = server().upload(named, key_header("directory-1"));
    ASSERT_EQ(first.status, 201) << first.body;
    // For a while EMP-1 has the same name; afterwards that of EMP-2 again.
    const auto name_like = [](const std::string& employee) {
        server().database().sql("UPDATE agents SET name_key = (SELECT name_key FROM agents WHERE "
                                "employee_id = '" +
                                employee + "') WHERE employee_id = 'EMP-1' RETURNING 1");
    };
    name_like("EMP-7");
    const auto other = form().set("agent_identifier", "Ritika Shah");
    const auto refused = server().upload(other, key_header("directory-2"));
    const auto again = server().upload(named, key_header("directory-1"));
    name_like("EMP-2");
    EXPECT_EQ(refusal(refused), "409 agent.ambiguous");
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(call_id_of(again), call_id_of(first));
    EXPECT_EQ(server().upload(form(), key_header("directory-2")).status, 201)
        << "a refused request leaves its key free";
}

TEST_F(Idempotency, RefusedRequestLeavesTheKeyFree) {
    auto upload = form();
    upload.set("external_id", "free-key");
    ASSERT_EQ(server().upload(upload).status, 201);
    EXPECT_EQ(refusal(server().upload(upload, key_header("free-1"))),
              "409 call.external_id_exists");
    upload.without("external_id");
    EXPECT_EQ(server().upload(upload, key_header("free-1")).status, 201);
}

TEST_F(Idempotency, KeyMustBeVisibleAscii) {
    EXPECT_EQ(refusal(server().upload(form(), key_header("two words"))),
              "400 idempotency.key_invalid");
    EXPECT_EQ(refusal(server().upload(form(), key_header(std::string(256, 'k')))),
              "400 idempotency.key_invalid");
}

/// The calls table, closed to writers: an upload stops between its reservation and its record.
class ClosedCalls {
public:
    explicit ClosedCalls(const TestDatabase& database)
        : connection_(*pg::BlockingConnection::open(database.superuser_url(), 10)) {
        connection_.run("BEGIN");
        connection_.run("LOCK TABLE calls IN SHARE ROW EXCLUSIVE MODE");
    }

    void open() { connection_.run("ROLLBACK"); }

private:
    pg::BlockingConnection connection_;
};

TEST_F(Idempotency, CrashedUploadIsTakenOverUnderTheSameId) {
    SpeechImposter speech;
    WholeServer own(speech, {}, "serve");
    add_directory(own);
    const auto upload = form();
    ClosedCalls closed(own.database());
    auto lost = std::async(std::launch::async,
                           [&] { return own.upload(upload, key_header("crash-1")).status; });
    const auto reserved = [&] {
        return own.database().count("SELECT count(*) FROM idempotency") == 1;
    };
    ASSERT_TRUE(eventually(reserved));
    const auto promised = own.database().sql("SELECT call_id FROM idempotency").front();

    const auto second = own.upload(upload, key_header("crash-1"));
    EXPECT_EQ(refusal(second), "409 idempotency.in_progress");
    EXPECT_NE(second.header("retry-after"), "");

    own.kill();
    EXPECT_EQ(lost.get(), 0) << "an upload that was cut off was answered";
    closed.open();
    own.start();
    EXPECT_EQ(own.database().count("SELECT count(*) FROM calls"), 0);
    EXPECT_EQ(refusal(own.upload(upload, key_header("crash-1"))), "409 idempotency.in_progress");

    own.database().sql("UPDATE idempotency SET lease_until = now() RETURNING 1");
    const auto taken_over = own.upload(upload, key_header("crash-1"));
    ASSERT_EQ(taken_over.status, 201) << taken_over.body;
    EXPECT_EQ(call_id_of(taken_over), promised);
    EXPECT_EQ(own.database().count("SELECT count(*) FROM calls"), 1);
    EXPECT_EQ(own.database().count("SELECT count(*) FROM jobs"), 1);
    const auto again = own.upload(upload, key_header("crash-1"));
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(call_id_of(again), promised);
}

/// While this lives, no call can be recorded: `sqlstate` is what the database says.
class FailingCalls {
public:
    FailingCalls(const TestDatabase& database, const std::string& sqlstate) : database_(database) {
        database_.sql("CREATE FUNCTION refuse_call() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                      "RAISE EXCEPTION 'no' USING ERRCODE = '" +
                      sqlstate + "'; END $$");
        database_.sql("CREATE TRIGGER refuse BEFORE INSERT ON calls FOR EACH ROW "
                      "EXECUTE FUNCTION refuse_call()");
    }

    ~FailingCalls() { database_.sql("DROP FUNCTION refuse_call() CASCADE"); }

    FailingCalls(const FailingCalls&) = delete;
    FailingCalls& operator=(const FailingCalls&) = delete;

private:
    const TestDatabase& database_;
};

TEST_F(Idempotency, AFailedRequestFreesItsKeyAtOnce) {
    SpeechImposter speech;
    WholeServer own(speech, {}, "serve");
    add_directory(own);
    const std::vector<std::pair<std::string, std::string>> troubles{
        {"XX000", "500 internal"},     // a bug
        {"53100", "503 storage.full"}, // the database's disk
        {"53200", "503 database.unavailable"},
        {"57P01", "503 database.unavailable"}}; // the database goes away
    for (const auto& [sqlstate, answer] : troubles) {
        const auto key = key_header("failed-" + sqlstate);
        auto mine = form();
        {
            FailingCalls failing(own.database(), sqlstate);
            EXPECT_EQ(refusal(own.upload(mine, key)), answer);
        }
        EXPECT_EQ(own.database().count("SELECT count(*) FROM idempotency WHERE NOT finished"), 0);
        const auto again = own.upload(mine, key);
        EXPECT_EQ(again.status, 201) << sqlstate << again.body;
    }
    EXPECT_EQ(own.database().count("SELECT count(*) FROM calls"), 4);
}

TEST_F(Idempotency, ManyAtOnceMakeOneCall) {
    const auto upload = form();
    std::vector<std::future<HttpReply>> replies;
    for (int i = 0; i < 4; ++i)
        replies.push_back(std::async(std::launch::async, [&upload] {
            return server().upload(upload, key_header("race-1"));
        }));
    std::string id;
    for (auto& reply : replies) {
        const auto got = reply.get();
        if (got.status != 201) {
            EXPECT_EQ(refusal(got), "409 idempotency.in_progress");
            continue;
        }
        if (id.empty()) id = call_id_of(got);
        EXPECT_EQ(call_id_of(got), id);
    }
    EXPECT_FALSE(id.empty());
}

} // namespace

} // namespace hs::test
