#include "pipeline/provider_gate.hpp"

#include <algorithm>
#include <atomic>

#include "pipeline/journaled_exchange.hpp"
#include "providers/http_reply.hpp"

namespace hs::pipeline {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

struct ProviderGate::Lane {
    Lane(const providers::ProviderRequest& request, int at_once, Metrics& registry)
        : account{request.provider, request.key_id, request.model}, area(request.area),
          limits(at_once), labels{{"provider", account.provider}, {"model", account.model}},
          in_flight(registry.gauge(
              "hacksmart_provider_in_flight", "Requests under way at a provider", labels)),
          paused(registry.gauge(
              "hacksmart_provider_paused", "1 while jobs wait for a provider's limit", labels)),
          denied(registry.gauge(
              "hacksmart_provider_denied", "1 while a provider refuses our key", labels)),
          retries(registry.counter(
              "hacksmart_provider_retries_total", "Quick repeats of requests", labels)) {}

    const store::ProviderAccount account;
    const std::string area;
    ProviderLimits limits;
    const Labels labels;
    Gauge& in_flight;
    Gauge& paused;
    Gauge& denied;
    Counter& retries;
    std::atomic<steady_clock::time_point> paused_until{steady_clock::time_point{}};
};

namespace {

/// Frees the place whatever happens to the request.
class Place {
public:
    Place(ProviderLimits& limits, Gauge& in_flight) : limits_(limits), in_flight_(in_flight) {
        in_flight_.add(1);
    }

