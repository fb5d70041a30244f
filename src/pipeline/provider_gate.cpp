#include "pipeline/provider_gate.hpp"

#include <algorithm>

#include "pipeline/journaled_exchange.hpp"
#include "pipeline/provider_lane.hpp"
#include "providers/http_reply.hpp"

namespace hs::pipeline {

using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

/// "https://host:port" of an address.
std::string_view origin_of(std::string_view url) {
    const auto scheme = url.find("://");
    const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
    return url.substr(0, url.find_first_of("/?", host));
}

store::ProviderAccount account_of(const providers::ProviderRequest& request) {
    return {request.provider,
            request.key_id + "@" + std::string(origin_of(request.http.url)),
            request.model};
}

double gauge_of(std::string_view breaker) {
    if (breaker == "closed") return 0;
    return breaker == "half_open" ? 1 : 2;
}

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
    auto account = account_of(request);
    const std::lock_guard lock(mutex_);
    auto& lane = lanes_[account.provider + "\n" + account.key_id + "\n" + account.model];
    const int at_once = request.area == "model" ? options_.models_at_once : options_.at_once;
    if (!lane)
        lane = std::make_shared<Lane>(std::move(account), request.area, at_once, parts_.metrics);
    return lane;
}

Task<Result<ProviderGate::PermitPtr>>
ProviderGate::admit(const providers::ProviderRequest& request) {
    const auto lane = lane_of(request);
    if (request.repeat > 0) {
        if (!lane->limits.may_repeat(steady_clock::now())) {
            co_return std::unexpected(Error{ErrorKind::rate_limited,
                                            lane->area + ".retry_budget",
                                            "Too many repeats at this provider.",
                                            options_.default_pause});
        }
        lane->retries.add();
    }
    if (!co_await lane->limits.enter(request.http.stop))
        co_return fail(ErrorKind::unavailable, "egress.interrupted", "stopped while waiting");
    auto permit = std::make_shared<Permit>(lane);
    permit->read_later = request.keep;
    permit->units = request.expected.audio_seconds;
    // Asked only now: while this one waited for its place, another may have been told to wait.
    const auto unit = parts_.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    const auto answer = co_await store::admit_request(*unit, lane->account, options_.probe_time);
    using Verdict = store::Admission::Verdict;
    if (answer.at_once) lane->limits.allow(*answer.at_once);
    lane->at_once_now.set(lane->limits.at_once());
    permit->probing = answer.verdict == Verdict::probe;
    permit->admitted_at = answer.as_of;
    const bool goes = permit->probing || answer.verdict == Verdict::go;
    lane->paused.set(goes ? 0 : 1);
    if (answer.verdict == Verdict::go) lane->breaker.set(gauge_of("closed"));
    if (permit->probing) lane->breaker.set(gauge_of("half_open"));
    const auto wait = answer.verdict == Verdict::paused ? answer.wait : options_.probe_wait;
    lane->paused_until = goes ? steady_clock::time_point{} : steady_clock::now() + wait;
    if (goes) co_return permit;
    const bool denied = lane->denied.value() > 0;
    const auto code = denied ? lane->area + ".denied" : lane->area + ".paused";
    co_return std::unexpected(
        Error{ErrorKind::rate_limited, code, "The provider is left alone for a while.", wait});
}

Task<void> ProviderGate::withdraw(PermitPtr permit) {
    permit->leave();
    const std::string nothing = "neutral";
    if (permit->probing) static_cast<void>(co_await note(permit, nothing));
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

Task<Result<InboundReply>> ProviderGate::send(PermitPtr permit,
                                              providers::ProviderRequest request) {
    const auto& lane = permit->lane;
    const auto stop = request.http.stop;
    permit->begun = steady_clock::now();
    auto reply = co_await parts_.transport(std::move(request.http));
    permit->took = steady_clock::now() - permit->begun;
    permit->leave();
    auto labels = lane->labels;
    labels.emplace_back("operation", lane->area);
    labels.emplace_back("outcome", outcome_of(reply));
    parts_.metrics
        .histogram("hacksmart_provider_request_duration_seconds",
                   "Requests to providers, journal hits not among them",
                   std::move(labels))
        .observe(std::chrono::duration<double>(permit->took).count());
    co_return co_await judge(permit, std::move(reply), stop.stop_requested());
}

Task<void> ProviderGate::read(PermitPtr permit, bool sound) {
    const bool slow = sound && permit->lane->limits.has_slowed(permit->took, permit->units);
    const std::string verdict = !sound ? "bad" : slow ? "slow" : "good";
    static_cast<void>(co_await note(permit, verdict));
}

Task<std::optional<seconds>> ProviderGate::note(PermitPtr permit, std::string verdict) {
    const auto& lane = permit->lane;
    store::RequestOutcome outcome;
    outcome.verdict = std::move(verdict);
    outcome.probing = permit->probing;
    outcome.admitted_at = permit->admitted_at;
    outcome.first_at_once = lane->limits.first_at_once();
    outcome.most_at_once = lane->limits.most_at_once();
    outcome.first_pause = options_.first_pause;
    outcome.longest_pause = options_.longest_pause;
    permit->probing = false; // it has said what it found out
    const auto unit = parts_.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    const auto state = co_await store::note_outcome(*unit, lane->account, std::move(outcome));
    lane->limits.allow(state.at_once);
    lane->at_once_now.set(lane->limits.at_once());
    lane->breaker.set(gauge_of(state.breaker));
    if (state.opened) {
        lane->paused.set(1);
        lane->paused_until = steady_clock::now() + *state.opened;
        parts_.log.warn("provider.breaker_opened",
                        {{"provider", lane->account.provider},
                         {"model", lane->account.model},
                         {"seconds", state.opened->count()}});
    }
    co_return state.opened;
}

Task<Result<InboundReply>>
ProviderGate::judge(PermitPtr permit, Result<InboundReply> reply, bool stopped) {
    const auto& lane = permit->lane;
    const std::string good = "good";
    const std::string bad = "bad";
    const std::string overload = "overload";
    if (reply && reply->status >= 200 && reply->status <= 299) {
        lane->limits.succeeded(steady_clock::now());
        lane->denied.set(0);
        if (!permit->read_later) static_cast<void>(co_await note(permit, good));
        co_return reply;
    }
    const auto error =
        reply ? providers::status_error(lane->area, *reply, parts_.clock.now()) : reply.error();
    const bool denied = reply && error.kind == ErrorKind::forbidden;
    if (denied || (!reply && is_misconfigured(error))) {
        co_await withdraw(permit);
        auto wait = co_await deny(lane, error);
        co_return std::unexpected(std::move(wait));
    }
    if (stopped) {
        co_await withdraw(permit);
        co_return reply;
    }
    if (reply && !may_retry(error.kind)) { // it is there, and says no
        static_cast<void>(co_await note(permit, good));
        co_return reply;
    }
    if (error.kind == ErrorKind::rate_limited || error.retry_after) {
        static_cast<void>(co_await note(permit, overload));
        const auto wait = error.retry_after.value_or(options_.default_pause);
        if (wait <= options_.longest_quick) co_return reply;
        auto paused = co_await pause(lane, wait, error);
        co_return std::unexpected(std::move(paused));
    }
    const auto opened = co_await note(permit, bad);
    if (!opened) co_return reply;
    co_return std::unexpected(Error{ErrorKind::rate_limited, error.code, error.message, *opened});
}

} // namespace hs::pipeline
