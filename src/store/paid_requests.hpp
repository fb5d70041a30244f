/// The ledger of paid requests, and the budgets that are asked before one is sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "pg/session.hpp"

namespace hs::store {

/// What is in force where a tenant has not said otherwise.
struct BudgetDefaults {
    std::optional<double> day_usd;
    std::optional<double> month_usd;
    std::string policy = "cheaper"; // wait | cheaper
};

struct PaidRequest {
    Uuid id;
    std::string provider;
    std::string model;
    std::string area;
    std::string subject;
    std::optional<Uuid> run_id;
    std::vector<std::string> questions;
    std::string request_hash;
    double reserved_usd = 0;
    bool priced = false;
    std::string price_version;
    double audio_seconds = 0;
};

struct ReserveVerdict {
    std::string verdict; // granted | stopped | unpriced | exhausted
    std::string policy;
    std::int64_t wait_seconds = 0; // until there may be money again
};

struct PaidOutcome {
    bool settled = true;            // false: released
    std::optional<double> cost_usd; // nothing: what was reserved
    std::int64_t tokens_in = 0;
    std::int64_t tokens_out = 0;
    std::int64_t tokens_cached = 0;
};

Task<ReserveVerdict> reserve_paid_request(pg::Session& session,
                                          TenantId tenant,
                                          const PaidRequest& request,
                                          const BudgetDefaults& defaults);
/// True for exactly one of those who end the same reservation.
Task<bool> close_paid_request(pg::Session& session,
                              TenantId tenant,
                              Uuid id,
                              const PaidOutcome& outcome,
                              const BudgetDefaults& defaults);
/// The reservation a kept reply was paid by, when nobody has settled it.
Task<std::optional<Uuid>> unsettled_request(pg::Session& session,
                                            TenantId tenant,
                                            const std::string& request_hash,
                                            int journal_run);

struct AbandonedRequest {
    Uuid id;
    bool answered = false;
};

Task<std::vector<AbandonedRequest>>
abandoned_requests(pg::Session& session, TenantId tenant, double seconds, int most);
/// Of days more than 400 days ago.
Task<void> purge_paid_requests(pg::Session& session, TenantId tenant);

struct BudgetWindow {
    std::string grain;  // day | month
    std::string starts; // 2026-02-03
    Time ends;
    std::optional<double> limit_usd;
    double reserved_usd = 0;
    double spent_usd = 0;
};

struct BudgetState {
    std::string policy;
    bool stopped = false;
    std::vector<std::string> stopped_providers;
    std::vector<BudgetWindow> windows; // day, month
};

Task<BudgetState>
budget_state(pg::Session& session, TenantId tenant, const BudgetDefaults& defaults);
/// Nobody else changes the tenant's budget until the transaction ends.
Task<void> hold_budget(pg::Session& session, TenantId tenant);
/// `changes`: any of day_usd, month_usd, policy (null: as configured), stopped, stopped_providers.
Task<void> set_budget(pg::Session& session, TenantId tenant, const json::object& changes);

struct UsageSum {
    std::string key;
    std::int64_t requests = 0;
    double tokens_in = 0;
    double tokens_out = 0;
    double tokens_cached = 0;
    double audio_seconds = 0;
    double cost_usd = 0;
    std::int64_t unpriced_requests = 0;
    std::int64_t estimated_requests = 0;
};

/// Half-open range of days; `by`: day, model, question, run, call; nothing: one sum of all.
struct UsageAsked {
    std::optional<std::string> from;
    std::optional<std::string> to;
    std::optional<std::string> by;
    int limit = 1;
};

Task<std::vector<UsageSum>> usage_sums(pg::Session& session, TenantId tenant, UsageAsked asked);

} // namespace hs::store