    ~Place() {
        in_flight_.add(-1);
        limits_.leave();
    }

    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

private:
    ProviderLimits& limits_;
    Gauge& in_flight_;
};

std::string outcome_of(const Result<InboundReply>& reply) {
    if (!reply) return reply.error().code;
    if (reply->status >= 200 && reply->status <= 299) return "ok";
    return std::to_string(reply->status / 100) + "xx";
}

/// An address or header the operator has to change: asking again changes nothing.
bool is_misconfigured(const Error& error) {
    return error.code == "egress.address_refused" || error.code == "egress.request";
}

} // namespace

std::string_view to_string(ProviderHealth health) {
    switch (health) {
    case ProviderHealth::ready: return "ready";
    case ProviderHealth::paused: return "paused";
    case ProviderHealth::denied: return "denied";
    }
    return "ready";
}

ProviderGate::ProviderGate(Parts parts, ProviderGateOptions options)
    : parts_(std::move(parts)), options_(options) {}

std::shared_ptr<providers::Exchange>
ProviderGate::exchange(TenantId tenant, std::string subject, std::optional<Uuid> run_id) {
    return std::make_shared<JournaledExchange>(*this,
                                               SpendPurpose{tenant, std::move(subject), run_id});
}

ProviderHealth ProviderGate::health() const {
    const std::lock_guard lock(mutex_);
    auto worst = ProviderHealth::ready;
    for (const auto& [name, lane] : lanes_) {
        if (lane->denied.value() > 0) return ProviderHealth::denied;
        if (lane->paused_until.load() > steady_clock::now()) worst = ProviderHealth::paused;
    }
    return worst;
}

std::shared_ptr<ProviderGate::Lane>
ProviderGate::lane_of(const providers::ProviderRequest& request) {
    const std::lock_guard lock(mutex_);
    auto& lane = lanes_[request.provider + "\n" + request.key_id + "\n" + request.model];
    const int at_once = request.area == "model" ? options_.models_at_once : options_.at_once;
    if (!lane) lane = std::make_shared<Lane>(request, at_once, parts_.metrics);
    return lane;
}

Task<std::optional<Error>> ProviderGate::pause_left(std::shared_ptr<Lane> lane) {
    const auto unit = parts_.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    const auto left = co_await store::provider_pause(*unit, lane->account);
    lane->paused.set(left ? 1 : 0);
    lane->paused_until =
        left ? steady_clock::now() + *left : std::chrono::steady_clock::time_point{};
    if (!left) co_return std::nullopt;
    const bool denied = lane->denied.value() > 0;
    const auto code = denied ? lane->area + ".denied" : lane->area + ".paused";
    co_return Error{ErrorKind::rate_limited, code, "The provider is left alone for a while.", left};
}

Task<Error> ProviderGate::pause(std::shared_ptr<Lane> lane, seconds time, Error why) {
    const auto unit = parts_.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    co_await store::pause_provider(*unit, lane->account, time);
    lane->paused.set(1);
    lane->paused_until = steady_clock::now() + time;
    parts_.log.warn("provider.paused",
                    {{"provider", lane->account.provider},
                     {"model", lane->account.model},
                     {"seconds", time.count()},
                     {"error", why.code}});
    co_return Error{ErrorKind::rate_limited, why.code, why.message, time};
}

Task<Error> ProviderGate::deny(std::shared_ptr<Lane> lane, Error why) {
    lane->denied.set(1);
    parts_.log.error(
        "provider.denied",
        {{"provider", lane->account.provider},
         {"model", lane->account.model},
         {"error", why.code},
         {"advice",
          "The provider refuses our key or address. Calls wait; set the right key or address "
          "and start again."}});
    co_return co_await pause(lane, options_.denied_pause, std::move(why));
}

Task<Result<InboundReply>> ProviderGate::send(std::shared_ptr<Lane> lane,
                                              providers::ProviderRequest request,
                                              milliseconds& took) {
    if (request.repeat > 0) {
        if (!lane->limits.may_repeat(steady_clock::now())) {
            co_return std::unexpected(Error{ErrorKind::rate_limited,
                                            lane->area + ".retry_budget",
                                            "Too many repeats at this provider.",
                                            options_.default_pause});
        }
        lane->retries.add();
    }
    const auto stop = request.http.stop;
    if (!co_await lane->limits.enter(stop))
        co_return fail(ErrorKind::unavailable, "egress.interrupted", "stopped while waiting");
    const Place place(lane->limits, lane->in_flight);
    // Asked only now: while this one waited for its place, another may have been told to wait.
    if (auto pause = co_await pause_left(lane)) co_return std::unexpected(*std::move(pause));
    const auto begun = steady_clock::now();
    auto reply = co_await parts_.transport(std::move(request.http));
    const auto time = steady_clock::now() - begun;
    took = std::chrono::duration_cast<milliseconds>(time);
    auto labels = lane->labels;
    labels.emplace_back("operation", lane->area);
    labels.emplace_back("outcome", outcome_of(reply));
    parts_.metrics
        .histogram("hacksmart_provider_request_duration_seconds",
                   "Requests to providers, journal hits not among them",
                   std::move(labels))
        .observe(std::chrono::duration<double>(time).count());
    co_return co_await judge(lane, std::move(reply), stop.stop_requested());
}

Task<Result<InboundReply>>
ProviderGate::judge(std::shared_ptr<Lane> lane, Result<InboundReply> reply, bool stopped) {
    if (reply && reply->status >= 200 && reply->status <= 299) {
        lane->limits.succeeded(steady_clock::now());
        lane->denied.set(0);
        co_return reply;
    }
    const auto error =
        reply ? providers::status_error(lane->area, *reply, parts_.clock.now()) : reply.error();
    const bool denied = reply && error.kind == ErrorKind::forbidden;
    if (denied || (!reply && is_misconfigured(error))) {
        auto wait = co_await deny(lane, error);
        co_return std::unexpected(std::move(wait));
    }
    if (stopped || !may_retry(error.kind)) co_return reply;
    if (error.kind == ErrorKind::rate_limited || error.retry_after) {
        const auto wait = error.retry_after.value_or(options_.default_pause);
        lane->limits.slow_down();
        if (wait <= options_.longest_quick) co_return reply;
        auto paused = co_await pause(lane, wait, error);
        co_return std::unexpected(std::move(paused));
    }
    const auto wait = lane->limits.failed();
    if (!wait) co_return reply;
    auto paused = co_await pause(lane, *wait, error);
    co_return std::unexpected(std::move(paused));
}

} // namespace hs::pipeline
