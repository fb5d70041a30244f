#include "http/server.hpp"

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <unordered_set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fcntl.h>

#include "http/connection.hpp"
#include "http/dispatch.hpp"
#include "http/reply_head.hpp"

namespace hs::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using reuse_port = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

namespace {

/// Connections waiting to be accepted; the kernel cuts it to its own limit.
constexpr int backlog = 1024;
/// Out of descriptors: wait for one to come free instead of spinning.
constexpr std::chrono::milliseconds accept_pause{50};

[[noreturn]] void cannot_listen(const tcp::endpoint& endpoint, const error_code& ec) {
    throw std::runtime_error("cannot listen on " + endpoint.address().to_string() + " port " +
                             std::to_string(endpoint.port()) + ": " + ec.message());
}

tcp::acceptor listen(asio::io_context& context, const tcp::endpoint& endpoint, bool share_port) {
    tcp::acceptor acceptor(context);
    error_code ec;
    acceptor.open(endpoint.protocol(), ec);
    if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
    if (!ec && share_port) acceptor.set_option(reuse_port(true), ec);
    if (!ec) acceptor.bind(endpoint, ec);
    if (!ec) acceptor.listen(backlog, ec);
    // A child program that outlives us must not keep the port.
    if (!ec) static_cast<void>(::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC));
    if (ec) cannot_listen(endpoint, ec);
    return acceptor;
}

/// Our own acceptors share the port; a probe that does not share finds another program there.
tcp::endpoint probe(asio::io_context& context, const ServerOptions& options) {
    error_code ec;
    const auto address = asio::ip::make_address(options.address, ec);
    if (ec) throw std::runtime_error("not an IP address to listen on: " + options.address);
    return listen(context, tcp::endpoint(address, options.port), false).local_endpoint();
}

std::string what_of(std::exception_ptr failure) {
    try {
        std::rethrow_exception(std::move(failure));
    } catch (const std::exception& error) {
        return error.what();
    } catch (...) {
        return "unknown exception";
    }
}

} // namespace

/// One I/O thread's part of the server; touched on that thread only.
struct Worker {
    asio::io_context& context;
    std::optional<tcp::acceptor> acceptor; // none once the server is destroyed
    std::unordered_set<Connection*> connections;
};

struct Server::State : std::enable_shared_from_this<State> {
    State(CpuPool& cpu_pool, ServerOptions server_options, Log server_log, Metrics& registry)
        : options(std::move(server_options)), cpu(cpu_pool), log(std::move(server_log)),
          metrics(registry), in_flight(registry.gauge("hacksmart_http_requests_in_flight",
                                                      "Requests being read, handled or answered")),
          ingest_bytes(
              registry.counter("hacksmart_ingest_bytes_total", "Bytes of forms received")) {}

    void start();
    Task<void> accept_loop(Worker& worker);
    void accept_waiting(Worker& worker);
    void admit(Worker& worker, tcp::socket socket);
    Task<void> serve(Worker& worker, tcp::socket socket);
    void refuse(tcp::socket socket) const;
    void stop(Worker& worker);
    void left();
    Task<void> wait_until_empty(std::chrono::milliseconds limit);

    ServerOptions options;
    CpuPool& cpu;
    Log log;
    Metrics& metrics;
    Gauge& in_flight;
    Counter& ingest_bytes;
    std::unique_ptr<Dispatcher> dispatcher;
    std::vector<std::unique_ptr<Worker>> workers;
    std::uint16_t port = 0;
    std::atomic<bool> draining{false};
    std::atomic<std::size_t> connections{0};
    std::atomic<std::size_t> live{0}; // accept loops and connections
    std::mutex mutex;
    std::shared_ptr<asio::steady_timer> emptied; // guarded by mutex; cancelled when live is 0
};

void Server::State::start() {
    for (auto& worker : workers) {
        ++live;
        auto self = shared_from_this();
        asio::co_spawn(worker->context, accept_loop(*worker), [self](std::exception_ptr failure) {
            if (failure) self->log.error("server.accept_failed", {{"error", what_of(failure)}});
            self->left();
        });
    }
}

