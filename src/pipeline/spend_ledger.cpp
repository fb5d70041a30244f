#include "pipeline/spend_ledger.hpp"

#include <algorithm>
#include <map>

namespace hs::pipeline {

namespace {

/// Longer than any request may take: who has not ended it by now does not live.
constexpr double abandoned_after_seconds = 45 * 60;
constexpr int sweep_batch = 500;

pg::Scope worker_scope(TenantId tenant) {
    return {.tenant = tenant, .role = pg::DbRole::worker};
}

Error refusal(const store::ReserveVerdict& verdict, const providers::ProviderRequest& request) {
    const std::chrono::seconds wait(verdict.wait_seconds);
    if (verdict.verdict == "stopped")
        return {ErrorKind::rate_limited, "budget.stopped", "Paid requests are stopped.", wait};
    if (verdict.verdict == "unpriced") {
        return {ErrorKind::rate_limited,
                "budget.unpriced",
                "A budget is in force, and the price table does not know " + request.provider +
                    ":" + request.model + ".",
                wait};
    }
    const bool waits = verdict.policy == "wait";
    return {ErrorKind::rate_limited,
            waits ? "budget.wait" : "budget.exhausted",
            "The budget does not allow this request now.",
            wait};
}

} // namespace

SpendLedger::SpendLedger(Parts parts, Prices prices, store::BudgetDefaults defaults)
    : parts_(std::move(parts)), prices_(std::move(prices)), defaults_(std::move(defaults)) {}

Task<Result<Uuid>> SpendLedger::reserve(SpendPurpose purpose,
                                        const providers::ProviderRequest& request) {
    const auto most = prices_.cost(request.provider, request.model, request.expected);
    store::PaidRequest row;
    row.id = Uuid::v7(parts_.clock.now());
    row.provider = request.provider;
    row.model = request.model;
    row.area = request.area;
    row.subject = purpose.subject;
    row.run_id = purpose.run_id;
    row.questions = request.questions;
    row.request_hash = request.fingerprint;
    row.reserved_usd = most.value_or(0);
    row.priced = most.has_value();
    row.price_version = prices_.version();
    row.audio_seconds = request.expected.audio_seconds;
    const auto unit = parts_.database.unit(worker_scope(purpose.tenant));
    const auto verdict =
        co_await store::reserve_paid_request(*unit, purpose.tenant, row, defaults_);
    if (verdict.verdict == "granted") co_return row.id;
    parts_.metrics
        .counter("hacksmart_budget_refusals_total",
                 "Requests that were not sent for want of money",
                 {{"provider", request.provider}, {"reason", verdict.verdict}})
        .add();
    auto error = refusal(verdict, request);
    if (error.code == "budget.unpriced")
        parts_.log.warn("budget.unpriced",
                        {{"provider", request.provider},
                         {"model", request.model},
                         {"advice", "Add the model to PRICES_FILE and start again."}});
    co_return std::unexpected(std::move(error));
}

Task<void> SpendLedger::close(TenantId tenant, Uuid reservation, store::PaidOutcome outcome) {
    const auto unit = parts_.database.unit(worker_scope(tenant));
    (void)co_await store::close_paid_request(*unit, tenant, reservation, outcome, defaults_);
}

Task<void> SpendLedger::release(SpendPurpose purpose, Uuid reservation) {
    store::PaidOutcome outcome;
    outcome.settled = false;
    co_await close(purpose.tenant, reservation, outcome);
}

Task<void> SpendLedger::settle(SpendPurpose purpose,
                               std::optional<Uuid> reservation,
                               int journal_run,
                               const providers::ProviderRequest& request,
                               providers::Consumption consumed) {
    const auto tenant = purpose.tenant;
    const auto unit = parts_.database.unit(worker_scope(tenant));
    if (!reservation) {
        const auto fingerprint = request.fingerprint;
        reservation = co_await store::unsettled_request(*unit, tenant, fingerprint, journal_run);
    }
    if (!reservation) co_return; // settled by whoever paid
    const bool told = consumed.tokens_in > 0 || consumed.tokens_out > 0 || consumed.cost_usd > 0 ||
                      request.expected.tokens_out == 0;
    store::PaidOutcome outcome;
    // Who does not say what was consumed is taken to have consumed what was set aside.
    if (told)
        outcome.cost_usd = prices_.cost(request.provider, request.model, consumed).value_or(0);
    outcome.tokens_in = consumed.tokens_in;
    outcome.tokens_out = consumed.tokens_out;
    outcome.tokens_cached = consumed.tokens_cached;
    const auto id = *reservation;
    const bool closed = co_await store::close_paid_request(*unit, tenant, id, outcome, defaults_);
    if (!closed) co_return;
    const auto cost = outcome.cost_usd
                          ? outcome.cost_usd
                          : prices_.cost(request.provider, request.model, request.expected);
    count(request, cost.value_or(0), consumed.audio_seconds);
}

void SpendLedger::count(const providers::ProviderRequest& request,
                        double cost_usd,
                        double audio_seconds) {
    const Labels labels{{"provider", request.provider}, {"model", request.model}};
    parts_.metrics
        .gauge("hacksmart_provider_cost_usd_total", "US dollars spent by this process", labels)
        .add(cost_usd);
    if (audio_seconds <= 0) return;
    parts_.metrics.gauge("hacksmart_provider_audio_seconds_total", "Audio sent to be heard", labels)
        .add(audio_seconds);
}

Task<void> SpendLedger::end_abandoned(TenantId tenant) {
    const auto unit = parts_.database.unit(worker_scope(tenant));
    const auto abandoned =
        co_await store::abandoned_requests(*unit, tenant, abandoned_after_seconds, sweep_batch);
    for (const auto& request : abandoned) {
        store::PaidOutcome outcome;
        outcome.settled = request.answered;
        co_await close(tenant, request.id, outcome);
    }
    if (!abandoned.empty()) parts_.log.warn("budget.swept", {{"reservations", abandoned.size()}});
}

Task<void> SpendLedger::sweep(std::vector<TenantId> tenants) {
    std::map<std::string, double> used{{"day", 0.0}, {"month", 0.0}};
    for (const auto tenant : tenants) {
        co_await end_abandoned(tenant);
        const auto unit = parts_.database.unit(worker_scope(tenant));
        const auto state = co_await store::budget_state(*unit, tenant, defaults_);
        for (const auto& window : state.windows) {
            const double limit = window.limit_usd.value_or(0);
            const double taken = window.spent_usd + window.reserved_usd;
            const double ratio = limit > 0 ? taken / limit : 1; // of nothing, all is used
            if (window.limit_usd) used[window.grain] = std::max(used[window.grain], ratio);
        }
    }
    for (const auto& [grain, ratio] : used)
        parts_.metrics
            .gauge("hacksmart_budget_used_ratio",
                   "Spent and reserved of what may be spent, of the tenant that is nearest to it",
                   {{"window", grain}})
            .set(ratio);
}

} // namespace hs::pipeline
