// Transcripts made elsewhere: calls are judged by them and not heard.
#include <atomic>
#include <chrono>
#include <future>

#include <fmt/format.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using GivenTranscripts = ApiTest;

constexpr std::string_view subtitles =
    "WEBVTT\n\n00:00.000 --> 00:00.600\nAgent: good morning thank you for calling\n\n"
    "00:00.700 --> 00:01.600\nCustomer: my number is 98765 43210 please help\n";

std::string with_transcript(const std::string& body, std::string_view transcript) {
    return with_part(body, "transcript", transcript);
}

std::string multipart() {
    return UploadForm::content_type();
}

HttpReply put(const std::string& call, std::string_view transcript) {
    return ApiTest::server().ask("PUT /api/calls/" + call + "/transcript",
                                 multipart(),
                                 with_transcript(UploadForm().body(), transcript));
}

} // namespace

TEST_F(GivenTranscripts, UploadedWithTheRecordingIsJudgedWithoutBeingHeard) {
    const auto reply =
        server().ask("POST /ingest/call", multipart(), with_transcript(form().body(), subtitles));
    ASSERT_EQ(reply.status, 201) << reply.body;
    const auto id = call_id_of(reply);
    ASSERT_EQ(server().settled(id), "analyzed") << server().log();
    const auto text = get("/api/calls/" + id + "/transcript?format=txt").body;
    EXPECT_THAT(text, HasSubstr("Agent: good morning thank you for calling"));
    EXPECT_THAT(text, HasSubstr("[PHONE]")) << "redacted like any other";
    EXPECT_THAT(text, Not(HasSubstr("98765")));
    EXPECT_EQ(get("/api/calls/" + id + "/audio").status, 200) << "the playback copy is made";
}

TEST_F(GivenTranscripts, ANewVersionIsJudgedAnew) {
    const auto id = call_id_of(server().upload(form()));
    ASSERT_EQ(server().settled(id), "analyzed") << server().log();
    const auto before = get("/api/calls/" + id + "/transcript?format=txt").body;
    const auto reply = put(id, subtitles);
    ASSERT_EQ(reply.status, 202) << reply.body;
    ASSERT_EQ(server().settled(id), "analyzed");
    const auto after = get("/api/calls/" + id + "/transcript?format=txt").body;
    EXPECT_NE(before, after);
    EXPECT_THAT(after, HasSubstr("good morning"));
}

TEST_F(GivenTranscripts, RedactedAudioFollowsTheTranscript) {
    const auto reply =
        server().ask("POST /ingest/call", multipart(), with_transcript(form().body(), subtitles));
    const auto id = call_id_of(reply);
    ASSERT_EQ(server().settled(id), "analyzed") << server().log();
    const auto path = "/api/calls/" + id + "/audio?variant=redacted";
    const auto covered = get(path);
    ASSERT_EQ(covered.status, 200) << covered.body;
    EXPECT_EQ(covered.header("content-type"), "audio/mpeg");
    EXPECT_NE(covered.body, get("/api/calls/" + id + "/audio").body);
    const auto again = get(path);
    EXPECT_EQ(again.header("etag"), covered.header("etag")) << "kept";
    EXPECT_TRUE(again.body == covered.body);
    EXPECT_EQ(get(path, "Range: bytes=0-9\r\n").status, 206);
    ASSERT_EQ(put(id, "WEBVTT\n\n00:00.000 --> 00:01.600\nAgent: nothing personal here\n").status,
              202);
    EXPECT_NE(get(path).header("etag"), covered.header("etag"))
        << "another transcript, another copy";
}

TEST_F(GivenTranscripts, WrongOnesAreRefusedBeforeAnythingIsStored) {
    const auto& database = UploadTest::server().database();
    const auto stored = [&] {
        return database.sql("SELECT concat_ws(' ', (SELECT count(*) FROM calls), (SELECT count(*) "
                            "FROM jobs), (SELECT count(*) FROM transcripts), (SELECT count(*) FROM "
                            "idempotency), (SELECT count(*) FROM media))");
    };
    const auto send = [&](const std::string& body) {
        return refusal(UploadTest::server().ask("POST /ingest/call", multipart(), body));
    };
    const auto body = form().body();
    const auto before = stored();
    EXPECT_EQ(send(with_transcript(body, "RIFF")), "400 json.invalid");
    EXPECT_EQ(send(with_transcript(body, "WEBVTT\n")), "400 transcript.empty");
    EXPECT_EQ(send(with_transcript(with_transcript(body, subtitles), "RIFF")),
              "400 field.repeated");
    EXPECT_EQ(send(with_transcript(body,
                                   R"({"transcript":[{"start":0,"end":1,"speaker":"agent",)"
                                   R"("text":"no \u0000 here"}]})")),
              "400 transcript.invalid");
    std::string zero(subtitles);
    zero.insert(zero.find("good"), 1, '\0');
    EXPECT_EQ(send(with_transcript(body, zero)), "400 transcript.invalid");
    EXPECT_EQ(send(with_transcript(body, std::string((8u << 20) + 1, ' '))),
              "413 transcript.too_large");
    EXPECT_EQ(stored(), before);
    const auto held = get("/api/calls/" + analysed_call() + "/transcript").body;
    EXPECT_EQ(refusal(put(analysed_call(), "{\"Transcript\": 7}")), "400 transcript.invalid");
    EXPECT_EQ(refusal(put(analysed_call(), "WEBVTT\n")), "400 transcript.empty");
    EXPECT_EQ(get("/api/calls/" + analysed_call() + "/transcript").body, held);
    EXPECT_EQ(refusal(put("01a20376-0273-7d33-9d89-e73b205eecab", subtitles)),
              "404 call.not_found");
    UploadForm none;
    none.fields = {{"other", "x"}};
    EXPECT_EQ(refusal(server().ask(
                  "PUT /api/calls/" + analysed_call() + "/transcript", multipart(), none.body())),
              "400 field.required");
    const auto twice = with_transcript(with_transcript(none.body(), subtitles), subtitles);
    EXPECT_EQ(refusal(server().ask(
                  "PUT /api/calls/" + analysed_call() + "/transcript", multipart(), twice)),
              "400 field.repeated");
}

