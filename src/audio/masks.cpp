#include <algorithm>
#include <limits>
#include <utility>

#include "audio/audio.hpp"
#include "audio/decoder/protocol.hpp"

namespace hs::audio {

namespace {

/// Masks by channel, then by start.
void sort(std::vector<AudioMask>& masks) {
    std::ranges::sort(masks, {}, [](const AudioMask& mask) {
        return std::pair(mask.channel, mask.span.start_ms);
    });
}

int gap(const AudioMask& first, const AudioMask& second) {
    if (first.channel != second.channel) return std::numeric_limits<int>::max();
    return second.span.start_ms - first.span.end_ms;
}

std::vector<AudioMask> joined(const std::vector<AudioMask>& masks, int gap_ms) {
    std::vector<AudioMask> out;
    for (const auto& mask : masks) {
        if (!out.empty() && gap(out.back(), mask) < gap_ms)
            out.back().span.end_ms = std::max(out.back().span.end_ms, mask.span.end_ms);
        else
            out.push_back(mask);
    }
    return out;
}

} // namespace

std::vector<AudioMask> joined_masks(std::vector<AudioMask> masks, int gap_ms) {
    sort(masks);
    auto out = joined(masks, gap_ms);
    // Too much is covered rather than too little.
    while (out.size() > decoder::max_masks && gap_ms < std::numeric_limits<int>::max() / 2) {
        gap_ms = std::max(1, gap_ms * 2);
        out = joined(out, gap_ms);
    }
    return out;
}

} // namespace hs::audio
