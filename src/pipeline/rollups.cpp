#include "pipeline/rollups.hpp"

#include <algorithm>
#include <utility>

#include "store/calls.hpp"

namespace hs::pipeline {

using store::Turn;

namespace {

constexpr int fold_rows = 20'000;
constexpr int answer_rows = 2'000; // each is three sums of a dozen questions in three grains
constexpr int rewrite_page = 5'000;
constexpr std::size_t refresh_rows = 200; // facts locked at once: writers wait that long at most
constexpr int rewrite_passes = 3;

const pg::Scope all_tenants{std::nullopt, pg::DbRole::worker};

pg::Scope worker_scope(TenantId tenant) {
    return {.tenant = tenant, .role = pg::DbRole::worker};
}

std::optional<store::LeaderTerm> term_of(const std::optional<queue::Lead>& lead) {
    if (!lead) return std::nullopt;
    return store::LeaderTerm{lead->name, lead->holder, lead->term};
}

} // namespace

Rollups::Rollups(pg::Database& database, Metrics& metrics, Log log)
    : database_(database), metrics_(metrics), log_(std::move(log)) {}

// --- folding ------------------------------------------------------------------------------------

Task<void> Rollups::fold(queue::Lead lead) {
    const auto unit = database_.unit(all_tenants);
    const auto waiting = co_await store::tenants_to_fold(*unit);
    double lag = 0;
    for (const auto& tenant : waiting)
        lag = std::max(lag, tenant.seconds);
    metrics_.gauge("hacksmart_rollup_lag_seconds", "Age of the oldest delta not in the rollups")
        .set(lag);
    const std::optional<queue::Lead> led = std::move(lead);
    for (const auto& tenant : waiting) {
        if (!led->holds()) co_return;
        co_await fold_tenant(tenant.tenant, led);
    }
}

Task<std::int64_t> Rollups::fold_tenant(TenantId tenant, std::optional<queue::Lead> lead) {
    const auto term = term_of(lead);
    std::int64_t total = 0;
    for (;;) {
        const auto taken = co_await fold_once(tenant, term);
        total += taken.figures;
        const bool more = taken.figures >= fold_rows || taken.answers >= answer_rows;
        if (!more || (lead && !lead->holds())) co_return total;
    }
}

Task<Rollups::Folded> Rollups::fold_once(TenantId tenant, std::optional<store::LeaderTerm> term) {
    auto transaction = co_await database_.begin(worker_scope(tenant));
    const auto turn = co_await store::take_rollup_turn(*transaction, tenant, term);
    if (turn != Turn::taken) {
        co_await transaction->rollback();
        co_return Folded{};
    }
    Folded taken;
    taken.answers = co_await store::fold_rule_batch(*transaction, tenant, answer_rows);
    taken.figures = co_await store::fold_batch(*transaction, tenant, fold_rows);
    co_await transaction->commit();
    metrics_.counter("hacksmart_rollup_deltas_folded_total", "Deltas added to the rollups")
        .add(static_cast<std::uint64_t>(taken.figures));
    co_return taken;
}

// --- rewriting facts ----------------------------------------------------------------------------

Task<void> Rollups::rewrite(queue::Lead lead) {
    const auto unit = database_.unit(all_tenants);
    const auto tenants = co_await store::tenants_to_rewrite(*unit);
    for (const auto tenant : tenants) {
        if (!lead.holds()) co_return;
        co_await rewrite_tenant(tenant, lead);
    }
}

/// What is not finished here, because a transaction is still under way or a writer held a row,
/// comes round with the next beat.
Task<void> Rollups::rewrite_tenant(TenantId tenant, const queue::Lead& lead) {
    const auto unit = database_.unit(worker_scope(tenant));
    const auto newest = co_await store::ready_rewrite(*unit, tenant);
    if (newest == 0) co_return;
    for (int pass = 0; pass < rewrite_passes; ++pass) {
        const bool clean = co_await rewrite_pass(tenant, lead);
        if (!lead.holds()) co_return;
        if (!clean) continue;
        co_await store::end_rewrite(*unit, tenant, newest);
        log_.info("facts.rewritten", {{"tenant_id", tenant.str()}});
        co_return;
    }
}

/// Goes through all facts once; true when all of them were right already.
Task<bool> Rollups::rewrite_pass(TenantId tenant, const queue::Lead& lead) {
    const auto unit = database_.unit(worker_scope(tenant));
    Uuid after{};
    bool clean = true;
    while (lead.holds()) {
        const auto page = co_await store::facts_to_rewrite(*unit, tenant, after, rewrite_page);
        if (!page.end) break;
        after = *page.end;
        clean = clean && page.wrong.empty();
        for (std::size_t i = 0; i < page.wrong.size(); i += refresh_rows) {
            const auto end = std::min(page.wrong.size(), i + refresh_rows);
            const auto first = page.wrong.begin() + static_cast<std::ptrdiff_t>(i);
            const auto last = page.wrong.begin() + static_cast<std::ptrdiff_t>(end);
            std::vector<Uuid> calls(first, last);
            co_await store::refresh_facts(*unit, tenant, std::move(calls));
        }
    }
    co_return clean&& lead.holds();
}

} // namespace hs::pipeline
