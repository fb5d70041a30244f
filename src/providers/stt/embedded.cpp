#include "providers/stt/embedded.hpp"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "providers/stt/segments.hpp"
#include "providers/stt/sphinx_pool.hpp"
#include "providers/stt/vocabulary.hpp"

namespace hs::providers {
namespace {

using sphinx::Message;
using sphinx::rate_hz;
using std::chrono::steady_clock;

constexpr int samples_per_ms = rate_hz / 1000;
constexpr int padding_ms = 200;      // the recogniser wants some silence around speech
constexpr int turn_pause_ms = 700;   // a longer pause ends an utterance
constexpr int channel_sample_s = 60; // speech on which a track's channel is measured

using Samples = std::span<const std::int16_t>;

std::string_view bytes_of_samples(Samples samples) {
    return {reinterpret_cast<const char*>(samples.data()), samples.size_bytes()};
}

Samples part(Samples samples, int from_ms, int to_ms) {
    const auto size = static_cast<std::int64_t>(samples.size());
    const auto from = std::clamp<std::int64_t>(std::int64_t{from_ms} * samples_per_ms, 0, size);
    const auto to = std::clamp<std::int64_t>(std::int64_t{to_ms} * samples_per_ms, from, size);
    return samples.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
}

/// Mean of the words' confidences, weighted with their lengths.
double confidence_of(const std::vector<Word>& words) {
    double sum = 0;
    double length = 0;
    for (const Word& word : words) {
        const double weight = std::max(10, word.end_ms - word.start_ms);
        sum += weight * word.confidence;
        length += weight;
    }
    return length > 0 ? sum / length : 0;
}

std::string text_of(const std::vector<Word>& words) {
    std::string text;
    for (const Word& word : words)
        text += (text.empty() ? "" : " ") + word.text;
    return text;
}

/// What was heard of one track.
struct Heard {
    std::vector<Utterance> utterances;
    std::vector<SpottedPhrase> spotted;
    std::string version;
};

/// Speakers of a mixed track alternate at pauses, so every pause divides there.
bool one_speaker(const SpeechTrack& track) {
    return track.name != "mix";
}

Cutting cutting_of(const SpeechTrack& track) {
    Cutting cutting;
    if (!one_speaker(track)) cutting.join_gap_ms = 0;
    return cutting;
}

void add_segment(Heard& heard,
                 const SpeechTrack& track,
                 Span segment,
                 const std::vector<SphinxChild::Item>& items) {
    const int offset = std::max(0, segment.start_ms - padding_ms);
    std::vector<Word> words;
    for (const auto& item : items) {
        const int start = offset + item.at.start_ms;
        const int end = offset + item.at.end_ms;
        if (item.kind == Message::word)
            words.push_back({item.text, start, end, static_cast<double>(item.at.confidence), "en"});
        else
            heard.spotted.push_back({item.text, Role::unknown, start, end, 0});
    }
    if (words.empty()) return;
    if (one_speaker(track) && !heard.utterances.empty() &&
        words.front().start_ms - heard.utterances.back().end_ms < turn_pause_ms) {
        auto& words_before = heard.utterances.back().words;
        words_before.insert(words_before.end(), words.begin(), words.end());
    } else {
        heard.utterances.push_back({});
        heard.utterances.back().track = track.name;
        heard.utterances.back().words = std::move(words);
    }
    Utterance& last = heard.utterances.back();
    last.start_ms = last.words.front().start_ms;
    last.end_ms = last.words.back().end_ms;
}

/// Chance that a word is right, from its posterior in the recogniser's lattice and the mean of its
/// utterance's: what is sure of itself amid doubt is seldom right. A logistic curve fitted to the
/// bundled calls, those in Hindi (where nothing is right) and in noise included.
double calibrated(double posterior, double utterance_mean) {
    const double evidence = -3.6 + 1.7 * posterior + 6.0 * utterance_mean;
    return 1 / (1 + std::exp(-evidence));
}

/// Texts and confidences, once the words are complete.
void finish(Heard& heard) {
    for (Utterance& utterance : heard.utterances) {
        utterance.text = text_of(utterance.words);
        const double mean = confidence_of(utterance.words);
        for (Word& word : utterance.words)
            word.confidence = calibrated(word.confidence, mean);
        utterance.confidence = confidence_of(utterance.words);
    }
    for (SpottedPhrase& phrase : heard.spotted) {
        const int middle = (phrase.start_ms + phrase.end_ms) / 2;
        for (const Utterance& utterance : heard.utterances)
            if (utterance.start_ms <= middle && middle <= utterance.end_ms)
                phrase.confidence = utterance.confidence;
    }
}

std::string channel_sample(Samples samples, const std::vector<Span>& segments) {
    std::string out;
    const std::size_t enough = std::size_t{channel_sample_s} * rate_hz * sizeof(std::int16_t);
    for (const Span& segment : segments) {
        if (out.size() >= enough) break;
        out += bytes_of_samples(part(samples, segment.start_ms, segment.end_ms));
    }
    out.resize(std::min(out.size(), enough));
    return out;
}

/// Everything that is said to one child about one track.
Result<Heard> hear(SphinxChild& child,
                   const SpeechTrack& track,
                   const std::string& vocabulary,
                   const Patience& patience) {
    const Samples samples(*track.samples);
    const std::vector<Span> segments = cut_speech(track.speech, samples, cutting_of(track));
    if (child.vocabulary != vocabulary) {
        child.vocabulary.clear();
        TRY_VOID(child.ask(Message::vocabulary, vocabulary, patience));
        child.vocabulary = vocabulary;
    }
    TRY_VOID(child.ask(Message::track, channel_sample(samples, segments), patience));
    Heard heard;
    heard.version = child.version();
    for (const Span& segment : segments) {
        const Samples padded =
            part(samples, segment.start_ms - padding_ms, segment.end_ms + padding_ms);
        TRY(const auto answer, child.ask(Message::segment, bytes_of_samples(padded), patience));
        add_segment(heard, track, segment, answer.items);
    }
    finish(heard);
    return heard;
}

unsigned children_of(unsigned wanted) {
    const unsigned cores = std::max(2u, std::thread::hardware_concurrency());
    return wanted == 0 ? cores - 1 : std::min(wanted, cores - 1);
}

Speech joined(std::vector<Heard> tracks) {
    Speech speech;
    for (Heard& heard : tracks) {
        std::ranges::move(heard.utterances, std::back_inserter(speech.utterances));
        std::ranges::move(heard.spotted, std::back_inserter(speech.spotted));
        if (!heard.version.empty()) speech.engine_version = heard.version;
    }
    const auto by_start = [](const auto& a, const auto& b) { return a.start_ms < b.start_ms; };
    std::ranges::stable_sort(speech.utterances, by_start);
    std::ranges::stable_sort(speech.spotted, by_start);
    speech.engine = "pocketsphinx";
    speech.model = "en-us";
    speech.embedded = true;
    speech.supported_languages = {"en"};
    return speech;
}

} // namespace

struct EmbeddedSpeech::State {
    State(std::filesystem::path program, std::filesystem::path models, const EmbeddedOptions& given)
        : pool(std::move(program), std::move(models), given.tracks_per_child), options(given),
          base_phrases(read_vocabulary(given.vocabulary)), threads(children_of(given.children)) {}

