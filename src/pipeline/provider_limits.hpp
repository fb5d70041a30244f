/// How much this process asks of one provider key and model: requests at once, repeats, and when to
/// stay away because nothing works. What all workers share is in provider_state.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "base/task.hpp"

namespace hs::pipeline {

class ProviderLimits {
public:
    using Instant = std::chrono::steady_clock::time_point;

    explicit ProviderLimits(int at_once);
    ~ProviderLimits();
    ProviderLimits(const ProviderLimits&) = delete;
    ProviderLimits& operator=(const ProviderLimits&) = delete;

    /// Waits for a free place, first come, first served; false when `stop` came first. Who got true
    /// calls leave().
    Task<bool> enter(std::stop_token stop);
    void leave();

    /// Whether a quick repeat is within the budget: a tenth of the successes and five a minute.
    [[nodiscard]] bool may_repeat(Instant now);
    void succeeded(Instant now);
    /// One more failure in a row. From the fifth on: how long everybody stays away; one at a time
    /// asks again afterwards.
    [[nodiscard]] std::optional<std::chrono::seconds> failed();
    /// The provider wants less: half as many at once, growing again with each success.
    void slow_down();

    [[nodiscard]] int at_once() const;

private:
    struct Waiter;

    void admit(); // mutex_ is held
    void refill(Instant now);

    const int most_;
    mutable std::mutex mutex_;
    int at_once_;
    int inside_ = 0;
    std::deque<std::shared_ptr<Waiter>> waiting_;
    int failures_in_a_row_ = 0;
    double repeats_;
    std::optional<Instant> refilled_;
};

} // namespace hs::pipeline
