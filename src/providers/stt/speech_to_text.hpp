/// Speech engines behind one interface. Nothing above this folder knows which one is in use.
///
/// An engine hears one track at a time, so that speakers never mix; the pipeline joins the tracks.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/task.hpp"
#include "domain/audio_facts.hpp"
#include "domain/transcript.hpp"
#include "providers/exchange.hpp"

namespace hs::providers {

struct SpeechTrack {
    std::string name;                                         // "ch0", "ch1", "mix"
    std::shared_ptr<const std::vector<std::int16_t>> samples; // 16 kHz mono
    std::vector<Span> speech;                                 // voice activity of this track
};

struct SpeechRequest {
    std::vector<SpeechTrack> tracks;
    std::string language;             // hint, BCP 47; empty = unknown
    std::vector<std::string> phrases; // vocabulary of the scorecard
    std::stop_token stop;
    /// What paid requests go through; unset: straight out. Engines that ask nobody ignore it.
    std::shared_ptr<Exchange> exchange;
};

struct Utterance { // a stretch of one speaker
    std::string track;
    std::string speaker; // engine's own speaker label, empty when it has none
    int start_ms = 0;
    int end_ms = 0;
    std::string text;
    double confidence = 0;
    std::vector<Word> words; // may be empty
};

struct Speech {
    std::vector<Utterance> utterances;  // in order of start
    std::vector<SpottedPhrase> spotted; // role left unknown
    std::string language;               // as the engine says; empty when it does not
    std::string engine;
    std::string model;
    std::string engine_version;
    bool embedded = false; // the basic offline engine: low confidence by nature
    std::vector<std::string> supported_languages; // empty = many
};

class SpeechToText {
public:
    SpeechToText() = default;
    SpeechToText(const SpeechToText&) = delete;
    SpeechToText& operator=(const SpeechToText&) = delete;
    virtual ~SpeechToText() = default;

    [[nodiscard]] virtual std::string name() const = 0;
    /// Errors: rate_limited or unavailable (try again later), upstream (final), forbidden (bad
    /// key).
    virtual Task<Result<Speech>> transcribe(SpeechRequest request) = 0;
};

} // namespace hs::providers
