/// Keeps one hacksmart-decode running ahead of the recordings: its libraries take tens of
/// milliseconds to load, a child forked from it a few.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <sys/types.h>

#include "audio/decoder/protocol.hpp"
#include "audio/decoder_process.hpp"
#include "audio/decoder_program.hpp"
#include "base/error.hpp"

namespace hs::audio {

class DecoderHost {
public:
    explicit DecoderHost(std::filesystem::path program) : program_(std::move(program)) {}

    /// Starts the program if it is not running, without waiting for it.
    /// Errors: unavailable "sandbox.unavailable".
    [[nodiscard]] Result<void> prepare();

    /// Starts a child that carries `order` out on `input`, and lets `read` follow it to its end.
    /// When it ends badly, a fresh program is started for the recordings that come after.
    /// Errors: unavailable "sandbox.unavailable"; those of DecoderProcess::read_frames.
    [[nodiscard]] Result<decoder::EndRecord> run(const decoder::Order& order,
                                                 int input,
                                                 std::chrono::seconds wall,
                                                 const DecoderProcess::OnFrame& on_frame);

    /// Process id of the program that takes the next order; none when it was not started yet.
    [[nodiscard]] std::optional<pid_t> pid() const;

private:
    using Program = std::shared_ptr<DecoderProgram>;

    struct Started {
        Program program; // has to outlive the process: its end is the end of its children
        DecoderProcess process;
    };

    [[nodiscard]] Result<Started>
    start(const decoder::Order& order, int input, std::chrono::seconds wall);
    /// The running program, or a new one in place of `useless` or of a worn one.
    [[nodiscard]] Result<Program> program_instead_of(const Program& useless);

    std::filesystem::path program_;
    mutable std::mutex mutex_;
    Program running_;
};

} // namespace hs::audio