Task<void> Server::State::accept_loop(Worker& worker) {
    asio::steady_timer pause(worker.context);
    while (!draining) {
        error_code ec;
        auto socket =
            co_await worker.acceptor->async_accept(asio::redirect_error(asio::use_awaitable, ec));
        if (!ec) {
            admit(worker, std::move(socket));
            continue;
        }
        if (!worker.acceptor->is_open() || draining) break;
        log.warn("server.accept_failed", {{"error", ec.message()}});
        pause.expires_after(accept_pause);
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
}

void Server::State::admit(Worker& worker, tcp::socket socket) {
    static_cast<void>(::fcntl(socket.native_handle(), F_SETFD, FD_CLOEXEC));
    if (connections.load() >= options.max_connections) {
        refuse(std::move(socket));
        return;
    }
    ++connections;
    ++live;
    auto self = shared_from_this();
    asio::co_spawn(
        worker.context, serve(worker, std::move(socket)), [self](std::exception_ptr failure) {
            if (failure) self->log.error("connection.failed", {{"error", what_of(failure)}});
            --self->connections;
            self->left();
        });
}

Task<void> Server::State::serve(Worker& worker, tcp::socket socket) {
    const ConnectionContext context{
        options, *dispatcher, cpu, metrics, in_flight, ingest_bytes, draining};
    Connection connection(std::move(socket), context);
    worker.connections.insert(&connection);
    std::exception_ptr failure;
    try {
        co_await connection.run();
    } catch (...) { // the list must not keep a dead connection
        failure = std::current_exception();
    }
    worker.connections.erase(&connection);
    if (failure) std::rethrow_exception(failure);
}

/// One try to tell why, without waiting for the peer.
void Server::State::refuse(tcp::socket socket) const {
    auto exchange = dispatcher->unreadable(Error{ErrorKind::unavailable,
                                                 "server.overloaded",
                                                 "There are too many connections.",
                                                 std::chrono::seconds(1)},
                                           "");
    dispatcher->complete(exchange, *exchange.answer);
    const auto text =
        reply_head(*exchange.answer, exchange.answer->body.size(), false) + exchange.answer->body;
    error_code ec;
    socket.non_blocking(true, ec);
    if (!ec) socket.write_some(asio::buffer(text), ec);
    socket.shutdown(tcp::socket::shutdown_send, ec);
}

/// Connections the kernel has accepted for us would be reset by closing: they are taken first.
void Server::State::accept_waiting(Worker& worker) {
    error_code ec;
    worker.acceptor->non_blocking(true, ec);
    while (!ec) {
        auto socket = worker.acceptor->accept(ec);
        if (!ec) admit(worker, std::move(socket));
    }
}

void Server::State::stop(Worker& worker) {
    if (!worker.acceptor->is_open()) return;
    accept_waiting(worker);
    error_code ignored;
    worker.acceptor->close(ignored);
    for (auto* connection : worker.connections)
        connection->drain();
}

void Server::State::left() {
    if (--live > 0) return;
    const std::scoped_lock lock(mutex);
    if (!emptied) return;
    asio::post(emptied->get_executor(), [timer = emptied] { timer->cancel(); });
}

Task<void> Server::State::wait_until_empty(std::chrono::milliseconds limit) {
    auto timer = std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, limit);
    {
        const std::scoped_lock lock(mutex);
        emptied = timer;
    }
    error_code ec;
    // left() posts its cancel to this executor, so it cannot fall between the check and the wait.
    if (live.load() > 0) co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, ec));
    const std::scoped_lock lock(mutex);
    emptied.reset();
}

Server::Server(std::vector<asio::io_context*> contexts,
               CpuPool& cpu,
               ServerOptions options,
               Router router,
               Log log,
               Metrics& metrics)
    : state_(std::make_shared<State>(cpu, std::move(options), log, metrics)) {
    const auto endpoint = probe(*contexts.at(0), state_->options);
    for (auto* context : contexts)
        state_->workers.push_back(
            std::make_unique<Worker>(Worker{*context, listen(*context, endpoint, true), {}}));
    state_->port = endpoint.port();
    state_->dispatcher = std::make_unique<Dispatcher>(
        state_->options, std::move(router), std::move(log), state_->port);
}

/// Coroutines that were never ended keep the state alive; its acceptors must not outlive contexts.
Server::~Server() {
    for (auto& worker : state_->workers)
        worker->acceptor.reset();
}

void Server::start() {
    state_->start();
}

std::uint16_t Server::port() const {
    return state_->port;
}

bool Server::draining() const {
    return state_->draining;
}

Task<void> Server::drain(std::chrono::seconds limit) {
    auto state = state_;
    state->draining = true;
    for (auto& worker : state->workers)
        asio::post(worker->context, [state, w = worker.get()] { state->stop(*w); });
    co_await state->wait_until_empty(limit);
    if (state->live.load() == 0) co_return;
    state->log.warn("server.drain_cut", {{"connections", state->connections.load()}});
    for (auto& worker : state->workers)
        asio::post(worker->context, [state, w = worker.get()] {
            for (auto* connection : w->connections)
                connection->abort();
        });
    co_await state->wait_until_empty(std::chrono::seconds(1));
}

} // namespace hs::http
