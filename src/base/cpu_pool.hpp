/// Bounded pool of threads for work that computes or blocks, so that I/O threads never do.
#pragma once

#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/task.hpp"

namespace hs {

class CpuPool {
public:
    explicit CpuPool(unsigned threads) : pool_(threads) {}

    /// Runs `work()` on a thread of the pool and resumes the caller on its own executor with the
    /// result. Exceptions of `work` reach the caller.
    ///
    /// Name a lambda with captures that need destroying before awaiting (`co_await
    /// pool.run(work)`): written inside the co_await expression, g++ 12 destroys its captures
    /// twice.
    template <typename F>
    Task<std::invoke_result_t<std::decay_t<F>&>> run(F&& work) {
        return start(std::make_shared<std::decay_t<F>>(std::forward<F>(work)));
    }

    /// Waits until everything handed in has ended.
    void join() { pool_.join(); }

private:
    template <typename F>
    static Task<std::invoke_result_t<F&>> call_shared(std::shared_ptr<F> work) {
        co_return (*work)();
    }

    template <typename F>
    Task<std::invoke_result_t<F&>> start(std::shared_ptr<F> work) {
        co_return co_await boost::asio::co_spawn(
            pool_, call_shared<F>(std::move(work)), boost::asio::use_awaitable);
    }

    boost::asio::thread_pool pool_;
};

} // namespace hs
