#include "pg/lanes.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hs::pg {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

/// Beyond this a further unit waits: what a broken connection takes down stays small.
constexpr std::size_t most_in_flight = 64;

} // namespace

milliseconds Backoff::next() {
    thread_local std::minstd_rand random(std::random_device{}());
    const auto ceiling = std::min(2000, 50 << std::min(tries_, 6));
    ++tries_;
    return milliseconds(std::uniform_int_distribution(ceiling / 2, ceiling)(random));
}

Task<void> hold_connection(std::shared_ptr<Connection> connection,
                           asio::any_io_executor executor,
                           milliseconds connect_limit,
                           std::function<void()> on_open) {
    co_await connection->open(connect_limit);
    const auto lost =
        std::make_shared<asio::steady_timer>(executor, steady_clock::time_point::max());
    connection->on_lost = [lost] { lost->cancel(); };
    on_open();
    boost::system::error_code ignored;
    if (connection->usable()) {
        co_await lost->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

Lanes::Lanes(asio::any_io_executor executor,
             Options options,
             Log log,
             std::function<void(double)> on_sent)
    : executor_(std::move(executor)), options_(std::move(options)), log_(std::move(log)),
      on_sent_(std::move(on_sent)), connections_(std::size_t(options_.count)) {
    for (std::size_t i = 0; i < connections_.size(); ++i)
        pauses_.emplace_back(executor_);
}

void Lanes::submit(Unit unit) {
    if (closed_) {
        unit.done(std::make_exception_ptr(connection_error("08003", "the database is closed")),
                  Rows());
        return;
    }
    if (!std::exchange(started_, true)) {
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            asio::co_spawn(executor_, keep(i), asio::detached);
        }
    }
    waiting_.push_back(std::move(unit));
    send_waiting();
}

std::shared_ptr<Connection> Lanes::least_busy() const {
    std::shared_ptr<Connection> best;
    for (const auto& connection : connections_) {
        if (!connection || !connection->usable()) continue;
        if (!best || connection->in_flight() < best->in_flight()) best = connection;
    }
    return best && best->in_flight() < most_in_flight ? best : nullptr;
}

void Lanes::send_waiting() {
    while (!waiting_.empty()) {
        const auto connection = least_busy();
        if (!connection) return;
        auto unit = std::move(waiting_.front());
        waiting_.pop_front();
        const auto now = steady_clock::now();
        on_sent_(std::chrono::duration<double>(now - unit.made).count());
        unit.made = now;
        // Room on the connection is what the next waiting unit waits for.
        unit.done = [self = weak_from_this(), done = std::move(unit.done)](auto error, Rows rows) {
            done(error, std::move(rows));
            if (const auto lanes = self.lock(); lanes && !lanes->waiting_.empty()) {
                asio::post(lanes->executor_, [lanes] { lanes->send_waiting(); });
            }
        };
        connection->submit(std::move(unit));
    }
}

Task<void> Lanes::keep(std::size_t index) {
    const auto self = shared_from_this();
    Backoff backoff;
    while (!closed_) {
        connections_[index] = std::make_shared<Connection>(executor_, options_.url);
        bool opened = false;
        const std::function<void()> on_open = [&] {
            opened = true;
            backoff.reset();
            if (closed_) return connections_[index]->close("the database is closed");
            send_waiting();
        };
        try {
            co_await hold_connection(
                connections_[index], executor_, options_.connect_limit, on_open);
        } catch (const DatabaseError& error) {
            log_.warn("database.connect_failed", {{"error", error.what()}});
        }
        connections_[index] = nullptr;
        if (closed_) break;
        if (opened) log_.warn("database.connection_lost");
        pauses_[index].expires_after(backoff.next());
        boost::system::error_code ignored;
        co_await pauses_[index].async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void Lanes::check_limits(steady_clock::time_point now) {
    for (const auto& connection : std::vector(connections_)) {
        if (connection) connection->check_limits(now);
    }
    while (!waiting_.empty() && now - waiting_.front().made > options_.acquire_limit) {
        const auto unit = std::move(waiting_.front());
        waiting_.pop_front();
        unit.done(std::make_exception_ptr(
                      connection_error("08001", "none was free within the acquire limit")),
                  Rows());
    }
}

void Lanes::close() {
    closed_ = true;
    for (const auto& unit : std::exchange(waiting_, {})) {
        unit.done(std::make_exception_ptr(connection_error("08003", "the database is closed")),
                  Rows());
    }
    for (auto& timer : pauses_)
        timer.cancel();
    for (const auto& connection : std::vector(connections_)) {
        if (connection) connection->close("the database is closed");
    }
}

} // namespace hs::pg
