#include "base/metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace hs {

namespace {

/// Upper bounds in seconds; one more bucket above the last holds the rest.
constexpr std::array bounds{0.0005,
                            0.001,
                            0.0025,
                            0.005,
                            0.01,
                            0.025,
                            0.05,
                            0.1,
                            0.25,
                            0.5,
                            1.0,
                            2.5,
                            5.0,
                            10.0,
                            30.0,
                            60.0};

std::string escaped(std::string_view text, bool quotes) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\\' || (c == '"' && quotes)) {
            out += '\\';
            out += c;
        } else {
            out += c;
        }
    }
    return out;
}

/// `a="1",b="2"` in order of name: the key of a series and its text.
std::string label_text(Labels labels) {
    std::ranges::sort(labels);
    std::string out;
    for (const auto& [name, value] : labels) {
        if (!out.empty()) out += ',';
        out += fmt::format("{}=\"{}\"", name, escaped(value, true));
    }
    return out;
}

std::string series(std::string_view name, const std::string& labels) {
    return labels.empty() ? std::string(name) : fmt::format("{}{{{}}}", name, labels);
}

std::string number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

} // namespace

struct Metrics::Family {
    enum class Kind { counter, gauge, histogram };

    Kind kind;
    std::string help;
    std::map<std::string, Counter> counters;
    std::map<std::string, Gauge> gauges;
    std::map<std::string, Histogram> histograms;
    std::function<double()> read;

    static Family& of(Metrics& metrics, std::string_view name, std::string_view help, Kind kind) {
        auto& slot = metrics.families_[std::string(name)];
        if (!slot) {
            slot = std::make_unique<Family>();
            slot->kind = kind;
            slot->help = help;
        }
        if (slot->kind != kind) throw std::logic_error("metric of two kinds: " + std::string(name));
        return *slot;
    }

    [[nodiscard]] const char* type() const {
        if (kind == Kind::counter) return "counter";
        return kind == Kind::gauge ? "gauge" : "histogram";
    }
};

Histogram::Histogram() : buckets_(bounds.size() + 1) {}

void Histogram::observe(double seconds) {
    const auto at = std::ranges::lower_bound(bounds, seconds) - bounds.begin();
    buckets_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(seconds, std::memory_order_relaxed);
}

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string_view name, std::string_view help, Labels labels) {
    const std::scoped_lock lock(mutex_);
    return Family::of(*this, name, help, Family::Kind::counter)
        .counters[label_text(std::move(labels))];
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, Labels labels) {
    const std::scoped_lock lock(mutex_);
    return Family::of(*this, name, help, Family::Kind::gauge).gauges[label_text(std::move(labels))];
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, Labels labels) {
    const std::scoped_lock lock(mutex_);
    return Family::of(*this, name, help, Family::Kind::histogram)
        .histograms[label_text(std::move(labels))];
}

void Metrics::gauge_function(std::string_view name,
                             std::string_view help,
                             std::function<double()> read) {
    const std::scoped_lock lock(mutex_);
    Family::of(*this, name, help, Family::Kind::gauge).read = std::move(read);
}

std::string Metrics::prometheus_text() const {
    const std::scoped_lock lock(mutex_);
    std::string out;
    for (const auto& [name, family] : families_) {
        out += fmt::format("# HELP {} {}\n# TYPE {} {}\n",
                           name,
                           escaped(family->help, false),
                           name,
                           family->type());
        for (const auto& [labels, counter] : family->counters)
            out += fmt::format("{} {}\n", series(name, labels), counter.value());
        for (const auto& [labels, gauge] : family->gauges)
            out += fmt::format("{} {}\n", series(name, labels), number(gauge.value()));
        if (family->read) out += fmt::format("{} {}\n", name, number(family->read()));
        for (const auto& [labels, histogram] : family->histograms) {
            const auto prefix = labels.empty() ? labels : labels + ",";
            std::uint64_t below = 0;
            for (std::size_t i = 0; i < histogram.buckets_.size(); ++i) {
                below += histogram.buckets_[i].load(std::memory_order_relaxed);
                const auto bound = i < bounds.size() ? number(bounds[i]) : "+Inf";
                out += fmt::format("{}_bucket{{{}le=\"{}\"}} {}\n", name, prefix, bound, below);
            }
            out += fmt::format("{} {}\n", series(name + "_sum", labels), number(histogram.sum_));
            out += fmt::format("{} {}\n", series(name + "_count", labels), below);
        }
    }
    return out;
}

} // namespace hs
