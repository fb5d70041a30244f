/// Reading replies of the audio API in all the shapes that servers give it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "domain/audio_facts.hpp"
#include "domain/transcript.hpp"

namespace hs::providers {

struct HeardSegment {
    std::string text;
    std::string speaker;
    int start_ms = 0; // of the part that was sent
    int end_ms = 0;
    double confidence = 0;
    std::vector<Word> words; // one per blank-separated word of text, or none
};

struct HeardPart {
    std::string language; // BCP 47 where we know the name, else as the engine says
    std::vector<HeardSegment> segments;
    json::object usage; // as the provider reports it; empty when it does not
};

/// `speech`: voice activity in times of the part; the text of a reply without times is laid over
/// it. Errors: unavailable "speech.invalid_reply" (no JSON, another shape, an error inside of 200).
[[nodiscard]] Result<HeardPart> read_speech_reply(std::string_view body,
                                                  const std::vector<Span>& speech);

} // namespace hs::providers
