// Transcripts made elsewhere: calls are judged by them and not heard.
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

/// A multipart body with the transcript as a file, and the fields of `form` before it.
std::string with_transcript(std::string body, std::string_view transcript) {
    const auto end = "--" + std::string(UploadForm::boundary) + "--\r\n";
    body.resize(body.size() - end.size());
    body += "--" + std::string(UploadForm::boundary) +
            "\r\nContent-Disposition: form-data; name=\"transcript\"; filename=\"t.vtt\"\r\n\r\n";
    return body + std::string(transcript) + "\r\n" + end;
}

std::string multipart() {
    return "Content-Type: multipart/form-data; boundary=" + std::string(UploadForm::boundary) +
           "\r\n";
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
    const auto bad =
        server().ask("POST /ingest/call", multipart(), with_transcript(form().body(), "RIFF"));
    EXPECT_EQ(bad.status, 400) << bad.body;
    EXPECT_EQ(refusal(put(analysed_call(), "{\"Transcript\": 7}")), "400 transcript.invalid");
    EXPECT_EQ(refusal(put(analysed_call(), "WEBVTT\n")), "400 transcript.empty");
    EXPECT_EQ(refusal(put("01a20376-0273-7d33-9d89-e73b205eecab", subtitles)),
              "404 call.not_found");
    UploadForm none;
    none.fields = {{"other", "x"}};
    EXPECT_EQ(refusal(server().ask(
                  "PUT /api/calls/" + analysed_call() + "/transcript", multipart(), none.body())),
              "400 field.required");
}

} // namespace hs::test
