#include "audio/decoder_program.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

namespace hs::audio {

namespace {

using decoder::Order;
using decoder::Receipt;

constexpr int most_orders = 10'000; // then a fresh one, with everything elsewhere in memory
constexpr int patience_ms = 20'000; // a busy machine may be slow to load the libraries

std::unexpected<Error> no_sandbox(const char* message) {
    return fail(ErrorKind::unavailable, "sandbox.unavailable", message);
}

bool send_order(int line, const Order& order, const std::array<int, 2>& descriptors) {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptors)> control{};
    iovec part{const_cast<Order*>(&order), sizeof order};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof descriptors);
    std::memcpy(CMSG_DATA(head), descriptors.data(), sizeof descriptors);
    ssize_t sent = 0;
    do
        sent = ::sendmsg(line, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == static_cast<ssize_t>(sizeof order);
}

bool await_receipt(int line) {
    pollfd waiting{.fd = line, .events = POLLIN, .revents = 0};
    int ready = 0;
    do
        ready = ::poll(&waiting, 1, patience_ms);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

/// The pidfd that comes with the receipt; none when there is no child.
Result<Fd> receive_receipt(int line) {
    if (!await_receipt(line)) return no_sandbox("the decoder program does not answer");
    Receipt receipt;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    iovec part{&receipt, sizeof receipt};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(line, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    const cmsghdr* head = got > 0 ? CMSG_FIRSTHDR(&message) : nullptr;
    Fd child;
    if (head != nullptr && head->cmsg_type == SCM_RIGHTS &&
        head->cmsg_len == CMSG_LEN(sizeof(int))) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
        child = Fd(fd);
    }
    if (got <= 0) return no_sandbox("the decoder program has gone");
    if (got != static_cast<ssize_t>(sizeof receipt) || receipt.version != decoder::protocol_version)
        return no_sandbox("the decoder program does not fit this version");
    if (!child) return no_sandbox("the decoder program cannot start a child");
    return child;
}

} // namespace

Result<std::shared_ptr<DecoderProgram>>
DecoderProgram::start(const std::filesystem::path& program) {
    auto process = ChildProcess::start(program, {}, ChildProcess::Line::packets);
    if (!process) return no_sandbox("the decoder program cannot be started");
    return std::shared_ptr<DecoderProgram>(new DecoderProgram(*std::move(process)));
}

DecoderProgram::DecoderProgram(ChildProcess process) : process_(std::move(process)) {}

Result<Fd> DecoderProgram::hand_over(const Order& order, int input, int output) {
    ++orders_;
    const std::scoped_lock lock(line_);
    if (!send_order(process_.line(), order, {input, output}))
        return no_sandbox("the decoder program has gone");
    return receive_receipt(process_.line());
}

bool DecoderProgram::worn() const {
    return distrusted_ || orders_ >= most_orders;
}

} // namespace hs::audio
