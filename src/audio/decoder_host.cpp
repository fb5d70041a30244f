#include "audio/decoder_host.hpp"

#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace hs::audio {

namespace {

constexpr int pipe_bytes = 1 << 20; // fewer switches between the two processes

/// The same file, for reading only and with an offset of its own: whoever takes the child over can
/// neither change the recording nor move where others read.
Fd reading_only(int fd) {
    return Fd(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC));
}

} // namespace

Result<void> DecoderHost::prepare() {
    TRY_VOID(program_instead_of(nullptr));
    return {};
}

Result<DecoderHost::Program> DecoderHost::program_instead_of(const Program& useless) {
    Program old; // ended outside the lock, unless a child of it still runs
    const std::scoped_lock lock(mutex_);
    if (running_ != nullptr && running_ != useless && !running_->worn()) return running_;
    old = std::move(running_);
    TRY(running_, DecoderProgram::start(program_));
    return running_;
}

Result<DecoderHost::Started>
DecoderHost::start(const decoder::Order& order, int input, std::chrono::seconds wall) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return fail(ErrorKind::unavailable, "sandbox.unavailable", "no pipe for the decoder");
    Fd output(ends[0]);
    const Fd child_output(ends[1]);
    static_cast<void>(::fcntl(output.get(), F_SETPIPE_SZ, pipe_bytes));
    const Fd recording = reading_only(input);
    if (!recording)
        return fail(ErrorKind::unavailable, "sandbox.unavailable", "/proc cannot be used");
    TRY(auto program, program_instead_of(nullptr));
    auto child = program->hand_over(order, recording.get(), child_output.get());
    if (!child) { // it may have died while it waited; a fresh one deserves a try
        TRY(program, program_instead_of(program));
        child = program->hand_over(order, recording.get(), child_output.get());
    }
    if (!child) return std::unexpected(child.error());
    return Started{std::move(program), DecoderProcess(*std::move(child), std::move(output), wall)};
}

Result<decoder::EndRecord> DecoderHost::run(const decoder::Order& order,
                                            int input,
                                            std::chrono::seconds wall,
                                            const DecoderProcess::OnFrame& on_frame) {
    TRY(auto started, start(order, input, wall));
    auto end = started.process.read_frames(on_frame);
    if (!end && started.process.misbehaved()) {
        started.program->distrust();
        // The next recording shall find it loaded. A failure shows there again.
        static_cast<void>(prepare());
    }
    return end;
}

std::optional<pid_t> DecoderHost::pid() const {
    const std::scoped_lock lock(mutex_);
    return running_ != nullptr ? std::optional(running_->pid()) : std::nullopt;
}

} // namespace hs::audio
