/// A tone over what must not be heard.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audio/decoder/protocol.hpp"

namespace hs::audio::decoder {

/// Replaces interleaved sound inside of the masks by 1 kHz at -20 dBFS. The first and last 5 ms of
/// a mask fade from one to the other: masks are wider than what they cover by more than that.
class CoverTone {
public:
    CoverTone(std::span<const Mask> masks, int rate, int channels);

    /// `first`: number of the first sample, per channel, since the start.
    void apply(std::span<std::int16_t> interleaved, std::uint64_t first) const;

private:
    [[nodiscard]] double tone_share(const Mask& mask, std::uint64_t sample) const;

    std::vector<Mask> masks_;
    int rate_;
    int channels_;
};

} // namespace hs::audio::decoder
