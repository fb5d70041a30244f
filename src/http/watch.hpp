/// One movable deadline of a connection. The timer is re-armed lazily, so that moving the deadline
/// before every read costs nothing.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

namespace hs::http {

using Instant = std::chrono::steady_clock::time_point;

class Watch {
public:
    /// `on_expiry` runs on `executor` when the deadline passes.
    Watch(boost::asio::any_io_executor executor, std::function<void()> on_expiry);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void until(Instant deadline);
    void off();
    /// The deadline passed since it was last set.
    [[nodiscard]] bool expired() const;

private:
    struct State;
    static void arm(const std::shared_ptr<State>& state);

    std::shared_ptr<State> state_;
};

} // namespace hs::http
