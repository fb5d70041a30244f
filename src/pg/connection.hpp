/// One asynchronous connection in pipeline mode. Internal to src/pg.
///
/// A unit is a few statements followed by one Sync: sent together, answered together. Everything
/// here runs on the executor given (a strand); nothing is locked.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/task.hpp"
#include "pg/session.hpp"

struct pg_conn;
struct pg_result;

namespace hs::pg {

struct Step {
    std::string name; // of the prepared statement; empty: sent unnamed
    std::string sql;
    Params params;
};

/// What is sent up to one Sync. `done` is called once, with the rows of the last step.
struct Unit {
    std::vector<Step> steps;
    std::chrono::milliseconds limit{5000}; // beyond it the connection counts as dead
    std::function<void(std::exception_ptr, Rows)> done;
    std::chrono::steady_clock::time_point made = std::chrono::steady_clock::now();
};

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(boost::asio::any_io_executor executor, std::string url);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Connects; throws DatabaseError 08001 (or what the server said) after `limit` at the latest.
    Task<void> open(std::chrono::milliseconds limit);
    /// Sends the unit now. When the connection breaks, `done` gets DatabaseError 08006.
    void submit(Unit unit);
    /// Breaks the connection on purpose; all units in flight fail.
    void close(const std::string& why);
    /// Breaks the connection when the oldest unit is beyond its limit.
    void check_limits(std::chrono::steady_clock::time_point now);

    [[nodiscard]] bool usable() const { return usable_; }

    [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); }

    std::function<void()> on_lost;                                 // called once, after open()
    std::function<void(std::string channel, std::string)> on_note; // NOTIFY

private:
    struct Sent {
        Unit unit;
        std::vector<std::string> commands; // name being prepared, or empty for an execution
        std::size_t at = 0;                // command whose results arrive now
        bool got_result = false;
        std::exception_ptr error;
        Rows rows;
    };

    void attach_socket();
    Task<void> wait_socket(bool for_write);
    void send_steps(Sent& sent);
    bool send_step(Sent& sent, const Step& step);
    void flush();
    void await_readable();
    void on_readable();
    void read_results();
    void take_result(Sent& sent, pg_result* result);
    void finish_front();

    boost::asio::any_io_executor executor_;
    std::string url_;
    pg_conn* conn_ = nullptr;
    boost::asio::posix::stream_descriptor socket_;
    bool usable_ = false;
    bool writing_ = false;
    std::deque<Sent> in_flight_;
    std::map<std::string, bool> prepared_; // name -> answered (false: still on its way)
};

/// DatabaseError made from a failed result; `statement` says which one for logs.
[[nodiscard]] DatabaseError error_of(const pg_result* result, const std::string& statement);
[[nodiscard]] DatabaseError connection_error(const char* sqlstate, const std::string& why);
} // namespace hs::pg
