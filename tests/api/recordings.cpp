// Transcript in four formats, audio with ranges and signed links, peaks.
#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class Recordings : public ApiTest {
protected:
    static std::string call(const std::string& rest) {
        return "/api/calls/" + analysed_call() + rest;
    }
};

TEST_F(Recordings, TranscriptInFourFormats) {
    const auto json = get(call("/transcript?words=true"));
    ASSERT_EQ(json.status, 200) << json.body;
    const auto body = json_of(json);
    EXPECT_EQ(body.at("view"), "redacted");
    const auto& first = body.at("turns").as_array().at(0);
    EXPECT_EQ(first.at("role"), "agent");
    EXPECT_EQ(first.at("words").as_array().at(0).at("text"), "Good");
    const auto text = get(call("/transcript?format=txt"));
    EXPECT_EQ(text.header("content-type"), "text/plain; charset=utf-8");
    EXPECT_THAT(text.body, HasSubstr("thank you for calling Swift Volt"));
    const auto vtt = get(call("/transcript?format=vtt"));
    EXPECT_EQ(vtt.header("content-type"), "text/vtt; charset=utf-8");
    EXPECT_THAT(vtt.body, StartsWith("WEBVTT\n\n1\n00:00:0"));
    EXPECT_THAT(vtt.body, HasSubstr("<v Agent>Good morning"));
    const auto srt = get(call("/transcript?format=srt"));
    EXPECT_THAT(srt.body, StartsWith("1\n00:00:0"));
    EXPECT_THAT(srt.body, HasSubstr("Agent: Good morning"));
}

TEST_F(Recordings, TranscriptRefusesUnknownChoices) {
    EXPECT_EQ(refusal(get(call("/transcript?format=pdf"))), "400 query.choice");
    EXPECT_EQ(refusal(get(call("/transcript?view=secret"))), "400 query.choice");
    EXPECT_EQ(refusal(get(call("/transcript?words=yes"))), "400 query.choice");
    EXPECT_EQ(refusal(get(call("/transcript?colour=red"))), "400 query.unknown");
    EXPECT_EQ(refusal(get(call("/transcript?view=redacted&view=original"))), "400 query.repeated");
}

TEST_F(Recordings, OriginalAudioComesBackByteForByte) {
    const auto sent = corpus_bytes("calls/c01_perfect_swap.mp3");
    const auto whole = get(call("/audio?variant=original"));
    ASSERT_EQ(whole.status, 200);
    EXPECT_TRUE(whole.body == sent) << whole.body.size() << " of " << sent.size();
    EXPECT_EQ(whole.header("content-type"), "audio/mpeg");
    EXPECT_EQ(whole.header("accept-ranges"), "bytes");
    EXPECT_EQ(whole.header("etag"), "\"" + sha256_hex(sent) + "\"");
}

TEST_F(Recordings, AudioRanges) {
    const auto sent = corpus_bytes("calls/c01_perfect_swap.mp3");
    const auto path = call("/audio?variant=original");
    const auto part = get(path, "Range: bytes=1000-66999\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_EQ(part.header("content-range"), "bytes 1000-66999/" + std::to_string(sent.size()));
    EXPECT_TRUE(part.body == sent.substr(1000, 66000));
    const auto tail = get(path, "Range: bytes=-100\r\n");
    EXPECT_EQ(tail.status, 206);
    EXPECT_TRUE(tail.body == sent.substr(sent.size() - 100));
    const auto beyond = get(path, "Range: bytes=99999999-\r\n");
    EXPECT_EQ(refusal(beyond), "416 range.invalid");
    EXPECT_EQ(beyond.header("content-range"), "bytes */" + std::to_string(sent.size()));
    const auto changed = get(path, "Range: bytes=0-9\r\nIf-Range: \"another\"\r\n");
    EXPECT_EQ(changed.status, 200);
    const auto known = get(path, "If-None-Match: " + part.header("etag") + "\r\n");
    EXPECT_EQ(known.status, 304);
    EXPECT_TRUE(known.body.empty());
    const auto head = server().ask("HEAD " + path);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), std::to_string(sent.size()));
}

TEST_F(Recordings, PlaybackCopyAndMissingVariants) {
    const auto playback = get(call("/audio"), "Range: bytes=0-1\r\n");
    EXPECT_EQ(playback.status, 206);
    EXPECT_EQ(playback.header("content-type"), "audio/mpeg");
    EXPECT_EQ(refusal(get(call("/audio?variant=redacted"))), "404 audio.redaction_unavailable");
    EXPECT_EQ(refusal(get(call("/audio?variant=loud"))), "400 query.choice");
}

TEST_F(Recordings, SignedLinkPlaysAndCannotBeBent) {
    const auto status = get_json(call("/status"));
    const std::string url(status.at("audio_url").as_string());
    const auto path = url.substr(url.find("/api/"));
    const auto plays = get(path, "Range: bytes=0-9\r\n");
    EXPECT_EQ(plays.status, 206);
    EXPECT_EQ(plays.header("cross-origin-resource-policy"), "cross-origin");
    auto later = path;
    later.replace(later.find("expires=") + 8, 1, "9");
    EXPECT_EQ(refusal(get(later)), "403 link.invalid");
    EXPECT_EQ(server().ask("HEAD " + path).status, 200);
    EXPECT_EQ(server().ask("HEAD " + later).status, 403);
    EXPECT_EQ(refusal(get(path + "&variant=original")), "403 link.invalid");
    EXPECT_EQ(refusal(get(path.substr(0, path.find("&sig=")))), "403 link.invalid");
}

TEST_F(Recordings, PeaksPerChannel) {
    const auto peaks = get_json(call("/peaks?points=200"));
    EXPECT_EQ(peaks.at("duration_ms").as_int64() / 1000, 56);
    const auto& channels = peaks.at("channels").as_array();
    ASSERT_EQ(channels.size(), 2U);
    for (const auto& channel : channels) {
        const auto& pairs = channel.as_array();
        ASSERT_EQ(pairs.size(), 400U);
        bool loud = false;
        for (std::size_t i = 0; i < pairs.size(); i += 2) {
            EXPECT_LE(pairs[i].as_int64(), pairs[i + 1].as_int64());
            loud = loud || pairs[i + 1].as_int64() > 10;
        }
        EXPECT_TRUE(loud);
    }
    for (const auto* points : {"99", "8001", "x", ""})
        EXPECT_EQ(refusal(get(call("/peaks?points=" + std::string(points)))), "400 query.range");
}

} // namespace

} // namespace hs::test
