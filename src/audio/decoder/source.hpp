/// One sound stream of a sniffed file, decoded frame by frame with libavformat and libavcodec.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "audio/decoder/protocol.hpp"
#include "audio/decoder/sniff.hpp"

struct AVFrame;

namespace hs::audio::decoder {

/// Opens every decoder once, without a byte of sound: their tables are then filled in all children
/// that are forked later.
void warm_up_decoders();

struct Step {
    enum class Kind { sound, lost, end } kind = Kind::end;
    const AVFrame* frame = nullptr; // sound: valid until the next step
    std::int64_t lost_ms = 0;       // lost: a damaged stretch of known length
};

class SoundSource {
public:
    SoundSource(int fd, std::int64_t size, const Sniffed& sniffed);
    ~SoundSource();
    SoundSource(const SoundSource&) = delete;
    SoundSource& operator=(const SoundSource&) = delete;

    /// invalid when the container cannot be read, unsupported_format when it holds no sound we
    /// take.
    [[nodiscard]] Outcome open();
    [[nodiscard]] Step next();

    [[nodiscard]] const char* codec() const;
    [[nodiscard]] std::int64_t bit_rate() const;           ///< 0: unknown
    [[nodiscard]] std::int64_t header_duration_ms() const; ///< -1: unknown
    [[nodiscard]] std::int64_t packets() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace hs::audio::decoder
