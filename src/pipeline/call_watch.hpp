/// Waiting for a call to change, without polling by those who wait and without holding a thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>

#include "base/ids.hpp"
#include "base/task.hpp"

namespace hs::pipeline {

/// Wakes those who wait for a call. A wake-up is a hint: the waiter reads the database again, and
/// looks by itself every second in case a hint was lost.
class CallWatch {
public:
    CallWatch();
    ~CallWatch();
    CallWatch(const CallWatch&) = delete;
    CallWatch& operator=(const CallWatch&) = delete;

    /// Called after each commit that changed the call, from any thread.
    void changed(CallId call);

    /// Returns after the next changed(call), after `limit`, or after a second: whichever is first.
    Task<void> wait(CallId call, std::chrono::milliseconds limit);

private:
    struct Waiter;
    std::mutex mutex_; // guards waiters_
    std::multimap<CallId, std::shared_ptr<Waiter>> waiters_;
};

} // namespace hs::pipeline
