/// One run of hacksmart-decode: start, read its frames under a time limit, end it.
///
/// The child parses foreign bytes, so what it sends is foreign too: every length is checked here.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "audio/decoder/protocol.hpp"
#include "base/error.hpp"
#include "base/files.hpp"

namespace hs::audio {

class DecoderProcess {
public:
    using OnFrame =
        std::function<Result<void>(decoder::FrameKind kind, std::span<const std::uint8_t> payload)>;

    /// `input` becomes the child's standard input. Errors: unavailable "sandbox.unavailable".
    [[nodiscard]] static Result<DecoderProcess> start(const std::filesystem::path& program,
                                                      const std::vector<std::string>& arguments,
                                                      int input,
                                                      std::chrono::seconds wall);
    DecoderProcess(DecoderProcess&& other) noexcept;
    DecoderProcess& operator=(DecoderProcess&&) = delete;
    ~DecoderProcess(); ///< kills and reaps

    /// Calls `on_frame` for every facts, pcm and encoded frame until the end record comes, which is
    /// returned. Errors: those of `on_frame`; invalid "audio.invalid" when the child dies, breaks
    /// the protocol or takes too long.
    [[nodiscard]] Result<decoder::EndRecord> read_frames(const OnFrame& on_frame);

private:
    DecoderProcess(pid_t child, Fd output, std::chrono::steady_clock::time_point deadline);
    [[nodiscard]] Result<void> read_exactly(std::span<std::uint8_t> out);

    pid_t child_ = -1;
    Fd output_;
    std::chrono::steady_clock::time_point deadline_;
};

} // namespace hs::audio
