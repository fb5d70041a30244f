#include "base/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hs {

namespace {

/// posix_spawn's tables, freed on every way out.
struct SpawnSetup {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};

    explicit SpawnSetup(int line) {
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, line, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions, line, STDOUT_FILENO);
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

std::optional<ChildProcess> ChildProcess::start(const std::filesystem::path& program,
                                                std::vector<std::string> arguments,
                                                Line line) {
    const int type = line == Line::stream ? SOCK_STREAM : SOCK_SEQPACKET;
    int ends[2];
    if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) != 0) return std::nullopt;
    Fd ours(ends[0]);
    // Closed when we return, or a dead child would look like a silent one.
    const Fd theirs(ends[1]);
    arguments.insert(arguments.begin(), program.string());
    std::vector<char*> values;
    for (auto& text : arguments)
        values.push_back(text.data());
    values.push_back(nullptr);
    char* no_environment[] = {nullptr};
    const SpawnSetup setup(theirs.get());
    pid_t pid = -1;
    if (::posix_spawn(
            &pid, values[0], &setup.actions, &setup.attributes, values.data(), no_environment) != 0)
        return std::nullopt;
    return ChildProcess(pid, std::move(ours));
}

ChildProcess::ChildProcess(pid_t pid, Fd line) : pid_(pid), line_(std::move(line)) {}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), line_(std::move(other.line_)) {}

ChildProcess::~ChildProcess() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

} // namespace hs
