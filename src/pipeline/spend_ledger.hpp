/// Money: nothing that costs is sent without a reservation, and every reservation ends once.
///
/// Reserved before the request, marked answered in the statement that keeps the reply, settled when
/// its usage is read. After a crash the next run of the job settles what its predecessor paid for,
/// from the kept reply; what nobody comes back to is ended by sweep().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "pg/database.hpp"
#include "pipeline/prices.hpp"
#include "providers/exchange.hpp"
#include "store/paid_requests.hpp"

namespace hs::pipeline {

/// What a request is for.
struct SpendPurpose {
    TenantId tenant;
    std::string subject;        // the call
    std::optional<Uuid> run_id; // evaluation run
};

class SpendLedger {
public:
    struct Parts {
        pg::Database& database;
        const Clock& clock;
        Log log;
        Metrics& metrics;
    };

    SpendLedger(Parts parts, Prices prices, store::BudgetDefaults defaults);

    /// Errors: rate_limited "budget.wait" (the tenant waits for the next window: snooze until
    /// then), "budget.exhausted" (do without, or wait), "budget.stopped" (somebody has pulled the
    /// switch), "budget.unpriced" (a budget is in force and nobody knows what this model charges).
    Task<Result<Uuid>> reserve(SpendPurpose purpose, const providers::ProviderRequest& request);
    /// The request came to nothing.
    Task<void> release(SpendPurpose purpose, Uuid reservation);
    /// `reservation`: of a fresh reply; nothing: of a kept one, whose payer may have crashed before
    /// it could settle.
    Task<void> settle(SpendPurpose purpose,
                      std::optional<Uuid> reservation,
                      int journal_run,
                      const providers::ProviderRequest& request,
                      providers::Consumption consumed);

    /// Ends reservations of processes that are gone: answered ones at what was reserved, others as
    /// released. Brings the gauges of the windows up to date: those of the tenant that has used
    /// most.
    Task<void> sweep(std::vector<TenantId> tenants);

    [[nodiscard]] const Prices& prices() const { return prices_; }

    [[nodiscard]] const store::BudgetDefaults& defaults() const { return defaults_; }

private:
    Task<void> end_abandoned(TenantId tenant);
    Task<void> close(TenantId tenant, Uuid reservation, store::PaidOutcome outcome);
    void count(const providers::ProviderRequest& request, double cost_usd, double audio_seconds);

    Parts parts_;
    Prices prices_;
    store::BudgetDefaults defaults_;
};

} // namespace hs::pipeline
