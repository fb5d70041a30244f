/// What ProviderGate keeps of each provider and of each request. Internal to src/pipeline.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "pipeline/provider_gate.hpp"

namespace hs::pipeline {

struct ProviderGate::Lane {
    Lane(store::ProviderAccount of, std::string named, int at_once, Metrics& registry)
        : account(std::move(of)), area(std::move(named)), limits(at_once),
          labels{{"provider", account.provider}, {"model", account.model}},
          in_flight(registry.gauge(
              "hacksmart_provider_in_flight", "Requests under way at a provider", labels)),
          at_once_now(registry.gauge("hacksmart_provider_at_once",
                                     "Requests that may be under way at once in this process",
                                     labels)),
          paused(registry.gauge(
              "hacksmart_provider_paused", "1 while jobs wait for a provider's limit", labels)),
          breaker(registry.gauge("hacksmart_breaker_state",
                                 "0 closed, 1 half open: a probe is under way, 2 open",
                                 labels)),
          denied(registry.gauge(
              "hacksmart_provider_denied", "1 while a provider refuses our key", labels)),
          retries(registry.counter(
              "hacksmart_provider_retries_total", "Quick repeats of requests", labels)) {
        at_once_now.set(limits.at_once());
    }

    const store::ProviderAccount account;
    const std::string area;
    ProviderLimits limits;
    const Labels labels;
    Gauge& in_flight;
    Gauge& at_once_now;
    Gauge& paused;
    Gauge& breaker;
    Gauge& denied;
    Counter& retries;
    std::atomic<std::chrono::steady_clock::time_point> paused_until{
        std::chrono::steady_clock::time_point{}};
};

/// Holds a place from the time it is made; whatever happens to the request, the place is freed.
struct ProviderGate::Permit {
    explicit Permit(std::shared_ptr<Lane> of) : lane(std::move(of)) { lane->in_flight.add(1); }

    ~Permit() { leave(); }

    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;

    void leave() {
        if (left) return;
        left = true;
        lane->in_flight.add(-1);
        lane->limits.leave();
    }

    const std::shared_ptr<Lane> lane;
    bool left = false;
    bool probing = false;
    bool read_later = false; // what a reply of 2xx came to is known when it is read
    double units = 0;        // what its time grows with
    std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    std::string admitted_at; // see store::Admission::as_of
    std::chrono::steady_clock::duration took{0};
};

} // namespace hs::pipeline
