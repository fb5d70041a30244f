/// Rollups: sums of call_facts by agent, city and issue, and the outbox of deltas on its way there.
///
/// Only the functions here write rollups, and only after take_rollup_turn in the same transaction.
/// How the pieces fit is told in docs/explanations/figures.md. Days and months are ISO dates.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

// --- for readers --------------------------------------------------------------------------------

/// The time up to which the rollups are complete: of the oldest delta not yet added, or now.
Task<Time> figures_as_of(pg::Session& session, TenantId tenant);
/// Grows with every change of what figures are made of; 0 at first. Ask before reading figures.
Task<std::int64_t> data_version(pg::Session& session, TenantId tenant);

struct RollupStatus {
    std::int64_t version = 0;
    std::optional<Time> folded_at;
    std::int64_t deltas = 0; ///< rows in the outbox
    double lag_seconds = 0;  ///< age of the oldest
    std::int64_t rewrites = 0;
    std::int64_t days_to_audit = 0;
    std::int64_t calls = 0; ///< of the tenant, as the rollups have it
};

Task<RollupStatus> rollup_status(pg::Session& session, TenantId tenant);

// --- folding ------------------------------------------------------------------------------------

struct TenantLag {
    TenantId tenant;
    double seconds = 0;
};

/// Tenants with deltas. Needs the worker's view over all tenants.
Task<std::vector<TenantLag>> tenants_to_fold(pg::Session& session);

struct LeaderTerm {
    std::string name;
    Uuid holder;
    std::int64_t term = 0;
};

enum class Turn { taken, busy, deposed };

/// To write a tenant's rollups until the transaction ends. `term`: only while that term lasts.
Task<Turn> take_rollup_turn(pg::Session& session, TenantId tenant, std::optional<LeaderTerm> term);
/// Adds about `most` deltas to the rollups; returns how many it took.
Task<std::int64_t> fold_batch(pg::Session& session, TenantId tenant, int most);
/// The same for answers to the scorecard's questions, which have an outbox of their own.
Task<std::int64_t> fold_rule_batch(pg::Session& session, TenantId tenant, int most);

// --- rebuild ------------------------------------------------------------------------------------

/// Replaces a month's buckets by a recount of call_facts, and all time by the sum of the months.
/// Exact in a snapshot transaction only.
Task<void> rebuild_month(pg::Session& session, TenantId tenant, std::string month);
/// First days of the months that have calls, facts or buckets.
Task<std::vector<std::string>> months_with_calls(pg::Session& session, TenantId tenant);
/// Forgets buckets in which nothing is left.
Task<void> drop_empty_buckets(pg::Session& session, TenantId tenant);

struct DaySpan {
    std::string first;
    std::string last;
};

/// Calls whose facts differ from what call_facts_expected says, at most `limit`.
Task<std::vector<Uuid>> wrong_facts(pg::Session& session, TenantId tenant, DaySpan days, int limit);
/// Brings facts up to date, except those that a writer holds; returns how many were looked at.
Task<std::int64_t> refresh_facts(pg::Session& session, TenantId tenant, std::vector<Uuid> calls);

/// Brings answers up to date that were changed behind the triggers, of one month's calls.
Task<void> correct_rule_facts(pg::Session& session, TenantId tenant, std::string month);

// --- audit --------------------------------------------------------------------------------------

struct AuditDay {
    std::string day;
    Time asked_at; ///< of the database's clock
};

/// Days touched since their last audit, and `share` (0..1) of the others by chance.
Task<std::vector<AuditDay>> days_to_audit(pg::Session& session, TenantId tenant, double share);

struct RollupDifference {
    std::string rollup; ///< table
    std::int64_t cells = 0;
};

/// Rollups in which cells of the day differ from a recount of the source tables.
Task<std::vector<RollupDifference>>
audit_day(pg::Session& session, TenantId tenant, std::string day);
/// Rollups in which the month is not the sum of its days, or all time not that of the months.
Task<std::vector<RollupDifference>>
audit_sums(pg::Session& session, TenantId tenant, std::string month);
Task<void> day_audited(pg::Session& session, TenantId tenant, AuditDay day);

// --- rewriting facts after a category or the tenant's zone has changed --------------------------

/// Needs the worker's view over all tenants.
Task<std::vector<TenantId>> tenants_to_rewrite(pg::Session& session);
/// Notes who is under way, and gives the newest request that nobody can have missed; 0 for none.
Task<std::int64_t> ready_rewrite(pg::Session& session, TenantId tenant);

struct FactPage {
    std::optional<Uuid> end; ///< unset: there are no more facts
    std::vector<Uuid> wrong;
};

Task<FactPage> facts_to_rewrite(pg::Session& session, TenantId tenant, Uuid after, int page);
Task<void> end_rewrite(pg::Session& session, TenantId tenant, std::int64_t newest);

} // namespace hs::store
