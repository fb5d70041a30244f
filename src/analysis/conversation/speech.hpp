/// When each side speaks, and arithmetic on stretches of time.
#pragma once

#include <vector>

#include "domain/audio_facts.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

using Spans = std::vector<Span>; // in order, not overlapping

struct SpeechOfSides {
    Spans agent;
    Spans customer;
    Spans anybody;              // both sides and turns of unknown role
    bool from_channels = false; // measured per channel, not taken from the transcript's turns
};

/// Voice activity per channel when the channels are the sides; else the turns' times, cut to the
/// voice activity of the one track when it is known.
[[nodiscard]] SpeechOfSides speech_of_sides(const Transcript& transcript, const AudioFacts* audio);

[[nodiscard]] Spans merged(Spans spans);
[[nodiscard]] Spans common(const Spans& a, const Spans& b);
[[nodiscard]] Spans without(const Spans& a, const Spans& b);
/// The stretches between the spans, from the first span's start to the last one's end.
[[nodiscard]] Spans gaps(const Spans& spans);
[[nodiscard]] int total_ms(const Spans& spans);

} // namespace hs::analysis
