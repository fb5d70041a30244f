#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <numbers>
#include <set>
#include <sstream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "providers/stt/embedded.hpp"
#include "providers/stt/segments.hpp"

namespace hs::providers {
namespace {

using Samples = std::vector<std::int16_t>;

/// Twice the rate, by a windowed sinc: what the decoder does to 8 kHz telephone audio.
Samples doubled(const Samples& slow) {
    constexpr int reach = 16;
    Samples out(slow.size() * 2);
    for (std::size_t i = 0; i < out.size(); ++i) {
        double sum = 0;
        for (int k = -reach; k <= reach; ++k) {
            const auto at = static_cast<std::int64_t>(i / 2) + k;
            if (at < 0 || at >= static_cast<std::int64_t>(slow.size())) continue;
            const double x = (static_cast<double>(i) / 2.0 - static_cast<double>(at));
            const double angle = x * std::numbers::pi;
            const double sinc = x == 0 ? 1 : std::sin(angle) / angle;
            sum += sinc * (0.5 + 0.5 * std::cos(angle / (reach + 1))) *
                   slow[static_cast<std::size_t>(at)];
        }
        out[i] = static_cast<std::int16_t>(std::clamp(sum, -32768.0, 32767.0));
    }
    return out;
}

/// The first seconds of the corpus' plain 8 kHz mono wav.
std::shared_ptr<const Samples> telephone_call(int seconds) {
    std::ifstream file(HS_SOURCE_DIR "/tests/data/corpus/calls/c19_info_only.wav",
                       std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    const std::string bytes = text.str();
    const std::size_t data = bytes.find("data");
    if (data == std::string::npos) return std::make_shared<Samples>();
    Samples samples(std::size_t(seconds) * 8000);
    std::memcpy(samples.data(), bytes.data() + data + 8, samples.size() * 2);
    return std::make_shared<const Samples>(doubled(samples));
}

/// Greeting, question and answer, each a turn of its own; times are the manifest's.
SpeechRequest telephone_request() {
    SpeechRequest request;
    request.tracks.push_back(
        {"mix", telephone_call(17), {{400, 5440}, {5830, 8980}, {9710, 16020}}});
    request.phrases = {
        "swift volt", "thank you for calling", "how may i help you", "may i put you on hold"};
    return request;
}

EmbeddedOptions options() {
    EmbeddedOptions out;
    out.vocabulary = HS_SOURCE_DIR "/scorecards/vocabulary/en.txt";
    return out;
}

std::filesystem::path program() {
    // The helper is never built with sanitizers, and lies beside the test programs' folder.
    return HS_BINARY_DIR "/hacksmart-sphinx";
}

constexpr const char* models = "/usr/share/pocketsphinx/model/en-us";

/// Runs on an I/O thread of its own, so that a test can act while the engine works.
class Running {
public:
    Running(EmbeddedSpeech& speech, SpeechRequest request)
        : result_(boost::asio::co_spawn(
              io_, speech.transcribe(std::move(request)), boost::asio::use_future)),
          thread_([this] { io_.run(); }) {}

    Result<Speech> get() {
        auto result = result_.get();
        thread_.join();
        return result;
    }

    bool ended() { return result_.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

private:
    boost::asio::io_context io_;
    std::future<Result<Speech>> result_;
    std::jthread thread_;
};

Result<Speech> transcribe(EmbeddedSpeech& speech, SpeechRequest request) {
    return Running(speech, std::move(request)).get();
}

std::set<std::string> words_of(const Speech& speech) {
    std::set<std::string> out;
    for (const Utterance& utterance : speech.utterances)
        for (const Word& word : utterance.words)
            out.insert(word.text);
    return out;
}

std::string spoken(const Speech& speech) {
    std::ostringstream out;
    for (const Utterance& utterance : speech.utterances)
        for (const Word& word : utterance.words)
            out << word.text << ' ' << word.start_ms << ' ' << word.end_ms << ' ' << word.confidence
                << '\n';
    return out.str();
}

/// Children of this process, from /proc: what a test may kill.
std::vector<pid_t> children() {
    std::vector<pid_t> out;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream file(task.path() / "children");
        for (pid_t pid = 0; file >> pid;)
            out.push_back(pid);
    }
    return out;
}

TEST(EmbeddedSpeech, hears_a_telephone_call_with_times_and_confidence) {
    EmbeddedSpeech speech(program(), models, options());
    const auto heard = transcribe(speech, telephone_request());
    ASSERT_TRUE(heard) << heard.error().message;
    const auto words = words_of(*heard);
    for (const char* word : {"thank", "calling", "help", "price", "monthly", "rupees"})
        EXPECT_TRUE(words.contains(word)) << word << " missing in\n" << spoken(*heard);
    EXPECT_EQ(heard->utterances.size(), 3u);
    EXPECT_TRUE(heard->embedded);
    EXPECT_EQ(heard->engine, "pocketsphinx");
    EXPECT_EQ(heard->supported_languages, std::vector<std::string>{"en"});
    int before = 0;
    for (const Utterance& utterance : heard->utterances) {
        EXPECT_EQ(utterance.track, "mix");
        for (const Word& word : utterance.words) {
            EXPECT_GE(word.start_ms, before);
            EXPECT_GT(word.end_ms, word.start_ms);
            EXPECT_LE(word.end_ms, 17000);
            EXPECT_GE(word.confidence, 0.0);
            EXPECT_LE(word.confidence, 1.0);
            before = word.start_ms;
        }
    }
    // "price" is said between 7 and 8 seconds.
    const auto& question = heard->utterances[1].words;
    const auto price = std::ranges::find(question, "price", &Word::text);
    ASSERT_NE(price, question.end());
    EXPECT_NEAR(price->start_ms, 7450, 600);
}

TEST(EmbeddedSpeech, spots_phrases_that_were_said_and_no_other) {
    EmbeddedSpeech speech(program(), models, options());
    auto request = telephone_request();
    request.tracks[0].speech.resize(1);
    const auto heard = transcribe(speech, request);
    ASSERT_TRUE(heard) << heard.error().message;
    std::set<std::string> phrases;
    for (const SpottedPhrase& phrase : heard->spotted) {
        phrases.insert(phrase.phrase);
        EXPECT_LT(phrase.start_ms, 5500) << phrase.phrase;
        EXPECT_GT(phrase.confidence, 0.0);
    }
    EXPECT_TRUE(phrases.contains("thank you for calling"));
    EXPECT_FALSE(phrases.contains("may i put you on hold"));
}

TEST(EmbeddedSpeech, same_audio_gives_the_same_words_whoever_hears_it) {
    EmbeddedSpeech speech(program(), models, options());
    auto request = telephone_request();
    request.tracks[0].speech.resize(1);
    const auto first = transcribe(speech, request);
    auto other = request;
    other.phrases = {"quite another vocabulary", "with zyxtronic words"};
    other.tracks[0].speech = {{6000, 7000}};
    ASSERT_TRUE(transcribe(speech, other));
    const auto again = transcribe(speech, request); // the same child, after other work
    ASSERT_TRUE(first && again);
    EXPECT_FALSE(spoken(*first).empty());
    EXPECT_EQ(spoken(*first), spoken(*again));
    EmbeddedSpeech fresh(program(), models, options());
    const auto elsewhere = transcribe(fresh, request);
    ASSERT_TRUE(elsewhere);
    EXPECT_EQ(spoken(*first), spoken(*elsewhere));
}

TEST(EmbeddedSpeech, a_killed_child_is_a_retryable_error_and_the_next_call_works) {
    EmbeddedSpeech speech(program(), models, options());
    auto request = telephone_request();
    request.tracks[0].speech.resize(1);
    Running running(speech, request);
    while (children().empty() && !running.ended())
        std::this_thread::yield();
    for (const pid_t child : children())
        ::kill(child, SIGKILL);
    const auto broken = running.get();
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().kind, ErrorKind::unavailable);
    EXPECT_TRUE(speech.idle_children().empty());
    const auto next = transcribe(speech, request);
    ASSERT_TRUE(next) << next.error().message;
    EXPECT_FALSE(next->utterances.empty());
    // One that dies while idle is not even noticed.
    for (const pid_t child : speech.idle_children())
        ::kill(child, SIGKILL);
    EXPECT_TRUE(transcribe(speech, request));
}

TEST(EmbeddedSpeech, stops_within_a_second_when_told) {
    EmbeddedSpeech speech(program(), models, options());
    std::stop_source stop;
    auto request = telephone_request();
    request.stop = stop.get_token();
    Running running(speech, request);
    while (children().empty() && !running.ended())
        std::this_thread::yield();
    const auto told = std::chrono::steady_clock::now();
    stop.request_stop();
    const auto result = running.get();
    EXPECT_LT(std::chrono::steady_clock::now() - told, std::chrono::seconds(1));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "speech.stopped");
    EXPECT_TRUE(children().empty()); // nobody goes on hearing what nobody waits for
}

TEST(EmbeddedSpeech, silence_gives_no_utterance) {
    EmbeddedSpeech speech(program(), models, options());
    SpeechRequest request;
    const auto silence = std::make_shared<const Samples>(5 * 16000);
    request.tracks.push_back({"ch0", silence, {}});
    request.tracks.push_back({"ch1", silence, {{1000, 3000}}}); // a mistaken voice detector
    const auto heard = transcribe(speech, request);
    ASSERT_TRUE(heard) << heard.error().message;
    EXPECT_TRUE(heard->utterances.empty()) << spoken(*heard);
}

TEST(EmbeddedSpeech, says_what_is_missing_when_it_cannot_start) {
    EmbeddedSpeech no_program("/nowhere/hacksmart-sphinx", models, options());
    auto result = transcribe(no_program, telephone_request());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "speech.engine_unavailable");
    EmbeddedSpeech no_models(program(), "/nowhere", options());
    result = transcribe(no_models, telephone_request());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "speech.engine_unavailable");
    EXPECT_NE(result.error().message.find("/nowhere"), std::string::npos);
}