    SphinxPool pool;
    EmbeddedOptions options;
    std::vector<std::string> base_phrases;
    std::stop_source closing;
    CpuPool threads; // last: ends before what its work uses
};

namespace {

/// One request while it is worked on; shared by the threads that do.
struct Job {
    SpeechRequest request;
    std::string vocabulary;
    std::stop_token closing; // the engine itself is being taken down
    std::chrono::seconds least_limit;
};

/// The limit counts from when a child hears the track, not from when it was asked for.
Patience patience_for(const Job& job, const SpeechTrack& track) {
    const auto twice = std::chrono::seconds(2 * track.samples->size() / rate_hz);
    return {job.request.stop, job.closing, steady_clock::now() + std::max(job.least_limit, twice)};
}

Result<Heard> hear_track(SphinxPool& pool, const Job& job, std::size_t index) {
    const SpeechTrack& track = job.request.tracks[index];
    if (track.speech.empty()) return Heard{}; // silence costs nothing
    const Patience patience = patience_for(job, track);
    for (;;) {
        TRY(auto child, pool.take(job.vocabulary, patience));
        const bool fresh = child->jobs == 0;
        auto heard = hear(*child, track, job.vocabulary, patience);
        if (heard) pool.give_back(std::move(child));
        // A child that was idle may have left at the moment it was asked: another one then.
        if (heard || fresh || heard.error().code != "speech.engine_crashed") return heard;
    }
}

using HeardAll = Result<std::vector<Heard>>;

/// Tracks from `index` on, side by side.
Task<HeardAll>
hear_from(CpuPool& threads, SphinxPool& pool, std::shared_ptr<const Job> job, std::size_t index) {
    using namespace boost::asio::experimental::awaitable_operators;
    HeardAll out;
    if (index == job->request.tracks.size()) co_return out;
    // Named tasks and no temporaries: g++ 12 destroys those of a co_await expression twice.
    auto work = [&pool, job, index] { return hear_track(pool, *job, index); };
    auto own_task = threads.run(std::move(work));
    auto other_tasks = hear_from(threads, pool, job, index + 1);
    auto [own, others] = co_await (std::move(own_task) && std::move(other_tasks));
    if (!own) co_return std::unexpected(std::move(own).error());
    if (!others) co_return std::unexpected(std::move(others).error());
    out->push_back(std::move(*own));
    std::ranges::move(*others, std::back_inserter(*out));
    co_return out;
}

} // namespace

EmbeddedSpeech::EmbeddedSpeech(std::filesystem::path program,
                               std::filesystem::path models,
                               EmbeddedOptions options)
    : state_(std::make_shared<State>(std::move(program), std::move(models), options)) {}

EmbeddedSpeech::~EmbeddedSpeech() {
    state_->closing.request_stop();
    state_->threads.join();
}

std::vector<pid_t> EmbeddedSpeech::idle_children() const {
    return state_->pool.idle();
}

Task<Result<Speech>> EmbeddedSpeech::transcribe(SpeechRequest request) {
    const auto state = state_;
    auto filled = std::make_shared<Job>();
    filled->vocabulary = vocabulary_message(state->base_phrases, request.phrases);
    filled->closing = state->closing.get_token();
    filled->least_limit = state->options.least_limit;
    filled->request = std::move(request);
    const std::shared_ptr<const Job> job = filled;
    auto task = hear_from(state->threads, state->pool, job, 0);
    CO_TRY(auto heard, co_await std::move(task));
    co_return joined(std::move(heard));
}

} // namespace hs::providers
