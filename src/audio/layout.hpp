/// How two channels relate: two speakers, one sound twice, or one bleeding into the other.
#pragma once

#include <cstdint>
#include <vector>

#include "audio/voice_activity.hpp"

namespace hs::audio {

struct LayoutFinding {
    Layout layout = Layout::true_stereo;
    double confidence = 0.5;
    int live_channel = 0; // mono: the one that carries the call
};

/// Both channels equally long; `speech` and `rms_dbfs` are those of the channels.
struct ChannelPair {
    Samples first;
    Samples second;
    std::vector<Span> first_speech;
    std::vector<Span> second_speech;
    double first_rms_dbfs = lowest_dbfs;
    double second_rms_dbfs = lowest_dbfs;
};

[[nodiscard]] LayoutFinding find_layout(const ChannelPair& pair);

/// Silences the quieter channel wherever the other one bleeds into it.
void gate_cross_talk(std::vector<std::int16_t>& first, std::vector<std::int16_t>& second);

} // namespace hs::audio
