/// One running hacksmart-decode, from its start to its end.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>

#include "audio/decoder/protocol.hpp"
#include "base/child_process.hpp"
#include "base/error.hpp"
#include "base/files.hpp"

namespace hs::audio {

class DecoderProgram {
public:
    /// Does not wait until it is ready. Errors: unavailable "sandbox.unavailable".
    [[nodiscard]] static Result<std::shared_ptr<DecoderProgram>>
    start(const std::filesystem::path& program);

    /// Gives a pidfd of the child that was forked for the order. Any number of threads may call it.
    /// Errors: unavailable "sandbox.unavailable": this program is of no further use.
    [[nodiscard]] Result<Fd> hand_over(const decoder::Order& order, int input, int output);

    /// Whether the next order should go to a fresh one.
    [[nodiscard]] bool worn() const;

    /// A child of it ended badly. What crashed a child may have been a search for the place where
    /// something lies in memory, and the next child would have everything in the same place.
    void distrust() { distrusted_ = true; }

    [[nodiscard]] pid_t pid() const { return process_.pid(); }

private:
    explicit DecoderProgram(ChildProcess process);

    ChildProcess process_;
    std::mutex line_; // one order and its receipt at a time
    std::atomic<bool> distrusted_ = false;
    std::atomic<int> orders_ = 0;
};

} // namespace hs::audio
