/// Pipelined connections for single statements. Internal to src/pg; lives on a strand.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.hpp"
#include "pg/connection.hpp"

namespace hs::pg {

/// How long to wait before the next try to connect: 50 ms doubling to 2 s, jittered.
class Backoff {
public:
    [[nodiscard]] std::chrono::milliseconds next();

    void reset() { tries_ = 0; }

private:
    int tries_ = 0;
};

class Lanes : public std::enable_shared_from_this<Lanes> {
public:
    struct Options {
        std::string url;
        int count = 2;
        std::chrono::milliseconds connect_limit{5000};
        std::chrono::milliseconds acquire_limit{5000};
    };

    Lanes(boost::asio::any_io_executor executor,
          Options options,
          Log log,
          std::function<void(double seconds)> on_sent);

    /// Sends on the least busy connection, or keeps the unit until there is one. A unit that could
    /// not be sent within the acquire limit fails with 08001: it surely had no effect.
    void submit(Unit unit);
    void check_limits(std::chrono::steady_clock::time_point now);
    void close();

private:
    Task<void> keep(std::size_t index);
    void send_waiting();
    [[nodiscard]] std::shared_ptr<Connection> least_busy() const;

    boost::asio::any_io_executor executor_;
    Options options_;
    Log log_;
    std::function<void(double)> on_sent_;
    std::vector<std::shared_ptr<Connection>> connections_; // null while down
    std::vector<boost::asio::steady_timer> pauses_;        // between tries, one a connection
    std::deque<Unit> waiting_;
    bool started_ = false;
    bool closed_ = false;
};

/// Connects, then waits until the connection is lost. Throws DatabaseError when it cannot connect.
/// `on_open` runs when it is up.
Task<void> hold_connection(std::shared_ptr<Connection> connection,
                           boost::asio::any_io_executor executor,
                           std::chrono::milliseconds connect_limit,
                           std::function<void()> on_open);

} // namespace hs::pg
