/// Decoded frames of any rate and sample type to interleaved int16 at one rate.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

struct AVFrame;

namespace hs::audio::decoder {

class Resampler {
public:
    Resampler(int rate, int channels);
    ~Resampler();
    Resampler(const Resampler&) = delete;
    Resampler& operator=(const Resampler&) = delete;

    /// False when the frame cannot be converted. `output()` holds the result until the next push.
    [[nodiscard]] bool push(const AVFrame& frame);
    [[nodiscard]] bool drain(); ///< the tail, after the last frame
    [[nodiscard]] std::span<const std::int16_t> output() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace hs::audio::decoder
