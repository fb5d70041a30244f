#include "audio/decoder_process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hs::audio {

namespace {

using decoder::EndRecord;
using decoder::FrameHead;
using decoder::FrameKind;
using std::chrono::steady_clock;

constexpr int pipe_bytes = 1 << 20; // fewer switches between the two processes

std::unexpected<Error> invalid(const char* message) {
    return fail(ErrorKind::invalid, "audio.invalid", message);
}

std::unexpected<Error> no_sandbox(const char* message) {
    return fail(ErrorKind::unavailable, "sandbox.unavailable", message);
}

/// posix_spawn's tables, freed on every way out.
struct SpawnSetup {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};

    SpawnSetup(int input, int output) {
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawnattr_init(&attributes);
        sigset_t none;
        sigset_t all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setsigdefault(&attributes, &all);
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }

    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;

    ~SpawnSetup() {
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
};

} // namespace

Result<DecoderProcess> DecoderProcess::start(const std::filesystem::path& program,
                                             const std::vector<std::string>& arguments,
                                             int input,
                                             std::chrono::seconds wall) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return no_sandbox("no pipe for the decoder");
    Fd output(ends[0]);
    const Fd child_output(ends[1]);
    static_cast<void>(::fcntl(output.get(), F_SETPIPE_SZ, pipe_bytes));
    std::vector<std::string> texts = {program.string()};
    texts.insert(texts.end(), arguments.begin(), arguments.end());
    std::vector<char*> values;
    for (auto& text : texts)
        values.push_back(text.data());
    values.push_back(nullptr);
    char* no_environment[] = {nullptr};
    const SpawnSetup setup(input, child_output.get());
    pid_t child = -1;
    if (::posix_spawn(&child,
                      program.c_str(),
                      &setup.actions,
                      &setup.attributes,
                      values.data(),
                      no_environment) != 0)
        return no_sandbox("the decoder program cannot be started");
    return DecoderProcess(child, std::move(output), steady_clock::now() + wall);
}

DecoderProcess::DecoderProcess(pid_t child, Fd output, steady_clock::time_point deadline)
    : child_(child), output_(std::move(output)), deadline_(deadline) {}

DecoderProcess::DecoderProcess(DecoderProcess&& other) noexcept
    : child_(std::exchange(other.child_, -1)), output_(std::move(other.output_)),
      deadline_(other.deadline_) {}

DecoderProcess::~DecoderProcess() {
    if (child_ < 0) return;
    // After its end record a child has nothing left to do; before it, it has lost its reader.
    ::kill(child_, SIGKILL);
    while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

Result<void> DecoderProcess::read_exactly(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline_ - steady_clock::now());
        if (left.count() <= 0) return invalid("decoding took too long");
        pollfd waiting{.fd = output_.get(), .events = POLLIN, .revents = 0};
        const auto wait_ms = std::min<std::int64_t>(left.count(), 60000);
        const int ready = ::poll(&waiting, 1, static_cast<int>(wait_ms));
        if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
        const ssize_t got = ::read(output_.get(), out.data(), out.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return invalid("the file broke its decoder");
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Result<EndRecord> DecoderProcess::read_frames(const OnFrame& on_frame) {
    std::vector<std::uint8_t> payload(decoder::max_frame_bytes);
    for (;;) {
        FrameHead head{};
        TRY_VOID(read_exactly({reinterpret_cast<std::uint8_t*>(&head), sizeof head}));
        if (head.length > decoder::max_frame_bytes) return invalid("the decoder lost its way");
        const auto filled = std::span(payload).first(head.length);
        TRY_VOID(read_exactly(filled));
        switch (head.kind) {
        case FrameKind::facts:
        case FrameKind::pcm:
        case FrameKind::encoded: TRY_VOID(on_frame(head.kind, filled)); continue;
        case FrameKind::end: {
            EndRecord end{};
            if (filled.size() != sizeof end) return invalid("the decoder lost its way");
            std::memcpy(&end, filled.data(), sizeof end);
            return end;
        }
        }
        return invalid("the decoder lost its way");
    }
}

} // namespace hs::audio
