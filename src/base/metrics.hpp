/// Counters, gauges and histograms in Prometheus text form. Labels come from small closed sets.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hs {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Counter {
public:
    void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }

    [[nodiscard]] std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

class Gauge {
public:
    void set(double value) { value_.store(value, std::memory_order_relaxed); }

    void add(double n) { value_.fetch_add(n, std::memory_order_relaxed); }

    [[nodiscard]] double value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<double> value_{0};
};

/// Durations in seconds; fixed buckets from 0.5 ms to 60 s.
class Histogram {
public:
    Histogram();
    void observe(double seconds);

private:
    friend class Metrics;
    std::vector<std::atomic<std::uint64_t>> buckets_;
    std::atomic<double> sum_{0};
};

/// All metrics of the program. Handles stay valid as long as the registry; asking twice for the
/// same name and labels gives the same handle.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
    Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
    Histogram& histogram(std::string_view name, std::string_view help, Labels labels = {});
    /// A gauge whose value is asked for when the page is written.
    void gauge_function(std::string_view name, std::string_view help, std::function<double()> read);

    [[nodiscard]] std::string prometheus_text() const;

private:
    struct Family;
    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Family>, std::less<>> families_;
};

} // namespace hs