TEST_F(GivenTranscripts, AsAPlainFieldItIsTakenTheSame) {
    const auto body = with_part(form().body(), "transcript", subtitles, "");
    const auto reply = server().ask("POST /ingest/call", multipart(), body);
    ASSERT_EQ(reply.status, 201) << reply.body;
    ASSERT_EQ(server().settled(call_id_of(reply)), "analyzed") << server().log();
    EXPECT_THAT(get("/api/calls/" + call_id_of(reply) + "/transcript?format=txt").body,
                HasSubstr("good morning thank you for calling"));
}

TEST_F(GivenTranscripts, TheKeyOfAnUploadCoversItsTranscript) {
    auto& front = UploadTest::server();
    const auto body = form().body();
    const auto send = [&](const std::string& whole) {
        return front.ask("POST /ingest/call", multipart() + "Idempotency-Key: given-1\r\n", whole);
    };
    const auto first = send(with_transcript(body, subtitles));
    ASSERT_EQ(first.status, 201) << first.body;
    const auto again = send(with_transcript(body, subtitles));
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(call_id_of(again), call_id_of(first));
    EXPECT_EQ(front.database().count("SELECT count(*) FROM transcripts WHERE call_id = '" +
                                     call_id_of(first) + "'"),
              1);
    const auto other = std::string(subtitles) + "\n00:01.600 --> 00:01.900\nAgent: yes\n";
    EXPECT_EQ(refusal(send(with_transcript(body, other))), "422 idempotency.key_reused");
    EXPECT_EQ(refusal(send(body)), "422 idempotency.key_reused");
}

TEST_F(GivenTranscripts, ACallIsRecordedWithItsTranscriptOrNotAtAll) {
    SpeechImposter speech;
    WholeServer own(speech, {}, "serve");
    add_directory(own);
    const auto& database = own.database();
    const auto body = with_transcript(form().body(), subtitles);
    const auto send = [&] {
        return own.ask("POST /ingest/call", multipart() + "Idempotency-Key: whole-1\r\n", body);
    };
    database.sql("CREATE FUNCTION refuse_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                 "RAISE EXCEPTION 'no' USING ERRCODE = '53100'; END $$");
    database.sql("CREATE TRIGGER refuse BEFORE INSERT ON transcripts FOR EACH ROW "
                 "EXECUTE FUNCTION refuse_words()");
    EXPECT_EQ(refusal(send()), "503 storage.full");
    EXPECT_EQ(database.count("SELECT count(*) FROM calls"), 0);
    EXPECT_EQ(database.count("SELECT count(*) FROM jobs"), 0);
    database.sql("DROP FUNCTION refuse_words() CASCADE");
    const auto reply = send();
    ASSERT_EQ(reply.status, 201) << reply.body;
    EXPECT_EQ(reply.header("idempotency-replayed"), "");
    EXPECT_EQ(database.count("SELECT count(*) FROM calls c JOIN transcripts t ON t.call_id = c.id "
                             "AND t.id = c.current_transcript_id"),
              1);
    EXPECT_EQ(database.count("SELECT count(*) FROM audit_outbox WHERE action = 'transcript.give'"),
              1);
}

TEST_F(GivenTranscripts, ReusedAudioNeverLosesATranscript) {
    SpeechImposter speech;
    WholeServer own(speech, {{"DEDUPE", "reuse"}}, "serve");
    add_directory(own);
    const auto upload = form();
    const auto plain = call_id_of(own.upload(upload));
    const auto body = with_transcript(upload.body(), subtitles);
    const auto given = own.ask("POST /ingest/call", multipart(), body);
    ASSERT_EQ(given.status, 201) << given.body;
    EXPECT_NE(call_id_of(given), plain);
    EXPECT_THAT(own.ask("GET /api/calls/" + call_id_of(given) + "/transcript?format=txt").body,
                HasSubstr("good morning"));
    EXPECT_EQ(call_id_of(own.ask("POST /ingest/call", multipart(), body)), call_id_of(given))
        << "the same audio with the same words is the same call";
}

TEST_F(GivenTranscripts, OthersAreServedWhileALongOneIsRead) {
    std::string turns = "WEBVTT\n";
    for (int i = 0; i < 1200; ++i)
        turns +=
            fmt::format("\n00:{:02}:{:02}.000 --> 00:{:02}:{:02}.900\nAgent: good morning thank "
                        "you for calling, your number is 98765 4{:04} and the station is far\n",
                        i / 60,
                        i % 60,
                        i / 60,
                        i % 60,
                        i);
    const auto call = call_id_of(server().upload(form()));
    ASSERT_EQ(server().settled(call), "analyzed");
    using Clock = std::chrono::steady_clock;
    std::atomic<bool> done = false;
    const auto started = Clock::now();
    auto given = std::async(std::launch::async, [&] {
        auto reply = put(call, turns);
        done = true;
        return reply.status;
    });
    Clock::duration longest{};
    while (!done) {
        const auto asked = Clock::now();
        EXPECT_EQ(server().ask("GET /livez").status, 200);
        longest = std::max(longest, Clock::now() - asked);
    }
    const auto took = Clock::now() - started;
    EXPECT_EQ(given.get(), 202);
    EXPECT_LT(longest, took / 3) << "one request waited for another's transcript";
}

} // namespace hs::test
