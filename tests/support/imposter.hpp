/// A small HTTP/1.1 server on loopback that misbehaves on request: it delays, drops, cuts, drips,
/// floods and answers any status. Provider adapters are tested against it.
///
/// Header only, so that a folder's own tests can use it without linking the whole program. One
/// request a connection unless a reply says otherwise; every connection has a thread, joined by the
/// destructor.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hs::test {

struct ImposterReply {
    enum class Trick {
        none,
        drop,      // closes without a byte
        cut,       // promises the whole body, sends half of it
        drip,      // one body byte every `pause`
        endless,   // body bytes until the client has enough
        hang,      // reads the request, never answers
        head_only, // sends the head, then nothing
        deaf,      // accepts the connection, never reads
    };

    int status = 200;
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
    Trick trick = Trick::none;
    std::chrono::milliseconds pause{0}; // before the first byte; between bytes of a drip
    bool keep_alive = false;            // the connection may carry another request
};

struct ImposterRequest {
    std::string method;
    std::string target;
    std::map<std::string, std::string> headers; // names lower case
    std::string body;
};

class Imposter {
public:
    using Answer = std::function<ImposterReply(const ImposterRequest&)>;

    Imposter() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
            ::getsockname(listener_, generic, &size) != 0)
            throw std::runtime_error("imposter cannot listen");
        port_ = ntohs(address.sin_port);
        acceptor_ = std::jthread([this] { accept_all(); });
    }

    Imposter(const Imposter&) = delete;
    Imposter& operator=(const Imposter&) = delete;

    ~Imposter() {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
            for (const int peer : peers_)
                ::shutdown(peer, SHUT_RDWR);
        }
        changed_.notify_all();
        ::shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        connections_.clear();
        ::close(listener_);
    }

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    /// The next replies, in order; after the last one `otherwise` answers.
    void then(ImposterReply reply) {
        const std::scoped_lock lock(mutex_);
        script_.push_back(std::move(reply));
    }

    void otherwise(Answer answer) {
        const std::scoped_lock lock(mutex_);
        otherwise_ = std::move(answer);
    }

    [[nodiscard]] std::vector<ImposterRequest> requests() const {
        const std::scoped_lock lock(mutex_);
        return requests_;
    }

    /// Waits until `count` requests came in; false after ten seconds.
    bool wait_for_requests(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(
            lock, std::chrono::seconds(10), [&] { return requests_.size() >= count; });
    }

    /// Whether a client closed its connection before it got all of its reply.
    bool wait_for_abandoned() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return abandoned_ > 0; });
    }

