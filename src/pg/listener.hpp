/// LISTEN on a connection of its own, connected again whenever it is lost. Internal to src/pg.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.hpp"
#include "pg/connection.hpp"
#include "pg/lanes.hpp"

namespace hs::pg {

class Listener : public std::enable_shared_from_this<Listener> {
public:
    struct Subscription {
        std::string channel;
        std::function<void(std::string)> on_note; // called on the strand; must only post
        std::function<void()> on_end;
    };

    Listener(boost::asio::any_io_executor executor,
             std::string url,
             std::chrono::milliseconds connect_limit,
             Log log);

    void add(Subscription subscription);
    void check_limits(std::chrono::steady_clock::time_point now);
    void close();

private:
    Task<void> keep();
    void send_listen(const std::string& channel);

    boost::asio::any_io_executor executor_;
    std::string url_;
    std::chrono::milliseconds connect_limit_;
    Log log_;
    std::vector<Subscription> subscriptions_;
    std::shared_ptr<Connection> connection_;
    boost::asio::steady_timer pause_;
    bool started_ = false;
    bool closed_ = false;
};

} // namespace hs::pg
