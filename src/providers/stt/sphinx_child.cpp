#include "providers/stt/sphinx_child.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hs::providers {
namespace {

using sphinx::Header;
using sphinx::Message;
using sphinx::WordHeader;

constexpr int look_up_ms = 100; // how soon a stop is noticed

std::unexpected<Error> crashed() {
    return fail(
        ErrorKind::unavailable, "speech.engine_crashed", "the speech engine stopped working");
}

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

Result<pid_t>
spawn(const std::filesystem::path& program, const std::filesystem::path& models, int line) {
    std::string name = program.string();
    std::string folder = models.string();
    char* arguments[] = {name.data(), folder.data(), nullptr};
    char* no_environment[] = {nullptr};
    const SpawnSetup setup(line);
    pid_t pid = -1;
    if (::posix_spawn(
            &pid, name.c_str(), &setup.actions, &setup.attributes, arguments, no_environment) != 0)
        return fail(ErrorKind::unavailable,
                    "speech.engine_unavailable",
                    "the speech engine cannot be started: " + name);
    return pid;
}

} // namespace

Result<std::unique_ptr<SphinxChild>> SphinxChild::start(const std::filesystem::path& program,
                                                        const std::filesystem::path& models,
                                                        const Patience& patience) {
    // A socket pair rather than two pipes: writing to a dead child is an error, not a signal.
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(ErrorKind::unavailable, "speech.engine_unavailable", "no line to the engine");
    Fd ours(ends[0]);
    Fd theirs(ends[1]);
    TRY(const pid_t pid, spawn(program, models, theirs.get()));
    std::unique_ptr<SphinxChild> child(new SphinxChild(pid, std::move(ours)));
    // Our copy of its end must be closed, or a dead child would look like a silent one.
    theirs.reset();
    auto hello = child->read_answer(patience);
    if (!hello) {
        if (hello.error().code != "speech.engine_crashed") return std::unexpected(hello.error());
        return fail(ErrorKind::unavailable,
                    "speech.engine_unavailable",
                    "the speech engine did not start; is its model in " + models.string() + "?");
    }
    child->version_ = hello->text;
    return child;
}

SphinxChild::~SphinxChild() {
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

bool SphinxChild::alive() const {
    pollfd line{.fd = line_.get(), .events = POLLIN, .revents = 0};
    return ::poll(&line, 1, 0) == 0; // it never speaks unasked: anything to read is its end
}

Result<SphinxChild::Answer>
SphinxChild::ask(Message kind, std::string_view body, const Patience& patience) {
    const Header header{kind, static_cast<std::uint32_t>(body.size())};
    char bytes[sizeof header];
    std::memcpy(bytes, &header, sizeof header);
    TRY_VOID(send({bytes, sizeof bytes}, patience));
    TRY_VOID(send(body, patience));
    return read_answer(patience);
}

Result<void> SphinxChild::wait_for(short events, const Patience& patience) {
    for (;;) {
        if (patience.stop.stop_requested() || patience.closing.stop_requested())
            return fail(ErrorKind::unavailable, "speech.stopped", "transcription was stopped");
        if (std::chrono::steady_clock::now() >= patience.deadline)
            return fail(ErrorKind::unavailable, "speech.too_slow", "transcription took too long");
        pollfd line{.fd = line_.get(), .events = events, .revents = 0};
        if (::poll(&line, 1, look_up_ms) > 0) return {};
    }
}

Result<void> SphinxChild::send(std::string_view bytes, const Patience& patience) {
    while (!bytes.empty()) {
        TRY_VOID(wait_for(POLLOUT, patience));
        const ssize_t sent =
            ::send(line_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (sent <= 0) return crashed();
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

Result<void> SphinxChild::receive(char* out, std::size_t size, const Patience& patience) {
    while (size > 0) {
        TRY_VOID(wait_for(POLLIN, patience));
        const ssize_t got = ::recv(line_.get(), out, size, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return crashed();
        out += got;
        size -= static_cast<std::size_t>(got);
    }
    return {};
}

Result<SphinxChild::Answer> SphinxChild::read_answer(const Patience& patience) {
    Answer answer;
    for (;;) {
        char bytes[sizeof(Header)];
        TRY_VOID(receive(bytes, sizeof bytes, patience));
        Header header{};
        std::memcpy(&header, bytes, sizeof header);
        if (header.size > sphinx::max_body_bytes) return crashed();
        std::string body(header.size, '\0');
        TRY_VOID(receive(body.data(), body.size(), patience));
        switch (header.kind) {
        case Message::progress: break;
        case Message::word:
        case Message::spotted: {
            if (body.size() < sizeof(WordHeader)) return crashed();
            WordHeader at{};
            std::memcpy(&at, body.data(), sizeof at);
            answer.items.push_back({header.kind, at, body.substr(sizeof at)});
            break;
        }
        case Message::done: answer.text = std::move(body); return answer;
        default: return crashed();
        }
    }
}

} // namespace hs::providers