TEST(EmbeddedSpeech, a_long_list_of_rule_patterns_in_any_language_does_no_harm) {
    EmbeddedSpeech speech(program(), models, options());
    auto request = telephone_request();
    request.tracks[0].speech.resize(1);
    for (int i = 0; i < 3000; ++i) {
        request.phrases.push_back("aapki madad kaise " + std::to_string(i));
        request.phrases.push_back("yes they is number " + std::to_string(i));
    }
    const auto heard = transcribe(speech, request);
    ASSERT_TRUE(heard) << heard.error().message;
    const auto words = words_of(*heard);
    EXPECT_TRUE(words.contains("calling"));
    EXPECT_FALSE(words.contains("aapki"));
    const auto hit =
        std::ranges::find(heard->spotted, "thank you for calling", &SpottedPhrase::phrase);
    EXPECT_NE(hit, heard->spotted.end());
}

TEST(CutSpeech, joins_what_is_close_and_cuts_what_is_long_at_its_quietest_place) {
    Samples loud(20 * 16000, 5000);
    std::fill(loud.begin() + 8 * 16000, loud.begin() + 8 * 16000 + 3200, std::int16_t{0});
    const auto cut = cut_speech(
        {{0, 300}, {500, 14000}, {15000, 16000}}, loud, {.join_gap_ms = 400, .longest_ms = 12000});
    ASSERT_EQ(cut.size(), 4u); // the join would have been too long
    EXPECT_EQ(cut[0].end_ms, 300);
    EXPECT_NEAR(cut[1].end_ms, 8100, 100);
    EXPECT_EQ(cut[2].start_ms, cut[1].end_ms);
    EXPECT_EQ(cut[3].start_ms, 15000);
    const auto joined = cut_speech({{0, 300}, {500, 1000}}, loud, Cutting{});
    ASSERT_EQ(joined.size(), 1u);
    EXPECT_EQ(joined[0].end_ms, 1000);
}

} // namespace
} // namespace hs::providers