private:
    void accept_all() {
        for (;;) {
            const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            const std::scoped_lock lock(mutex_);
            if (peer < 0 || stopping_) {
                if (peer >= 0) ::close(peer);
                return;
            }
            peers_.push_back(peer);
            connections_.emplace_back([this, peer] { serve(peer); });
        }
    }

    void serve(int peer) {
        if (deaf()) {
            wait_stop(std::chrono::hours(1));
        } else {
            while (serve_one(peer)) {
            }
        }
        const std::scoped_lock lock(mutex_);
        std::erase(peers_, peer);
        ::close(peer);
    }

    /// True when the connection may carry another request.
    bool serve_one(int peer) {
        ImposterRequest request;
        if (!receive(peer, request)) return false;
        const auto reply = choose(request);
        const bool sent = answer(peer, reply);
        if (!sent) note_abandoned();
        return sent && reply.keep_alive;
    }

    bool deaf() {
        const std::scoped_lock lock(mutex_);
        const bool is = !script_.empty() && script_.front().trick == ImposterReply::Trick::deaf;
        if (is) script_.pop_front();
        return is;
    }

    static bool receive(int peer, ImposterRequest& request) {
        std::string bytes;
        std::size_t head_end = 0;
        while ((head_end = bytes.find("\r\n\r\n")) == std::string::npos)
            if (!read_more(peer, bytes)) return false;
        parse_head(std::string_view(bytes).substr(0, head_end), request);
        const auto length = request.headers.find("content-length");
        const std::size_t wanted =
            length == request.headers.end() ? 0 : std::stoull(length->second);
        while (bytes.size() < head_end + 4 + wanted)
            if (!read_more(peer, bytes)) return false;
        request.body = bytes.substr(head_end + 4);
        return true;
    }

    static bool read_more(int peer, std::string& bytes) {
        std::array<char, 65536> block{};
        const auto got = ::recv(peer, block.data(), block.size(), 0);
        if (got <= 0) return false;
        bytes.append(block.data(), static_cast<std::size_t>(got));
        return true;
    }

    static void parse_head(std::string_view head, ImposterRequest& request) {
        const auto line_end = head.find("\r\n");
        const auto line = head.substr(0, line_end);
        const auto first = line.find(' ');
        request.method = line.substr(0, first);
        request.target = line.substr(first + 1, line.rfind(' ') - first - 1);
        for (auto at = line_end; at != std::string_view::npos;) {
            const auto start = at + 2;
            at = head.find("\r\n", start);
            const auto header = head.substr(start, at == head.npos ? at : at - start);
            const auto colon = header.find(':');
            if (colon == std::string_view::npos) continue;
            std::string name(header.substr(0, colon));
            for (char& c : name)
                if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
            auto value = header.substr(colon + 1);
            value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
            request.headers[name] = value;
        }
    }

    ImposterReply choose(const ImposterRequest& request) {
        Answer otherwise;
        {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(request);
            changed_.notify_all();
            if (!script_.empty()) {
                auto reply = std::move(script_.front());
                script_.pop_front();
                return reply;
            }
            otherwise = otherwise_;
        }
        return otherwise ? otherwise(request) : ImposterReply{.status = 404, .body = "no script"};
    }

    /// False when the client went away before everything was sent.
    bool answer(int peer, const ImposterReply& reply) {
        using Trick = ImposterReply::Trick;
        if (reply.trick == Trick::drop) return true;
        if (reply.trick == Trick::hang) return wait_closed(peer, std::chrono::hours(1));
        if (reply.trick != Trick::drip && !wait_closed(peer, reply.pause)) return false;
        std::string head = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
        for (const auto& [name, value] : reply.headers)
            head += name + ": " + value + "\r\n";
        if (reply.trick != Trick::endless)
            head += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
        head += reply.keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
        if (!send_all(peer, head)) return false;
        switch (reply.trick) {
        case Trick::cut: return send_all(peer, reply.body.substr(0, reply.body.size() / 2));
        case Trick::head_only: return wait_closed(peer, std::chrono::hours(1));
        case Trick::drip:
            for (const char c : reply.body)
                if (!wait_closed(peer, reply.pause) || !send_all(peer, {&c, 1})) return false;
            return true;
        case Trick::endless:
            while (send_all(peer, std::string(65536, ' '))) {
            }
            return false;
        default: return send_all(peer, reply.body);
        }
    }

    static bool send_all(int peer, std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(peer, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Lets `limit` pass; false when the client closed its side or the imposter stops meanwhile.
    static bool wait_closed(int peer, std::chrono::milliseconds limit) {
        if (limit.count() <= 0) return true;
        timeval timeout{};
        timeout.tv_sec = limit.count() / 1000;
        timeout.tv_usec = limit.count() % 1000 * 1000;
        ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
        char byte = 0;
        return ::recv(peer, &byte, 1, MSG_PEEK) != 0;
    }

    void wait_stop(std::chrono::milliseconds limit) {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, limit, [this] { return stopping_; });
    }

    void note_abandoned() {
        const std::scoped_lock lock(mutex_);
        ++abandoned_;
        changed_.notify_all();
    }

    int listener_;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    int abandoned_ = 0;
    std::deque<ImposterReply> script_;
    Answer otherwise_;
    std::vector<ImposterRequest> requests_;
    std::vector<int> peers_;
    std::deque<std::jthread> connections_;
    std::jthread acceptor_;
};

} // namespace hs::test
