#include "providers/stt/sphinx_child.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <poll.h>
#include <sys/socket.h>

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

} // namespace

Result<std::unique_ptr<SphinxChild>> SphinxChild::start(const std::filesystem::path& program,
                                                        const std::filesystem::path& models,
                                                        const Patience& patience) {
    auto process = ChildProcess::start(program, {models.string()}, ChildProcess::Line::stream);
    if (!process)
        return fail(ErrorKind::unavailable,
                    "speech.engine_unavailable",
                    "the speech engine cannot be started: " + program.string());
    std::unique_ptr<SphinxChild> child(new SphinxChild(*std::move(process)));
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

bool SphinxChild::alive() const {
    pollfd line{.fd = process_.line(), .events = POLLIN, .revents = 0};
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
        pollfd line{.fd = process_.line(), .events = events, .revents = 0};
        if (::poll(&line, 1, look_up_ms) > 0) return {};
    }
}

Result<void> SphinxChild::send(std::string_view bytes, const Patience& patience) {
    while (!bytes.empty()) {
        TRY_VOID(wait_for(POLLOUT, patience));
        const ssize_t sent =
            ::send(process_.line(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (sent <= 0) return crashed();
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
}

Result<void> SphinxChild::receive(char* out, std::size_t size, const Patience& patience) {
    while (size > 0) {
        TRY_VOID(wait_for(POLLIN, patience));
        const ssize_t got = ::recv(process_.line(), out, size, MSG_DONTWAIT);
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
