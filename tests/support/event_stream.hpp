/// A listener to GET /api/events, read frame by frame.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.hpp"
#include "support/contract.hpp"
#include "support/whole_server.hpp"

namespace hs::test {

struct StreamEvent {
    std::string id;
    std::string type;
    json::value data;
};

class EventStream {
public:
    EventStream(const WholeServer& server,
                const std::string& target,
                const std::string& headers = "")
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), target_(target) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server.port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            return;
        const auto text = server.request("GET " + target, headers, "");
        (void)!::write(fd_, text.data(), text.size());
    }

    ~EventStream() { ::close(fd_); }

    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;

    /// Status and headers; also waits for the first frame, which tells where the stream stands.
    bool open(std::chrono::milliseconds limit = std::chrono::seconds(10)) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (text_.find("\n\n") == std::string::npos || head_.empty())
            if (!receive(deadline)) return false;
        check_reply("GET " + target_, reply());
        return head_.starts_with("HTTP/1.1 200");
    }

    [[nodiscard]] const std::string& head() const { return head_; }

    [[nodiscard]] const std::string& last_id() const { return last_id_; }

    [[nodiscard]] bool ended() const { return ended_; }

    /// The next event; comments and positions are passed over.
    std::optional<StreamEvent> next(std::chrono::milliseconds limit) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (true) {
            if (auto event = take()) return event;
            if (!receive(deadline)) return std::nullopt;
        }
    }

    /// The next event of the type that tells of the call.
    std::optional<StreamEvent>
    next_of(std::string_view type, std::string_view call, std::chrono::milliseconds limit) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (true) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
                deadline - std::chrono::steady_clock::now());
            auto event = next(left);
            if (!event) return std::nullopt;
            const auto* about = event->data.as_object().if_contains("call_id");
            if (event->type == type && about != nullptr && about->is_string() &&
                std::string_view(about->as_string()) == call)
                return event;
        }
    }

private:
    /// Head and what came so far, as the contract wants to see it.
    [[nodiscard]] HttpReply reply() const {
        HttpReply seen{.status = std::stoi(head_.substr(9, 3)), .headers = {}, .body = text_};
        for (const auto line : split(head_, '\n')) {
            const auto colon = line.find(':');
            if (colon != std::string_view::npos)
                seen.headers.emplace_back(to_lower(line.substr(0, colon)),
                                          std::string(trim(line.substr(colon + 1))));
        }
        return seen;
    }

    std::optional<StreamEvent> take() {
        for (auto end = text_.find("\n\n"); end != std::string::npos; end = text_.find("\n\n")) {
            const auto frame = text_.substr(0, end);
            text_.erase(0, end + 2);
            StreamEvent event;
            for (const auto line : split(frame, '\n')) {
                if (line.starts_with("id: ")) last_id_ = event.id = line.substr(4);
                if (line.starts_with("event: ")) event.type = line.substr(7);
                if (line.starts_with("data: ")) event.data = parse_json(line.substr(6)).value();
            }
            if (!event.type.empty()) return event;
        }
        return std::nullopt;
    }

    bool receive(std::chrono::steady_clock::time_point deadline) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        pollfd wait{fd_, POLLIN, 0};
        if (left.count() < 0 || ::poll(&wait, 1, static_cast<int>(left.count())) <= 0) return false;
        char bytes[16384];
        const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
        if (got <= 0) {
            ended_ = true;
            return false;
        }
        raw_.append(bytes, static_cast<std::size_t>(got));
        unframe();
        return true;
    }

    /// Takes the head off, then whole chunks.
    void unframe() {
        if (head_.empty()) {
            const auto end = raw_.find("\r\n\r\n");
            if (end == std::string::npos) return;
            head_ = raw_.substr(0, end);
            raw_.erase(0, end + 4);
        }
        while (true) {
            const auto line = raw_.find("\r\n");
            if (line == std::string::npos) return;
            const auto size = std::stoul(raw_.substr(0, line), nullptr, 16);
            if (raw_.size() < line + 2 + size + 2) return;
            text_ += raw_.substr(line + 2, size);
            raw_.erase(0, line + 2 + size + 2);
        }
    }

    int fd_;
    std::string target_;
    bool ended_ = false;
    std::string raw_;
    std::string head_;
    std::string text_;
    std::string last_id_;
};

} // namespace hs::test
