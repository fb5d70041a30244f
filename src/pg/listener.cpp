#include "pg/listener.hpp"

#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hs::pg {

namespace asio = boost::asio;

namespace {

std::string quoted_identifier(const std::string& name) {
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

} // namespace

Listener::Listener(asio::any_io_executor executor,
                   std::string url,
                   std::chrono::milliseconds connect_limit,
                   Log log)
    : executor_(std::move(executor)), url_(std::move(url)), connect_limit_(connect_limit),
      log_(std::move(log)), pause_(executor_) {}

void Listener::add(Subscription subscription) {
    if (closed_) return subscription.on_end();
    const auto channel = subscription.channel;
    subscriptions_.push_back(std::move(subscription));
    if (!std::exchange(started_, true)) {
        asio::co_spawn(executor_, keep(), asio::detached);
    } else if (connection_ && connection_->usable()) {
        send_listen(channel);
    }
}

void Listener::send_listen(const std::string& channel) {
    Unit unit;
    unit.steps.push_back({"", "LISTEN " + quoted_identifier(channel), {}});
    // Whatever was told before LISTEN took effect is lost: the empty note says "look yourself".
    unit.done = [self = weak_from_this(), channel](const std::exception_ptr& failed, const Rows&) {
        const auto listener = self.lock();
        if (failed || !listener) return;
        for (const auto& each : listener->subscriptions_) {
            if (each.channel == channel) each.on_note("");
        }
    };
    connection_->submit(std::move(unit));
}

Task<void> Listener::keep() {
    const auto self = shared_from_this();
    Backoff backoff;
    while (!closed_) {
        connection_ = std::make_shared<Connection>(executor_, url_);
        const std::function<void()> on_open = [&] {
            backoff.reset();
            if (closed_) return connection_->close("the database is closed");
            connection_->on_note = [this](const std::string& channel, const std::string& payload) {
                for (const auto& each : subscriptions_) {
                    if (each.channel == channel) each.on_note(payload);
                }
            };
            for (std::size_t i = 0; i < subscriptions_.size(); ++i) {
                send_listen(subscriptions_[i].channel);
            }
        };
        try {
            co_await hold_connection(connection_, executor_, connect_limit_, on_open);
        } catch (const DatabaseError& error) {
            log_.warn("database.connect_failed", {{"error", error.what()}});
        }
        connection_ = nullptr;
        if (closed_) break;
        pause_.expires_after(backoff.next());
        boost::system::error_code ignored;
        co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
}

void Listener::check_limits(std::chrono::steady_clock::time_point now) {
    if (const auto connection = connection_) connection->check_limits(now);
}

void Listener::close() {
    closed_ = true;
    pause_.cancel();
    if (const auto connection = connection_) connection->close("the database is closed");
    for (const auto& each : std::exchange(subscriptions_, {}))
        each.on_end();
}

} // namespace hs::pg
