/// Connections lent to one transaction at a time. Internal to src/pg; lives on a strand.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "pg/connection.hpp"
#include "pg/lanes.hpp"

namespace hs::pg {

class ExclusivePool : public std::enable_shared_from_this<ExclusivePool> {
public:
    struct Options {
        std::string url;
        int most = 8;
        std::chrono::milliseconds connect_limit{5000};
        std::chrono::milliseconds acquire_limit{5000};
    };

    using Lent = std::function<void(std::exception_ptr, std::shared_ptr<Connection>)>;

    ExclusivePool(boost::asio::any_io_executor executor,
                  Options options,
                  Log log,
                  Histogram& wait_seconds,
                  Gauge& in_use);

    /// `lent` gets a connection, or DatabaseError 53300 after the acquire limit.
    void acquire(Lent lent);
    /// Takes a connection back; it must not be inside a transaction.
    void give_back(const std::shared_ptr<Connection>& connection);
    void check_limits(std::chrono::steady_clock::time_point now);
    void close();

private:
    struct Waiting {
        Lent lent;
        std::chrono::steady_clock::time_point since;
    };

    void serve_waiting();
    Task<void> open_one();
    void forget(const Connection* connection);

    boost::asio::any_io_executor executor_;
    Options options_;
    Log log_;
    Histogram& wait_seconds_;
    Gauge& in_use_;
    std::set<std::shared_ptr<Connection>> open_; // lent ones too
    std::vector<std::shared_ptr<Connection>> idle_;
    std::deque<Waiting> waiting_;
    std::set<std::shared_ptr<boost::asio::steady_timer>> pauses_; // after failed tries
    Backoff backoff_;
    int opening_ = 0;
    bool closed_ = false;
};

} // namespace hs::pg
