#include "pipeline/call_watch.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hs::pipeline {

namespace asio = boost::asio;

struct CallWatch::Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}

    asio::steady_timer timer;
};

CallWatch::CallWatch() = default;
CallWatch::~CallWatch() = default;

void CallWatch::changed(CallId call) {
    const std::lock_guard lock(mutex_);
    const auto [first, last] = waiters_.equal_range(call);
    for (auto entry = first; entry != last; ++entry) {
        // The timer belongs to its waiter's thread.
        const auto waiter = entry->second;
        asio::post(waiter->timer.get_executor(), [waiter] { waiter->timer.cancel(); });
    }
}

Task<void> CallWatch::wait(CallId call, std::chrono::milliseconds limit) {
    const auto waiter = std::make_shared<Waiter>(co_await asio::this_coro::executor);
    waiter->timer.expires_after(
        std::min<std::chrono::milliseconds>(limit, std::chrono::seconds(1)));
    std::multimap<CallId, std::shared_ptr<Waiter>>::iterator entry;
    {
        const std::lock_guard lock(mutex_);
        entry = waiters_.emplace(call, waiter);
    }
    boost::system::error_code ignored;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const std::lock_guard lock(mutex_);
    waiters_.erase(entry);
}

} // namespace hs::pipeline
