/// How much this process asks of one provider key and model: requests at once, repeats, and whether
/// replies come later than usual. What all workers share is in provider_state.
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
    /// Whether replies have come to take twice their usual time. `units`: what the time grows with,
    /// as seconds of audio. Short waits are never too long.
    [[nodiscard]] bool has_slowed(std::chrono::duration<double> took, double units);
    /// As many at once as all workers have agreed on, but never more than were allowed to begin
    /// with.
    void allow(double at_once);

    [[nodiscard]] int at_once() const;

    [[nodiscard]] int first_at_once() const { return first_; }

    [[nodiscard]] int most_at_once() const { return most_; }

private:
    struct Waiter;

    void admit(); // mutex_ is held
    void refill(Instant now);

    const int most_;
    const int first_;
    mutable std::mutex mutex_;
    int at_once_;
    int inside_ = 0;
    std::deque<std::shared_ptr<Waiter>> waiting_;
    double repeats_;
    std::optional<Instant> refilled_;
    int replies_ = 0;
    double usual_ = 0;  // seconds a unit, over the last sixty replies or so
    double recent_ = 0; // the same, over the last four
};

} // namespace hs::pipeline
