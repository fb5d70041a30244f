/// One child of hacksmart-decode: its frames, read under a time limit, and its end.
///
/// The child parses foreign bytes, so what it sends is foreign too: every length is checked here.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>

#include "audio/decoder/protocol.hpp"
#include "base/error.hpp"
#include "base/files.hpp"

namespace hs::audio {

class DecoderProcess {
public:
    using OnFrame =
        std::function<Result<void>(decoder::FrameKind kind, std::span<const std::uint8_t> payload)>;

    /// `child` is a pidfd: the child is not ours to wait for, and its number could be another's
    /// by the time we kill it.
    DecoderProcess(Fd child, Fd output, std::chrono::seconds wall);
    DecoderProcess(DecoderProcess&&) = default;
    DecoderProcess& operator=(DecoderProcess&&) = delete;
    ~DecoderProcess(); ///< kills

    /// Calls `on_frame` for every facts, pcm and encoded frame until the end record comes, which is
    /// returned. Errors: those of `on_frame`; invalid "audio.invalid" when the child dies, breaks
    /// the protocol or takes too long.
    [[nodiscard]] Result<decoder::EndRecord> read_frames(const OnFrame& on_frame);

    /// Whether the child died, broke the protocol or took too long.
    [[nodiscard]] bool misbehaved() const { return misbehaved_; }

private:
    [[nodiscard]] Result<void> read_exactly(std::span<std::uint8_t> out);
    [[nodiscard]] std::unexpected<Error> misbehaviour(const char* what);

    Fd child_;
    Fd output_;
    std::chrono::steady_clock::time_point deadline_;
    bool misbehaved_ = false;
};

} // namespace hs::audio
