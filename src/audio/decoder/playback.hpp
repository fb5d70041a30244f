/// Constant-bit-rate mp3 from interleaved int16, for the player of the dashboard.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace hs::audio::decoder {

class PlaybackEncoder {
public:
    PlaybackEncoder(int rate, int channels); ///< channels 1 (48 kbit/s) or 2 (64 kbit/s)
    ~PlaybackEncoder();
    PlaybackEncoder(const PlaybackEncoder&) = delete;
    PlaybackEncoder& operator=(const PlaybackEncoder&) = delete;

    [[nodiscard]] bool open();
    /// Encoded bytes go out as protocol frames. False: the encoder failed or nobody reads.
    [[nodiscard]] bool add(std::span<const std::int16_t> interleaved);
    [[nodiscard]] bool finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace hs::audio::decoder
