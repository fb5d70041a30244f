#include "pg/exclusive_pool.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hs::pg {

namespace asio = boost::asio;
using std::chrono::steady_clock;

ExclusivePool::ExclusivePool(asio::any_io_executor executor,
                             Options options,
                             Log log,
                             Histogram& wait_seconds,
                             Gauge& in_use)
    : executor_(std::move(executor)), options_(std::move(options)), log_(std::move(log)),
      wait_seconds_(wait_seconds), in_use_(in_use) {}

void ExclusivePool::acquire(Lent lent) {
    if (closed_) {
        return lent(std::make_exception_ptr(connection_error("08003", "the database is closed")),
                    nullptr);
    }
    waiting_.push_back({std::move(lent), steady_clock::now()});
    serve_waiting();
}

void ExclusivePool::serve_waiting() {
    while (!waiting_.empty() && !idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        const auto next = std::move(waiting_.front());
        waiting_.pop_front();
        wait_seconds_.observe(
            std::chrono::duration<double>(steady_clock::now() - next.since).count());
        in_use_.add(1);
        next.lent(nullptr, std::move(connection));
    }
    const auto more = [this] {
        return int(waiting_.size()) > opening_ && int(open_.size()) + opening_ < options_.most;
    };
    while (!closed_ && more()) {
        ++opening_;
        asio::co_spawn(executor_, open_one(), asio::detached);
    }
}

Task<void> ExclusivePool::open_one() {
    const auto self = shared_from_this();
    const auto connection = std::make_shared<Connection>(executor_, options_.url);
    bool failed = false;
    try {
        co_await connection->open(options_.connect_limit);
    } catch (const DatabaseError& error) {
        failed = true;
        log_.warn("database.connect_failed", {{"error", error.what()}});
    }
    if (failed && !closed_) {
        const auto pause = std::make_shared<asio::steady_timer>(executor_, backoff_.next());
        pauses_.insert(pause);
        boost::system::error_code ignored;
        co_await pause->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        pauses_.erase(pause);
    }
    --opening_;
    if (!failed) {
        backoff_.reset();
        connection->on_lost = [pool = weak_from_this(), raw = connection.get()] {
            if (const auto strong = pool.lock()) strong->forget(raw);
        };
        open_.insert(connection);
        idle_.push_back(connection);
        if (closed_) connection->close("the database is closed");
    }
    serve_waiting();
}

void ExclusivePool::forget(const Connection* connection) {
    const auto same = [connection](const auto& other) { return other.get() == connection; };
    std::erase_if(idle_, same);
    std::erase_if(open_, same);
    // Not from inside the connection that is just closing.
    asio::post(executor_, [self = shared_from_this()] { self->serve_waiting(); });
}

void ExclusivePool::give_back(const std::shared_ptr<Connection>& connection) {
    in_use_.add(-1);
    if (connection->usable() && !closed_) idle_.push_back(connection);
    serve_waiting();
}

void ExclusivePool::check_limits(steady_clock::time_point now) {
    const auto all = std::vector(open_.begin(), open_.end());
    for (const auto& connection : all)
        connection->check_limits(now);
    while (!waiting_.empty() && now - waiting_.front().since > options_.acquire_limit) {
        const auto late = std::move(waiting_.front());
        waiting_.pop_front();
        wait_seconds_.observe(
            std::chrono::duration<double>(steady_clock::now() - late.since).count());
        late.lent(std::make_exception_ptr(
                      connection_error("53300", "none was free within the acquire limit")),
                  nullptr);
    }
}

void ExclusivePool::close() {
    closed_ = true;
    for (const auto& pause : pauses_)
        pause->cancel();
    for (const auto& late : std::exchange(waiting_, {})) {
        late.lent(std::make_exception_ptr(connection_error("08003", "the database is closed")),
                  nullptr);
    }
    const auto all = std::vector(open_.begin(), open_.end());
    for (const auto& connection : all)
        connection->close("the database is closed");
}

} // namespace hs::pg
