/// HTTP/1.1 server on Asio with Beast's parser: one coroutine a connection, limits and time-outs on
/// every phase.
///
/// HEAD, OPTIONS, CORS, 405, problem+json for everything that goes wrong, request ids, gzip and
/// security headers are done here, once, so that handlers see only clean requests.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/cpu_pool.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "http/router.hpp"

namespace hs::http {

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080; // 0: any free port
    std::filesystem::path spool;
    std::vector<std::string> allowed_origins; // exact, or "*"
    bool local_mode = true;                   // Host, Origin and proxy-header rules of security 2.1
    Principal local_principal;
    std::uint64_t max_upload_bytes = 200u << 20;
    std::uint64_t max_json_bytes = 1u << 20;
    std::chrono::milliseconds header_limit{10'000};
    std::chrono::milliseconds idle_limit{60'000}; // keep-alive
    std::chrono::milliseconds upload_limit{900'000};
    std::chrono::milliseconds write_stall_limit{30'000};
    std::size_t min_upload_bytes_per_second = 8192; // over upload_rate_window
    std::chrono::milliseconds upload_rate_window{15'000};
    /// After an early refusal the rest of the request is read and dropped, so that the client gets
    /// to see the answer instead of a reset connection.
    std::chrono::milliseconds linger_limit{1'000};
    std::size_t linger_bytes = 1u << 20;
    std::size_t max_connections = 4096;
    /// What a handler's exception means to the client (a lost database: 503). nullopt, or no
    /// function: 500 and a log line.
    std::function<std::optional<Error>(std::exception_ptr)> translate_exception;
};

/// Whoever stops the program: drain(), stop the contexts, join their threads and the CPU pool, and
/// only then destroy server, contexts, pool and metrics.
class Server {
public:
    /// One io_context per I/O thread; each gets its own acceptor (SO_REUSEPORT).
    /// Throws std::runtime_error with a plain sentence when the address cannot be bound.
    Server(std::vector<boost::asio::io_context*> contexts,
           CpuPool& cpu,
           ServerOptions options,
           Router router,
           Log log,
           Metrics& metrics);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start();
    [[nodiscard]] std::uint16_t port() const;
    /// Readiness turns 503, no new connections; requests in flight may end within `limit`.
    Task<void> drain(std::chrono::seconds limit);
    [[nodiscard]] bool draining() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace hs::http
