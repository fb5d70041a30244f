#include "store/rollups.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "store/queries.hpp"

namespace hs::store {

namespace {

std::vector<RollupDifference> differences(const pg::Rows& rows) {
    std::vector<RollupDifference> out;
    for (const auto row : rows) {
        if (row.integer("differences") == 0) continue;
        out.push_back({row.text("rollup"), row.integer("differences")});
    }
    return out;
}

} // namespace

Task<Time> figures_as_of(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::figures_as_of, pg::params(tenant));
    co_return rows.front().time("as_of");
}

Task<std::int64_t> data_version(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::data_version, pg::params(tenant));
    co_return rows.front().integer("version");
}

Task<RollupStatus> rollup_status(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::rollup_status, pg::params(tenant));
    const auto row = rows.front();
    RollupStatus status;
    status.version = row.integer("version");
    status.folded_at = row.optional_time("folded_at");
    status.deltas = row.integer("deltas");
    status.lag_seconds = row.real("lag_seconds");
    status.rewrites = row.integer("rewrites");
    status.days_to_audit = row.integer("days_to_audit");
    status.calls = row.integer("calls");
    co_return status;
}

// --- folding ------------------------------------------------------------------------------------

Task<std::vector<TenantLag>> tenants_to_fold(pg::Session& session) {
    const auto rows = co_await session.run(sql::tenants_to_fold, pg::Params());
    std::vector<TenantLag> out;
    for (const auto row : rows)
        out.push_back({TenantId{row.uuid("tenant_id")}, row.real("age")});
    co_return out;
}

Task<Turn> take_rollup_turn(pg::Session& session, TenantId tenant, std::optional<LeaderTerm> term) {
    pg::Params values = pg::params(tenant);
    if (term) {
        values.add(term->name).add(term->holder).add(term->term);
    } else {
        values.add(std::nullopt).add(std::nullopt).add(std::nullopt);
    }
    const auto rows = co_await session.run(sql::rollup_turn, std::move(values));
    if (!rows.front().boolean("allowed")) co_return Turn::deposed;
    co_return rows.front().boolean("locked") ? Turn::taken : Turn::busy;
}

Task<std::int64_t> fold_batch(pg::Session& session, TenantId tenant, int most) {
    const auto rows = co_await session.run(sql::fold_batch, pg::params(tenant, most));
    co_return rows.front().integer("taken");
}

Task<std::int64_t> fold_rule_batch(pg::Session& session, TenantId tenant, int most) {
    const auto rows = co_await session.run(sql::fold_rule_batch, pg::params(tenant, most));
    co_return rows.front().integer("taken");
}

// --- rebuild ------------------------------------------------------------------------------------

Task<void> rebuild_month(pg::Session& session, TenantId tenant, std::string month) {
    co_await session.run(sql::forget_month_deltas, pg::params(tenant, month));
    co_await session.run(sql::drop_month, pg::params(tenant, month));
    co_await session.run(sql::count_month, pg::params(tenant, month));
    co_await session.run(sql::sum_all_time, pg::params(tenant));
    co_await session.run(sql::forget_month_rules, pg::params(tenant, month));
    co_await session.run(sql::count_month_rules, pg::params(tenant, month));
    co_await session.run(sql::sum_rules_of_all_time, pg::params(tenant));
    co_await session.run(sql::next_data_version, pg::params(tenant));
}

Task<std::vector<std::string>> months_with_calls(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::months_with_calls, pg::params(tenant));
    std::vector<std::string> out;
    for (const auto row : rows)
        out.push_back(row.text("month"));
    co_return out;
}

Task<void> drop_empty_buckets(pg::Session& session, TenantId tenant) {
    co_await session.run(sql::drop_empty_buckets, pg::params(tenant));
    co_await session.run(sql::drop_empty_rules, pg::params(tenant));
}

Task<std::vector<Uuid>>
wrong_facts(pg::Session& session, TenantId tenant, DaySpan days, int limit) {
    auto values = pg::params(tenant, days.first, days.last, limit);
    const auto rows = co_await session.run(sql::wrong_facts, std::move(values));
    std::vector<Uuid> out;
    for (const auto row : rows)
        out.push_back(row.uuid("call_id"));
    co_return out;
}

Task<std::int64_t> refresh_facts(pg::Session& session, TenantId tenant, std::vector<Uuid> calls) {
    const auto rows = co_await session.run(sql::refresh_facts, pg::params(tenant, calls));
    co_return rows.size();
}

Task<void> correct_rule_facts(pg::Session& session, TenantId tenant, std::string month) {
    co_await session.run(sql::correct_rule_facts, pg::params(tenant, month));
}

// --- audit --------------------------------------------------------------------------------------

Task<std::vector<AuditDay>> days_to_audit(pg::Session& session, TenantId tenant, double share) {
    const auto rows = co_await session.run(sql::days_to_audit, pg::params(tenant, share));
    std::vector<AuditDay> out;
    for (const auto row : rows)
        out.push_back({row.text("day"), row.time("asked_at")});
    co_return out;
}

Task<std::vector<RollupDifference>>
audit_day(pg::Session& session, TenantId tenant, std::string day) {
    const auto rows = co_await session.run(sql::audit_day, pg::params(tenant, day));
    const auto rules = co_await session.run(sql::audit_rules_day, pg::params(tenant, day));
    auto found = differences(rows);
    std::ranges::copy(differences(rules), std::back_inserter(found));
    co_return found;
}

Task<std::vector<RollupDifference>>
audit_sums(pg::Session& session, TenantId tenant, std::string month) {
    const auto rows = co_await session.run(sql::audit_sums, pg::params(tenant, month));
    const auto rules = co_await session.run(sql::audit_rules_sums, pg::params(tenant, month));
    auto found = differences(rows);
    std::ranges::copy(differences(rules), std::back_inserter(found));
    co_return found;
}

Task<void> day_audited(pg::Session& session, TenantId tenant, AuditDay day) {
    co_await session.run(sql::day_audited, pg::params(tenant, day.day, day.asked_at));
}

// --- rewriting facts ----------------------------------------------------------------------------

Task<std::vector<TenantId>> tenants_to_rewrite(pg::Session& session) {
    const auto rows = co_await session.run(sql::tenants_to_rewrite, pg::Params());
    std::vector<TenantId> out;
    for (const auto row : rows)
        out.push_back(TenantId{row.uuid("tenant_id")});
    co_return out;
}

Task<std::int64_t> ready_rewrite(pg::Session& session, TenantId tenant) {
    co_await session.run(sql::begin_rewrite, pg::params(tenant));
    const auto rows = co_await session.run(sql::ready_rewrites, pg::params(tenant));
    co_return rows.front().integer("newest");
}

Task<FactPage> facts_to_rewrite(pg::Session& session, TenantId tenant, Uuid after, int page) {
    auto values = pg::params(tenant, after, page);
    const auto rows = co_await session.run(sql::facts_to_rewrite, std::move(values));
    FactPage out;
    for (const auto row : rows) {
        out.end = row.uuid("page_end");
        if (const auto wrong = row.optional_uuid("call_id")) out.wrong.push_back(*wrong);
    }
    co_return out;
}

Task<void> end_rewrite(pg::Session& session, TenantId tenant, std::int64_t newest) {
    co_await session.run(sql::end_rewrite, pg::params(tenant, newest));
}

} // namespace hs::store
