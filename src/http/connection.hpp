/// One client connection: reads requests one after the other and answers them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/cpu_pool.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "http/channel.hpp"
#include "http/dispatch.hpp"
#include "http/framing.hpp"
#include "http/server.hpp"

namespace hs::http {

/// What all connections of a server share.
struct ConnectionContext {
    const ServerOptions& options;
    const Dispatcher& dispatcher;
    CpuPool& cpu;
    Metrics& metrics;
    Gauge& in_flight;
    Counter& ingest_bytes;
    const std::atomic<bool>& draining;
};

class Connection {
public:
    Connection(boost::asio::ip::tcp::socket socket, ConnectionContext context);

    /// Serves until the client or a rule ends the connection.
    Task<void> run();

    /// Called on the connection's thread when the server drains: an idle connection ends now, one
    /// that never sent a request soon, one at work after its answer.
    void drain();
    /// Ends the connection whatever it does.
    void abort();

private:
    Task<bool> wait_for_request();
    Task<bool> serve();
    Task<Result<RequestHead>> read_head(RequestFraming& framing);
    Task<void> prepare(Exchange& exchange, RequestFraming& framing);
    Task<bool> reply(Exchange& exchange, Response& response, bool keep_alive);
    Task<Result<Bytes>> read_chunk(const StreamBody& stream, std::uint64_t offset);
    Task<bool>
    write_stream(const Exchange& exchange, const Response& response, Bytes chunk, bool keep_alive);
    /// Piece by piece until the body ends, the client is gone or the server drains.
    Task<bool> write_live(const Response& response);
    Task<void> compress(const Request& request, Response& response);
    void record(const Exchange& exchange, int status, Instant started) const;

    ConnectionContext context_;
    Channel channel_;
    std::string remote_address_;
    bool idle_ = false;
    bool served_ = false;             // at least one request
    std::function<void()> stop_live_; // while a live body is being sent
};

} // namespace hs::http
