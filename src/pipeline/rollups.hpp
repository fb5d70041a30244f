/// Keeps the rollups: adds up deltas, rewrites facts whose category or zone has changed, audits and
/// rebuilds. The leader's beats and the command `hacksmart rollups` drive it; uploads and
/// evaluations never do, they only leave deltas behind.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "pg/database.hpp"
#include "queue/runner.hpp"
#include "store/rollups.hpp"

namespace hs::pipeline {

struct RollupFinding {
    TenantId tenant;
    std::string bucket; ///< a day, or a month whose sums are wrong
    std::string rollup; ///< table
    std::int64_t cells = 0;
};

struct RollupAudit {
    std::int64_t days = 0;
    std::int64_t months = 0;
    std::vector<TenantId> skipped; ///< facts of these tenants are being rewritten
    std::vector<RollupFinding> findings;
};

class Rollups {
public:
    Rollups(pg::Database& database, Metrics& metrics, Log log);

    /// Adds up what every tenant's outbox holds. A leader's beat.
    Task<void> fold(queue::Lead lead);
    /// Adds up one tenant's outbox; returns how many deltas it took. Unset `lead`: nobody's term.
    Task<std::int64_t> fold_tenant(TenantId tenant, std::optional<queue::Lead> lead);

    /// Works off call_facts_rewrites. A leader's beat.
    Task<void> rewrite(queue::Lead lead);

    /// Compares rollups with a recount: all days touched since the last audit and `share` of the
    /// others. Changes nothing but the list of touched days.
    Task<RollupAudit> audit(std::vector<TenantId> tenants, double share);
    /// Every tenant, one day in a hundred; what differs is reported and rebuilt. A nightly duty.
    Task<void> audit_and_repair();

    /// Corrects the month's facts and recounts its buckets. `month` is its first day.
    Task<void> rebuild(TenantId tenant, std::string month);

private:
    struct Folded {
        std::int64_t figures = 0; // deltas
        std::int64_t answers = 0; // deltas of answers to questions
    };

    Task<Folded> fold_once(TenantId tenant, std::optional<store::LeaderTerm> term);
    Task<void> rewrite_tenant(TenantId tenant, const queue::Lead& lead);
    Task<bool> rewrite_pass(TenantId tenant, const queue::Lead& lead);
    Task<void> audit_tenant(TenantId tenant, double share, RollupAudit& report);
    Task<void> correct_facts(TenantId tenant, std::string month);
    Task<bool> try_rebuild(TenantId tenant, std::string month);
    Task<void> drop_empty(TenantId tenant);

    pg::Database& database_;
    Metrics& metrics_;
    Log log_;
};

} // namespace hs::pipeline
