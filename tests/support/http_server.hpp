/// A real hs::http::Server on loopback for tests, and a client that sends exact bytes.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.hpp"
#include "http/server.hpp"

namespace hs::test {

class MemoryLog final : public LogSink {
public:
    void write(std::string line) override {
        const std::scoped_lock lock(mutex_);
        text_ += line;
    }

    [[nodiscard]] std::string text() const {
        const std::scoped_lock lock(mutex_);
        return text_;
    }

private:
    mutable std::mutex mutex_;
    std::string text_;
};

/// Starts on a free port; ends everything in the order the server asks for.
class HttpServer {
public:
    explicit HttpServer(http::Router router, http::ServerOptions options = {}, int threads = 2)
        : cpu_(2) {
        options.port = 0;
        if (options.spool.empty()) options.spool = std::filesystem::temp_directory_path();
        std::vector<boost::asio::io_context*> pointers;
        for (int i = 0; i < threads; ++i) {
            contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
            guards_.push_back(boost::asio::make_work_guard(*contexts_.back()));
            pointers.push_back(contexts_.back().get());
        }
        server_ = std::make_unique<http::Server>(pointers,
                                                 cpu_,
                                                 std::move(options),
                                                 std::move(router),
                                                 Log(log_, LogLevel::info),
                                                 metrics_);
        server_->start();
        for (auto& context : contexts_)
            threads_.emplace_back([c = context.get()] { c->run(); });
    }

    ~HttpServer() {
        drain(std::chrono::seconds(5));
        for (auto& context : contexts_)
            context->stop();
        threads_.clear();
        cpu_.join();
        server_.reset();
    }

    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    void drain(std::chrono::seconds limit) { start_drain(limit).get(); }

    std::future<void> start_drain(std::chrono::seconds limit) {
        return boost::asio::co_spawn(
            *contexts_.front(), server_->drain(limit), boost::asio::use_future);
    }

    [[nodiscard]] std::uint16_t port() const { return server_->port(); }

    [[nodiscard]] std::string host() const { return "127.0.0.1:" + std::to_string(port()); }

    [[nodiscard]] std::string log() const { return log_->text(); }

    [[nodiscard]] Metrics& metrics() { return metrics_; }

    [[nodiscard]] http::Server& server() { return *server_; }

private:
    CpuPool cpu_;
    Metrics metrics_;
    std::shared_ptr<MemoryLog> log_ = std::make_shared<MemoryLog>();
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
    std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards_;
    std::unique_ptr<http::Server> server_;
    std::vector<std::jthread> threads_;
};

struct HttpReply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers; // names lower case
    std::string body;

    /// All values of the header joined by a comma; empty when absent.
    [[nodiscard]] std::string header(std::string_view name) const {
        std::string joined;
        for (const auto& [key, value] : headers)
            if (key == name) joined += (joined.empty() ? "" : ", ") + value;
        return joined;
    }
};

/// One TCP connection with exact control over what is sent. Waits at most 10 s for anything.
class HttpClient {
public:
    explicit HttpClient(std::uint16_t port, int receive_buffer = 0)
        : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (receive_buffer > 0)
            ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ =
            ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }

    ~HttpClient() { ::close(fd_); }

    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    [[nodiscard]] bool connected() const { return connected_; }

    /// False when the server has closed.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    void end_sending() { ::shutdown(fd_, SHUT_WR); }

    /// Everything until the server closes; nullopt when it does not.
    std::optional<std::string> read_to_end() {
        while (receive()) {
        }
        if (!ended_) return std::nullopt;
        return std::exchange(buffer_, {});
    }

    /// One reply; nullopt when none comes whole. `bodiless`: the reply to a HEAD.
    std::optional<HttpReply> read_reply(bool bodiless = false) {
        std::size_t head_end = std::string::npos;
        while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos)
            if (!receive()) return std::nullopt;
        HttpReply reply = parse_head(std::string_view(buffer_).substr(0, head_end));
        buffer_.erase(0, head_end + 4);
        const auto length = reply.header("content-length");
        const std::size_t wanted = bodiless || length.empty() ? 0 : std::stoull(length);
        while (buffer_.size() < wanted)
            if (!receive()) return std::nullopt;
        reply.body = buffer_.substr(0, wanted);
        buffer_.erase(0, wanted);
        return reply;
    }

    /// True when the server closes without sending anything more.
    bool closed() {
        const auto rest = read_to_end();
        return rest && rest->empty();
    }

    /// A reply has begun that did not end.
    [[nodiscard]] bool has_partial() const { return !buffer_.empty(); }

    static HttpReply parse_head(std::string_view text) {
        HttpReply reply;
        const auto lines = split(text, '\n');
        reply.status = std::stoi(std::string(lines.at(0).substr(9, 3)));
        for (std::size_t i = 1; i < lines.size(); ++i) {
            const auto colon = lines[i].find(':');
            reply.headers.emplace_back(to_lower(lines[i].substr(0, colon)),
                                       trim(lines[i].substr(colon + 1)));
        }
        return reply;
    }

private:
    bool receive() {
        pollfd wait{fd_, POLLIN, 0};
        if (::poll(&wait, 1, 10'000) <= 0) return false;
        char bytes[16384];
        const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
        if (got > 0) {
            buffer_.append(bytes, static_cast<std::size_t>(got));
            return true;
        }
        ended_ = true; // closed, or reset: both end the connection
        return false;
    }

    int fd_;
    bool connected_ = false;
    bool ended_ = false;
    std::string buffer_;
};

/// "GET /x HTTP/1.1" with the right Host and `headers` ("A: b\r\n…"), then `body`.
inline std::string http_request(const HttpServer& server,
                                std::string_view line,
                                std::string_view headers = "",
                                std::string_view body = "") {
    std::string text(line);
    text += " HTTP/1.1\r\nHost: " + server.host() + "\r\n" + std::string(headers);
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + std::string(body);
}

/// One request on a connection of its own.
inline HttpReply ask(const HttpServer& server,
                     std::string_view line,
                     std::string_view headers = "",
                     std::string_view body = "") {
    HttpClient client(server.port());
    client.send(http_request(server, line, headers, body));
    return client.read_reply(line.starts_with("HEAD")).value_or(HttpReply{});
}

inline http::Handler fixed_reply(std::string body) {
    return
        [body](http::Request) -> Task<http::Response> { co_return http::json_response(200, body); };
}

inline http::Route get_route(std::string pattern, http::Handler handler) {
    http::Route route;
    route.pattern = std::move(pattern);
    route.permission = "open";
    route.handler = std::move(handler);
    return route;
}

inline http::Route post_route(std::string pattern, http::BodyKind body, http::Handler handler) {
    auto route = get_route(std::move(pattern), std::move(handler));
    route.method = http::Method::post;
    route.body = body;
    return route;
}

} // namespace hs::test
