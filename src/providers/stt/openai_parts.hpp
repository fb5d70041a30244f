/// Cutting a track for upload, and the file that is uploaded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "domain/audio_facts.hpp"

namespace hs::providers {

/// Covers all speech with stretches of at most `longest_ms`, cut in the longest pause of the later
/// half of each stretch, or at its quietest tenth of a second when nobody pauses. Half a second of
/// room is left around the speech. `samples` are 16 kHz mono.
[[nodiscard]] std::vector<Span> upload_spans(const std::vector<Span>& speech,
                                             std::span<const std::int16_t> samples,
                                             int longest_ms);

/// A RIFF file of 16 kHz mono int16.
[[nodiscard]] std::string wav_file(std::span<const std::int16_t> samples);

} // namespace hs::providers
