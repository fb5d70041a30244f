#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "pipeline/rollups.hpp"
#include "store/calls.hpp"

namespace hs::pipeline {

using store::Turn;
using namespace std::chrono_literals;

namespace {

constexpr double nightly_share = 0.01;
const std::optional<store::LeaderTerm> nobody; // an operator or a duty: no term to check
constexpr int page = 500;
constexpr int rounds = 1000;       // of correcting facts: half a million in a month
constexpr int rebuild_tries = 200; // the folder holds its turn for milliseconds at a time

pg::Scope worker_scope(TenantId tenant) {
    return {.tenant = tenant, .role = pg::DbRole::worker};
}

/// First day of the month of a day or a month.
std::string month_of(const std::string& day) {
    return day.substr(0, 7) + "-01";
}

/// All days of a month given by its first one.
store::DaySpan days_of(const std::string& month) {
    int year = 0;
    unsigned number = 0;
    std::from_chars(month.data(), month.data() + 4, year);
    std::from_chars(month.data() + 5, month.data() + 7, number);
    const auto last = std::chrono::year_month_day_last(
        std::chrono::year(year), std::chrono::month_day_last(std::chrono::month(number)));
    return {month, fmt::format("{}{:02}", month.substr(0, 8), unsigned(last.day()))};
}

Task<void> pause(std::chrono::milliseconds time) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, time);
    co_await timer.async_wait(boost::asio::use_awaitable);
}

} // namespace

// --- audit --------------------------------------------------------------------------------------

Task<RollupAudit> Rollups::audit(std::vector<TenantId> tenants, double share) {
    RollupAudit report;
    for (const auto tenant : tenants)
        co_await audit_tenant(tenant, share, report);
    co_return report;
}

Task<void> Rollups::audit_tenant(TenantId tenant, double share, RollupAudit& report) {
    const auto unit = database_.unit(worker_scope(tenant));
    const auto status = co_await store::rollup_status(*unit, tenant);
    if (status.rewrites > 0) {
        report.skipped.push_back(tenant);
        co_return;
    }
    const auto days = co_await store::days_to_audit(*unit, tenant, share);
    std::set<std::string> months;
    for (const auto& day : days) {
        months.insert(month_of(day.day));
        const auto found = co_await store::audit_day(*unit, tenant, day.day);
        for (const auto& one : found)
            report.findings.push_back({tenant, day.day, one.rollup, one.cells});
        if (found.empty()) co_await store::day_audited(*unit, tenant, day);
        ++report.days;
    }
    for (const auto& month : months) {
        const auto found = co_await store::audit_sums(*unit, tenant, month);
        for (const auto& one : found)
            report.findings.push_back({tenant, month.substr(0, 7), one.rollup, one.cells});
        ++report.months;
    }
}

Task<void> Rollups::audit_and_repair() {
    const auto everybody = database_.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    const auto tenants = co_await store::list_tenants(*everybody);
    const auto report = co_await audit(tenants, nightly_share);
    auto& differences = metrics_.counter("hacksmart_rollup_audit_differences_total",
                                         "Cells in which rollups differed from a recount");
    std::set<std::pair<TenantId, std::string>> months;
    for (const auto& finding : report.findings) {
        differences.add(static_cast<std::uint64_t>(finding.cells));
        log_.error("rollup.differs",
                   {{"tenant_id", finding.tenant.str()},
                    {"bucket", finding.bucket},
                    {"rollup", finding.rollup},
                    {"cells", finding.cells}});
        months.emplace(finding.tenant, month_of(finding.bucket));
    }
    for (const auto& [tenant, month] : months)
        co_await rebuild(tenant, month);
    for (const auto tenant : tenants)
        co_await drop_empty(tenant);
    log_.info("rollups.audited",
              {{"days", report.days},
               {"months", report.months},
               {"findings", report.findings.size()},
               {"tenants_skipped", report.skipped.size()}});
}

Task<void> Rollups::drop_empty(TenantId tenant) {
    auto transaction = co_await database_.begin(worker_scope(tenant));
    const auto turn = co_await store::take_rollup_turn(*transaction, tenant, nobody);
    if (turn == Turn::taken) co_await store::drop_empty_buckets(*transaction, tenant);
    co_await transaction->commit();
}

// --- rebuild ------------------------------------------------------------------------------------

Task<void> Rollups::rebuild(TenantId tenant, std::string month) {
    co_await correct_facts(tenant, month);
    for (int i = 0; i < rebuild_tries; ++i) {
        const bool done = co_await try_rebuild(tenant, month);
        if (done) {
            log_.info("rollups.rebuilt", {{"tenant_id", tenant.str()}, {"month", month}});
            co_return;
        }
        co_await pause(10ms);
    }
    throw pg::DatabaseError("40001", "", "rollups: the turn to rebuild did not come");
}

/// Facts follow their sources by themselves; this is for what was changed behind the triggers.
Task<void> Rollups::correct_facts(TenantId tenant, std::string month) {
    const auto unit = database_.unit(worker_scope(tenant));
    const auto days = days_of(month);
    for (int round = 0; round < rounds; ++round) {
        const auto wrong = co_await store::wrong_facts(*unit, tenant, days, page);
        if (wrong.empty()) break;
        log_.error("facts.corrected",
                   {{"tenant_id", tenant.str()}, {"month", month}, {"count", wrong.size()}});
        const auto looked_at = co_await store::refresh_facts(*unit, tenant, wrong);
        if (looked_at == 0) co_await pause(10ms); // writers hold all of them
    }
    co_await store::correct_rule_facts(*unit, tenant, month);
}

/// One snapshot: facts and deltas are committed together, so the deltas that it sees are exactly
/// those its recount contains. False when a fold came between snapshot and turn.
Task<bool> Rollups::try_rebuild(TenantId tenant, std::string month) {
    auto scope = worker_scope(tenant);
    scope.snapshot = true;
    auto transaction = co_await database_.begin(scope);
    bool overtaken = false;
    try {
        const auto turn = co_await store::take_rollup_turn(*transaction, tenant, nobody);
        if (turn == Turn::taken) {
            co_await store::rebuild_month(*transaction, tenant, month);
            co_await transaction->commit();
            co_return true;
        }
    } catch (const pg::DatabaseError& error) {
        overtaken = error.serialization_failure() || error.unique_violation();
        if (!overtaken) throw;
    }
    co_await transaction->rollback();
    co_return false;
}

} // namespace hs::pipeline
