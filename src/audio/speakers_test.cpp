#include <algorithm>
#include <iostream>

#include <gtest/gtest.h>

#include "audio/audio.hpp"
#include "support/sounds.hpp"

namespace hs::audio {
namespace {

struct Accuracy {
    int right_ms = 0;
    int counted_ms = 0;

    [[nodiscard]] double share() const {
        return counted_ms == 0 ? 0 : static_cast<double>(right_ms) / counted_ms;
    }
};

/// 0 agent, 1 customer, -1 nobody or both, for every 10 ms.
std::vector<int> true_speakers(const json::value& call, int duration_ms) {
    std::vector<int> truth(static_cast<std::size_t>(duration_ms / 10), -1);
    std::vector<bool> taken(truth.size(), false);
    for (const auto& turn : call.at("transcript").as_array()) {
        const int speaker = turn.at("speaker").as_string() == "agent" ? 0 : 1;
        const auto from = static_cast<std::size_t>(turn.at("start").to_number<double>() * 100);
        const auto to = static_cast<std::size_t>(turn.at("end").to_number<double>() * 100);
        for (std::size_t i = from; i < std::min(to, truth.size()); ++i) {
            truth[i] = taken[i] ? -1 : speaker;
            taken[i] = true;
        }
    }
    return truth;
}

/// Speech time given to the right voice, under the better of the two namings.
Accuracy accuracy(const json::value& call, const Diarisation& found, int duration_ms) {
    const auto truth = true_speakers(call, duration_ms);
    int same = 0;
    int counted = 0;
    for (const auto& segment : found.segments) {
        for (int at = segment.span.start_ms / 10; at < segment.span.end_ms / 10; ++at) {
            const auto i = static_cast<std::size_t>(at);
            if (i >= truth.size() || truth[i] < 0) continue;
            ++counted;
            same += truth[i] == segment.speaker ? 1 : 0;
        }
    }
    return {.right_ms = 10 * std::max(same, counted - same), .counted_ms = 10 * counted};
}

TEST(Speakers, OfMonoCallsAreToldApart) {
    const auto manifest = test::corpus_json("manifest.json");
    Accuracy all;
    for (const auto& call : manifest.at("calls").as_array()) {
        if (call.at("channels").to_number<int>() != 1) continue;
        const auto got = test::decode_file(test::corpus(std::string(call.at("file").as_string())));
        if (no_speech(got.value().facts)) continue;
        const auto found =
            separate_speakers(got->tracks[0], got->facts.channel_facts[0].speech, 12345);
        const auto one = accuracy(call, found, got->facts.duration_ms);
        std::cout << call.at("id").as_string() << ": " << 100 * one.share() << " % of speech time, "
                  << "confidence " << found.confidence << '\n';
        all.right_ms += one.right_ms;
        all.counted_ms += one.counted_ms;
    }
    std::cout << "all mono calls: " << 100 * all.share() << " %\n";
    EXPECT_GE(all.share(), 0.95);
}

TEST(Speakers, AreTheSameForTheSameSeed) {
    const auto got = test::decode_file(test::corpus("calls/c12_repeat_caller.m4a")).value();
    const auto& speech = got.facts.channel_facts[0].speech;
    const auto first = separate_speakers(got.tracks[0], speech, 99);
    const auto second = separate_speakers(got.tracks[0], speech, 99);
    ASSERT_EQ(first.segments.size(), second.segments.size());
    EXPECT_EQ(first.confidence, second.confidence);
    for (std::size_t i = 0; i < first.segments.size(); ++i)
        EXPECT_EQ(first.segments[i].speaker, second.segments[i].speaker);
}

TEST(Speakers, OfOneVoiceAreNotConvincing) {
    const auto stereo = test::decode_file(test::corpus("calls/c23_long_monologue.flac")).value();
    const auto alone = separate_speakers(stereo.tracks[0], stereo.facts.channel_facts[0].speech, 1);
    EXPECT_LT(alone.confidence, 0.25);
}

TEST(Speakers, OfNoSpeechAreNone) {
    EXPECT_TRUE(separate_speakers({"mix", test::silence(3000)}, {}, 1).segments.empty());
    const auto one = separate_speakers({"mix", test::noise(3000, 0.1, 1)}, {{500, 2500}}, 1);
    ASSERT_EQ(one.segments.size(), 1U);
    EXPECT_EQ(one.segments[0].speaker, 0);
    EXPECT_EQ(one.confidence, 0);
}

TEST(Speakers, SegmentsAreAtMostSixSecondsAndInOrder) {
    const auto got = test::decode_file(test::corpus("calls/c04_refund_ok.mp3")).value();
    const auto found =
        separate_speakers(got.tracks[0], got.facts.channel_facts[0].speech, 5).segments;
    ASSERT_FALSE(found.empty());
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_LE(found[i].span.end_ms - found[i].span.start_ms, 6000);
        if (i == 0) continue;
        EXPECT_GE(found[i].span.start_ms, found[i - 1].span.end_ms);
    }
}

} // namespace
} // namespace hs::audio
