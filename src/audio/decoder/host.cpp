#include "audio/decoder/host.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hs::audio::decoder {

namespace {

struct Parcel {
    Order order;
    int input = -1;
    int output = -1;
};

void close_all(const Parcel& parcel) {
    for (const int fd : {parcel.input, parcel.output})
        if (fd >= 0) ::close(fd);
}

/// Nothing when the other end has gone. An order that makes no sense has another version.
std::optional<Parcel> receive(int line) {
    Parcel parcel;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(2 * sizeof(int))> control{};
    iovec part{&parcel.order, sizeof parcel.order};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    ssize_t got = 0;
    do
        got = ::recvmsg(line, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got <= 0) return std::nullopt;
    const cmsghdr* head = CMSG_FIRSTHDR(&message);
    if (head != nullptr && head->cmsg_type == SCM_RIGHTS &&
        head->cmsg_len == CMSG_LEN(2 * sizeof(int))) {
        std::memcpy(&parcel.input, CMSG_DATA(head), sizeof(int));
        std::memcpy(&parcel.output, CMSG_DATA(head) + sizeof(int), sizeof(int));
    }
    if (static_cast<std::size_t>(got) != sizeof parcel.order || parcel.output < 0)
        parcel.order.version = 0;
    return parcel;
}

void answer(int line, int pidfd) {
    Receipt receipt;
    receipt.started = pidfd >= 0 ? 1 : 0;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec part{&receipt, sizeof receipt};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (pidfd >= 0) {
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        cmsghdr* head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(head), &pidfd, sizeof pidfd);
    }
    while (::sendmsg(line, &message, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
}

[[noreturn]] void
be_child(const Parcel& parcel, pid_t host, CarryOut carry_out, const CallFilter& filter) {
    // A decoder without its parent has no reader; it must not go on burning a core.
    static_cast<void>(::prctl(PR_SET_PDEATHSIG, SIGKILL));
    if (::getppid() != host) ::_exit(1); // it went before the line above
    sigset_t none;
    sigemptyset(&none);
    static_cast<void>(::sigprocmask(SIG_SETMASK, &none, nullptr));
    if (::dup2(parcel.input, STDIN_FILENO) < 0 || ::dup2(parcel.output, STDOUT_FILENO) < 0)
        ::_exit(1);
    carry_out(parcel.order, filter);
    // Straight out: nothing of this process is worth tidying up.
    ::_exit(0);
}

void reap() {
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
}

/// Waits for the next order and reaps children meanwhile, here only: so the number of a child that
/// ends early is still its own when its pidfd is opened.
void await_order(int line, const sigset_t& while_waiting) {
    for (;;) {
        pollfd waiting{.fd = line, .events = POLLIN, .revents = 0};
        const int ready = ::ppoll(&waiting, 1, nullptr, &while_waiting);
        reap();
        if (ready > 0) return;
    }
}

} // namespace

void serve_orders(int line, CarryOut carry_out) {
    // Children that end interrupt the waiting and nothing else.
    struct sigaction ended{};
    ended.sa_handler = [](int) {};
    static_cast<void>(::sigaction(SIGCHLD, &ended, nullptr));
    sigset_t child_ends;
    sigset_t while_waiting;
    sigemptyset(&child_ends);
    sigaddset(&child_ends, SIGCHLD);
    static_cast<void>(::sigprocmask(SIG_BLOCK, &child_ends, &while_waiting));
    const auto filter = CallFilter::compile();
    const pid_t host = ::getpid();
    for (;;) {
        await_order(line, while_waiting);
        const auto parcel = receive(line);
        if (!parcel) return;
        int pidfd = -1;
        if (parcel->order.version == protocol_version) {
            const pid_t child = ::fork();
            if (child == 0) be_child(*parcel, host, carry_out, filter);
            if (child > 0) pidfd = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));
            if (child > 0 && pidfd < 0) ::kill(child, SIGKILL);
        }
        close_all(*parcel);
        answer(line, pidfd);
        if (pidfd >= 0) ::close(pidfd);
    }
}

} // namespace hs::audio::decoder
