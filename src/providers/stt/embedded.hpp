/// The basic offline engine: PocketSphinx in child processes. English only, low confidence.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/cpu_pool.hpp"
#include "providers/stt/speech_to_text.hpp"

namespace hs::providers {

struct EmbeddedOptions {
    /// Phrases for the language model besides the request's, one a line; may be empty or missing.
    std::filesystem::path vocabulary;
    unsigned children = 0;      // at most this many at once; 0 = cores - 1, at least one
    int tracks_per_child = 200; // then it is replaced, in case it leaks
    std::chrono::seconds least_limit{30 * 60}; // hard limit: max(this, 2 x length of the audio)
};

class EmbeddedSpeech final : public SpeechToText {
public:
    /// `program`: hacksmart-sphinx; `models`: folder with en-us/, en-us.lm.bin and
    /// cmudict-en-us.dict. Starts nothing before the first call. Waiting for children is done on
    /// threads of its own, one a child, so that decoding and serving never starve.
    EmbeddedSpeech(std::filesystem::path program,
                   std::filesystem::path models,
                   EmbeddedOptions options = {});
    ~EmbeddedSpeech() override; ///< stops what is running

    [[nodiscard]] std::string name() const override { return "pocketsphinx"; }

    /// Tracks run side by side as far as children allow. Words have times and confidences; an
    /// utterance is speech of one track without a longer pause. Phrases of the request with three
    /// words or more are also looked for on their own (Speech::spotted).
    /// Errors (all unavailable): speech.engine_unavailable, speech.engine_crashed,
    /// speech.stopped, speech.too_slow.
    Task<Result<Speech>> transcribe(SpeechRequest request) override;

    /// Process ids of loaded children without work.
    [[nodiscard]] std::vector<pid_t> idle_children() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace hs::providers
