#include "pipeline/provider_limits.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hs::pipeline {

namespace asio = boost::asio;
using std::chrono::seconds;

namespace {

constexpr double repeats_a_minute = 5;
constexpr double repeats_a_success = 0.1;
constexpr double most_saved_repeats = 20;
constexpr int most_to_begin_with = 4;
constexpr int replies_that_tell = 16;
constexpr seconds never_too_long{1};
constexpr double about_twice = 1.9; // a mean comes close and no closer

} // namespace

/// Woken by its timer's end, on the executor of the coroutine that waits.
struct ProviderLimits::Waiter : std::enable_shared_from_this<Waiter> {
    explicit Waiter(const asio::any_io_executor& executor)
        : timer(executor, asio::steady_timer::time_point::max()) {}

    void wake() {
        asio::post(timer.get_executor(), [self = shared_from_this()] { self->timer.cancel(); });
    }

    asio::steady_timer timer;
    bool admitted = false; // guarded by the mutex of the limits
};

ProviderLimits::ProviderLimits(int at_once)
    : most_(std::max(1, at_once)), first_(std::min(most_, most_to_begin_with)), at_once_(first_),
      repeats_(repeats_a_minute) {}

ProviderLimits::~ProviderLimits() = default;

int ProviderLimits::at_once() const {
    const std::lock_guard lock(mutex_);
    return at_once_;
}

Task<bool> ProviderLimits::enter(std::stop_token stop) {
    const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(waiter);
        admit();
        if (waiter->admitted) co_return true;
    }
    const std::stop_callback stopped(stop, [waiter] { waiter->wake(); });
    boost::system::error_code woken;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    const std::lock_guard lock(mutex_);
    if (!waiter->admitted) std::erase(waiting_, waiter);
    co_return waiter->admitted;
}

void ProviderLimits::leave() {
    const std::lock_guard lock(mutex_);
    --inside_;
    admit();
}

void ProviderLimits::admit() {
    while (inside_ < at_once_ && !waiting_.empty()) {
        waiting_.front()->admitted = true;
        waiting_.front()->wake();
        waiting_.pop_front();
        ++inside_;
    }
}

void ProviderLimits::refill(Instant now) {
    if (refilled_) {
        const std::chrono::duration<double> passed = now - *refilled_;
        const double earned = passed.count() * repeats_a_minute / 60;
        // Time alone fills up to a minute's worth; what successes earned above that stays.
        if (repeats_ < repeats_a_minute) repeats_ = std::min(repeats_a_minute, repeats_ + earned);
    }
    refilled_ = now;
}

bool ProviderLimits::may_repeat(Instant now) {
    const std::lock_guard lock(mutex_);
    refill(now);
    if (repeats_ < 1) return false;
    repeats_ -= 1;
    return true;
}

void ProviderLimits::succeeded(Instant now) {
    const std::lock_guard lock(mutex_);
    refill(now);
    repeats_ = std::min(most_saved_repeats, repeats_ + repeats_a_success);
}

bool ProviderLimits::has_slowed(std::chrono::duration<double> took, double units) {
    const std::lock_guard lock(mutex_);
    const double now = took.count() / std::max(1.0, units);
    if (replies_ == 0) usual_ = recent_ = now;
    // What is far from usual must not become it on the way.
    if (now < 1.5 * usual_) usual_ += (now - usual_) / 64;
    recent_ += (now - recent_) / 4;
    ++replies_;
    if (replies_ < replies_that_tell || took < never_too_long || recent_ < about_twice * usual_)
        return false;
    replies_ = 0; // it is the usual time from now on
    return true;
}

void ProviderLimits::allow(double at_once) {
    const std::lock_guard lock(mutex_);
    at_once_ = std::clamp(static_cast<int>(at_once), 1, most_);
    admit();
}

} // namespace hs::pipeline
