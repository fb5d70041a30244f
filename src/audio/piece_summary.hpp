/// Facts of a recording that is looked at piece by piece, so that memory does not grow with length.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "audio/audio.hpp"

namespace hs::audio {

/// Long enough for voice activity and layout to be judged, short enough to be nothing.
inline constexpr int piece_ms = 15'000;

class PieceSummary {
public:
    /// `channels`: 1 or 2 of equal length at 16 kHz; an empty piece is skipped.
    void add(std::vector<std::vector<std::int16_t>> channels);

    /// Fills layout (mono, dual_mono or true_stereo: the one most of the speech was found in),
    /// speech and clipping of `facts`. The rest, spans included, stays as it is: whoever needs it
    /// decodes the whole.
    void conclude(AudioFacts& facts) const;

private:
    static constexpr std::size_t layouts = 4;

    int speech_ms_ = 0;
    int total_ms_ = 0;
    std::array<double, layouts> votes_{}; // speech in ms by layout
    double clipped_ = 0;                  // highest share of a channel, weighted by length
};

} // namespace hs::audio
