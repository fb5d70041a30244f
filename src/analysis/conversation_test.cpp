#include <string>

#include <gtest/gtest.h>

#include "analysis/conversation.hpp"
#include "analysis/sentiment/corpus_for_test.hpp"

namespace hs::analysis {
namespace {

using testing::call;
using testing::spoken;

Transcript turns(std::initializer_list<Turn> list) {
    Transcript transcript;
    transcript.turns = list;
    for (std::size_t i = 0; i < transcript.turns.size(); ++i)
        transcript.turns[i].index = static_cast<int>(i) + 1;
    return transcript;
}

AudioFacts stereo(int duration_ms, std::vector<Span> agent, std::vector<Span> customer) {
    AudioFacts facts;
    facts.duration_ms = duration_ms;
    facts.channels = 2;
    facts.layout = Layout::true_stereo;
    facts.channel_facts.resize(2);
    facts.channel_facts[0].speech = std::move(agent);
    facts.channel_facts[1].speech = std::move(customer);
    return facts;
}

TEST(Conversation, StereoOverlapComesFromVoiceActivityNotFromTurns) {
    // Turns as a recogniser cuts them: without overlap. The voices overlap by 3.7 s in three
    // places.
    const auto transcript =
        turns({spoken(Role::agent, 0, 10000, "let me tell you about our plans today"),
               spoken(Role::customer, 10000, 15000, "i said i want to cancel it"),
               spoken(Role::agent, 15000, 22000, "but the platinum plan is the best")});
    const auto facts = stereo(
        30000, {{0, 10500}, {14200, 22000}}, {{8500, 15000}, {21100, 24000}, {26000, 26100}});
    const auto metrics = measure_conversation(transcript, &facts);
    ASSERT_TRUE(metrics.overlap_ms);
    EXPECT_NEAR(*metrics.overlap_ms, 3700, 500);
    EXPECT_EQ(metrics.overlaps.size(), 3u);
    EXPECT_EQ(metrics.agent.talk_ms, 10500 + 7800);
    EXPECT_DOUBLE_EQ(metrics.agent.talk_ratio, 18300 / 30000.0);
}

TEST(Conversation, SwappedChannelsFollowTheTurnsSpeakers) {
    auto transcript = turns({spoken(Role::agent, 0, 4000, "hello this is swift volt"),
                             spoken(Role::customer, 5000, 6000, "hello")});
    transcript.turns[0].speaker = "ch1";
    transcript.turns[1].speaker = "ch0";
    const auto facts = stereo(7000, {{5000, 6000}}, {{0, 4000}});
    EXPECT_EQ(measure_conversation(transcript, &facts).agent.talk_ms, 4000);
}

TEST(Conversation, OverlapIsUnknownWhenVoicesWereToldApartBySound) {
    auto transcript = call({{Role::agent, "hello"}, {Role::customer, "hello there"}});
    transcript.diarisation = "mfcc";
    EXPECT_FALSE(measure_conversation(transcript).overlap_ms);
}

TEST(Conversation, InterruptionNeedsThreeWordsAndASpeakerWhoGivesWay) {
    const auto monologue = spoken(Role::agent, 0, 10000, "let me explain all of this to you");
    const auto with = [&](Turn cut_in) { return turns({monologue, std::move(cut_in)}); };
    const auto real =
        measure_conversation(with(spoken(Role::customer, 9200, 12000, "no please stop it")));
    ASSERT_EQ(real.interruptions.size(), 1u);
    EXPECT_EQ(real.interruptions[0].by, Role::customer);
    EXPECT_EQ(real.interruptions[0].start_ms, 9200);
    EXPECT_TRUE(measure_conversation(with(spoken(Role::customer, 9200, 12000, "haan ji")))
                    .interruptions.empty());
    EXPECT_TRUE(measure_conversation(with(spoken(Role::customer, 5000, 6000, "but listen to me")))
                    .interruptions.empty());
}

TEST(Conversation, SilenceLeavesOutHolds) {
    const auto transcript = turns({spoken(Role::agent, 0, 2000, "Hold on."),
                                   spoken(Role::customer, 8000, 9000, "Hello?"),
                                   spoken(Role::agent, 11500, 14000, "Yes tell me."),
                                   spoken(Role::customer, 14500, 16000, "Okay.")});
    const auto metrics = measure_conversation(transcript);
    ASSERT_EQ(metrics.holds.size(), 1u);
    EXPECT_FALSE(metrics.holds[0].announced);
    EXPECT_FALSE(metrics.holds[0].thanked);
    EXPECT_EQ(metrics.holds[0].turn, 1);
    EXPECT_NEAR(metrics.holds[0].end_ms, 8000, 1);
    EXPECT_EQ(metrics.silence_ms, 2500);
    EXPECT_EQ(metrics.longest_silence_ms, 2500);
}

TEST(Conversation, HoldThatIsAskedForAndThanked) {
    const auto metrics = measure_conversation(
        call({{Role::agent, "May I place you on hold for a minute while I check with billing?"},
              {Role::customer, "Sure."},
              {Role::agent, "Thank you for holding. It is approved."}}));
    ASSERT_EQ(metrics.holds.size(), 1u);
    EXPECT_TRUE(metrics.holds[0].announced);
    EXPECT_TRUE(metrics.holds[0].thanked);
}

TEST(Conversation, HoldsInHindiBothScripts) {
    const auto roman = measure_conversation(
        call({{Role::agent, "kya main aapko hold pe rakh sakta hoon do minute lagenge"},
              {Role::customer, "haan theek hai"},
              {Role::agent, "intezaar karne ke liye dhanyavaad reset ho gaya hai"}},
             "hi-Latn"));
    ASSERT_EQ(roman.holds.size(), 1u);
    EXPECT_TRUE(roman.holds[0].announced && roman.holds[0].thanked);
    const auto hindi =
        measure_conversation(call({{Role::agent, "क्या मैं आपकी कॉल होल्ड पर रख सकता हूँ?"},
                                   {Role::customer, "हाँ रख लीजिए"},
                                   {Role::agent, "इंतज़ार करने के लिए आपका बहुत धन्यवाद।"}},
                                  "hi"));
    ASSERT_EQ(hindi.holds.size(), 1u);
    EXPECT_TRUE(hindi.holds[0].announced && hindi.holds[0].thanked);
}

TEST(Conversation, OneMomentWithoutSilenceIsNoHold) {
    const auto metrics = measure_conversation(
        call({{Role::agent, "Please give me a moment while I check the station."},
              {Role::customer, "Okay."},
              {Role::agent, "I have released the door."}}));
    EXPECT_TRUE(metrics.holds.empty());
}

TEST(Conversation, MusicIsAHold) {
    const auto transcript = turns({spoken(Role::agent, 0, 3000, "hello how may i help"),
                                   spoken(Role::customer, 4000, 6000, "my battery is stuck"),
                                   spoken(Role::agent, 20000, 22000, "thank you for waiting")});
    AudioFacts facts;
    facts.duration_ms = 23000;
    facts.hold_audio = {{7000, 19500}};
    const auto metrics = measure_conversation(transcript, &facts);
    ASSERT_EQ(metrics.holds.size(), 1u);
    EXPECT_TRUE(metrics.holds[0].thanked);
    EXPECT_EQ(metrics.silence_ms, 2000); // 3-4 and 6-7; half a second after the music is none
}

TEST(Conversation, MonologueBridgesBackchannelsAndShortPauses) {
    const auto metrics =
        measure_conversation(turns({spoken(Role::agent, 0, 40000, "one two three"),
                                    spoken(Role::customer, 40200, 40700, "haan ji"),
                                    spoken(Role::agent, 41000, 70000, "four five six"),
                                    spoken(Role::customer, 70500, 73000, "no i do not want this"),
                                    spoken(Role::agent, 73500, 80000, "okay")}));
    EXPECT_EQ(metrics.agent.longest_monologue_ms, 70000);
    ASSERT_EQ(metrics.monologues.size(), 1u);
    EXPECT_EQ(metrics.monologues[0].by, Role::agent);
}

TEST(Conversation, PaceIsUnknownUnderTenSeconds) {
    const auto metrics = measure_conversation(
        turns({spoken(Role::agent, 0, 12000, "a b c d e f g h i j k l m n o p q r s t u v w x"),
               spoken(Role::customer, 13000, 20000, "um yes uh okay")}));
    ASSERT_TRUE(metrics.agent.wpm);
    EXPECT_NEAR(*metrics.agent.wpm, 24 / 0.2, 0.01);
    EXPECT_FALSE(metrics.customer.wpm);
    ASSERT_TRUE(metrics.customer.fillers_per_min);
    EXPECT_NEAR(*metrics.customer.fillers_per_min, 2 / (7 / 60.0), 0.01);
}

TEST(Conversation, LatencyDeadAirAndQuestions) {
    const auto metrics =
        measure_conversation(turns({spoken(Role::customer, 0, 2000, "Why was I charged?"),
                                    spoken(Role::agent, 7000, 9000, "Let me see. Which vehicle?"),
                                    spoken(Role::customer, 8500, 9500, "The green one."),
                                    spoken(Role::agent, 10500, 12000, "Fine.")}));
    EXPECT_EQ(metrics.agent.response_latency_p50_ms, 1000);
    EXPECT_EQ(metrics.agent.response_latency_p90_ms, 5000);
    EXPECT_EQ(metrics.customer.response_latency_p50_ms, 0); // spoke over the agent
    EXPECT_EQ(metrics.agent.patience_ms, 3000);
    EXPECT_EQ(metrics.dead_air_after_question_ms, 5000);
    EXPECT_EQ(metrics.customer.questions, 1);
    EXPECT_EQ(metrics.agent.questions, 1);
    EXPECT_NEAR(metrics.interactivity, 3 / 0.2, 0.01);
}

TEST(Conversation, RaisedVoiceIsSixDecibelOverTheOwnMedian) {
    const auto transcript = turns({spoken(Role::customer, 0, 1000, "one"),
                                   spoken(Role::agent, 1000, 2000, "two"),
                                   spoken(Role::customer, 2000, 3000, "three"),
                                   spoken(Role::customer, 3000, 4000, "FOUR")});
    const double loudness[] = {-30, -10, -29, -22};
    const auto metrics = measure_conversation(transcript, nullptr, loudness);
    ASSERT_EQ(metrics.raised_voice.size(), 1u);
    EXPECT_EQ(metrics.raised_voice[0].start_ms, 3000);
    ASSERT_TRUE(metrics.agent.loudness_dbfs);
    EXPECT_NEAR(*metrics.agent.loudness_dbfs, -10, 0.01);
    EXPECT_TRUE(measure_conversation(transcript).raised_voice.empty());
}

TEST(Conversation, EmptyAndOneSidedCalls) {
    const auto nothing = measure_conversation({});
    EXPECT_EQ(nothing.duration_ms, 0);
    EXPECT_EQ(nothing.interactivity, 0);
    const auto one_sided = measure_conversation(call({{Role::customer, "hello hello"}}));
    EXPECT_EQ(one_sided.agent.talk_ms, 0);
    EXPECT_FALSE(one_sided.agent.response_latency_p50_ms);
    EXPECT_FALSE(one_sided.agent.fillers_per_min);
}

TEST(Conversation, BundledCalls) {
    for (const auto& labelled : testing::corpus("manifest.json")) {
        if (labelled.transcript.turns.empty()) continue; // the silent file
        const auto metrics = measure_conversation(labelled.transcript);
        const double overlap = labelled.source.at("overlap_seconds").to_number<double>();
        ASSERT_TRUE(metrics.overlap_ms);
        EXPECT_NEAR(*metrics.overlap_ms / 1000.0, overlap, 0.05) << labelled.id;
        const auto& hold = labelled.expected.at("sop").as_object().at("hold_etiquette").as_string();
        EXPECT_EQ(!metrics.holds.empty(), hold != "na") << labelled.id;
        if (hold != "pass" || metrics.holds.empty()) continue;
        EXPECT_TRUE(metrics.holds[0].announced && metrics.holds[0].thanked) << labelled.id;
    }
}

TEST(Conversation, HoldsOfTheTranscripts) {
    int right = 0;
    int all = 0;
    for (const bool checking : {false, true}) {
        for (const auto& labelled : testing::half(testing::corpus("transcripts.json"), checking)) {
            const auto metrics = measure_conversation(labelled.transcript);
            const auto& hold =
                labelled.expected.at("sop").as_object().at("hold_etiquette").as_string();
            const bool agrees = !metrics.holds.empty() == (hold != "na");
            if (!agrees && !checking)
                ADD_FAILURE() << labelled.id << " hold_etiquette is " << hold << ", found "
                              << metrics.holds.size();
            right += agrees ? 1 : 0;
            ++all;
        }
    }
    std::printf("holds present or absent as labelled: %d of %d calls\n", right, all);
    EXPECT_GE(right, all * 95 / 100);
}

} // namespace
} // namespace hs::analysis
