/// Bounded pool of threads for work that computes or blocks, so that I/O threads never do.
#pragma once

#include <functional>
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
    template <typename F>
    Task<std::invoke_result_t<F&>> run(F work) {
        co_return co_await boost::asio::co_spawn(
            pool_, call<F>(std::move(work)), boost::asio::use_awaitable);
    }

    /// Waits until everything handed in has ended.
    void join() { pool_.join(); }

private:
    template <typename F>
    static Task<std::invoke_result_t<F&>> call(F work) {
        co_return work();
    }

    boost::asio::thread_pool pool_;
};

} // namespace hs
