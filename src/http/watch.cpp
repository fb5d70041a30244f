#include "http/watch.hpp"

#include <boost/asio/steady_timer.hpp>

namespace hs::http {

struct Watch::State {
    State(boost::asio::any_io_executor executor, std::function<void()> action)
        : timer(std::move(executor)), on_expiry(std::move(action)) {}

    boost::asio::steady_timer timer;
    std::function<void()> on_expiry;
    Instant deadline = Instant::max();
    bool armed = false;
    bool expired = false;
};

Watch::Watch(boost::asio::any_io_executor executor, std::function<void()> on_expiry)
    : state_(std::make_shared<State>(std::move(executor), std::move(on_expiry))) {}

Watch::~Watch() {
    state_->on_expiry = nullptr;
    state_->timer.cancel();
}

void Watch::until(Instant deadline) {
    state_->expired = false;
    state_->deadline = deadline;
    if (deadline == Instant::max()) return;
    if (!state_->armed || deadline < state_->timer.expiry()) arm(state_);
}

void Watch::off() {
    until(Instant::max());
}

bool Watch::expired() const {
    return state_->expired;
}

void Watch::arm(const std::shared_ptr<State>& state) {
    state->armed = true;
    state->timer.expires_at(state->deadline); // ends an earlier wait with an error
    state->timer.async_wait([state](const boost::system::error_code& ec) {
        if (ec) return;
        state->armed = false;
        if (!state->on_expiry || state->deadline == Instant::max()) return;
        if (std::chrono::steady_clock::now() < state->deadline) {
            arm(state);
            return;
        }
        state->expired = true;
        state->deadline = Instant::max();
        state->on_expiry();
    });
}

} // namespace hs::http
