/// How a track is cut for a recogniser that hears one utterance at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/audio_facts.hpp"

namespace hs::providers {

struct Cutting {
    int join_gap_ms = 400;  // speech this close together is one utterance
    int longest_ms = 12000; // longer ones are cut at their quietest place
};

/// Stretches of speech to recognise, in order, not padded, each at most `longest_ms`.
/// `samples` are 16 kHz mono.
[[nodiscard]] std::vector<Span> cut_speech(const std::vector<Span>& speech,
                                           std::span<const std::int16_t> samples,
                                           const Cutting& cutting);

} // namespace hs::providers
