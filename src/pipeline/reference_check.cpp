// Verification of an import: the source's rows counted and summed against ours.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "pipeline/reference_import.hpp"

namespace hs::pipeline {

namespace {

const TableReport& report_of(const std::vector<TableReport>& tables, std::string_view name) {
    return *std::ranges::find(tables, name, &TableReport::table);
}

/// One line a sum over all groups, and one for the number of groups that differ in anything.
void compare_groups(std::string_view by,
                    const std::vector<store::GroupSums>& source,
                    const std::vector<store::GroupSums>& here,
                    std::vector<CheckLine>& out) {
    std::map<std::string, std::vector<std::int64_t>> rest; // source minus here
    std::vector<std::int64_t> source_total(store::sum_names.size());
    std::vector<std::int64_t> here_total(store::sum_names.size());
    const auto add = [&](const auto& groups, std::int64_t sign, auto& total) {
        for (const auto& group : groups) {
            auto& left = rest[group.group];
            left.resize(store::sum_names.size());
            for (std::size_t i = 0; i < left.size(); ++i) {
                left[i] += sign * group.sums[i];
                total[i] += group.sums[i];
            }
        }
    };
    add(source, 1, source_total);
    add(here, -1, here_total);
    for (std::size_t i = 0; i < source_total.size(); ++i) {
        out.push_back(
            {fmt::format("{} by {}", store::sum_names.at(i), by), source_total[i], here_total[i]});
    }
    const auto differing = std::ranges::count_if(rest, [](const auto& group) {
        return std::ranges::any_of(group.second, [](std::int64_t left) { return left != 0; });
    });
    const auto groups = static_cast<std::int64_t>(rest.size());
    out.push_back({fmt::format("equal by {}", by), groups, groups - differing});
}

} // namespace

Task<std::vector<CheckLine>> check_import(const Services& services,
                                          ReferenceSource& source,
                                          TenantId tenant,
                                          std::vector<TableReport> tables) {
    std::vector<CheckLine> out;
    const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    const auto counts = co_await store::imported_counts(*unit, tenant);
    for (const auto& report : tables) {
        const auto found = std::ranges::find(counts, report.table, &store::ImportedCount::table);
        const auto imported = found == counts.end() ? 0 : found->imported;
        const auto skipped = static_cast<std::int64_t>(report.skipped.size());
        out.push_back({report.table + " rows", report.source, imported + skipped});
    }
    const auto changed = co_await store::changed_here(*unit, tenant);
    ReferenceSource::LeftOut left_out;
    left_out.calls = report_of(tables, "calls").skipped;
    left_out.calls.insert(left_out.calls.end(), changed.gone.begin(), changed.gone.end());
    left_out.judgements = report_of(tables, "call_insights").skipped;
    left_out.judgements.insert(
        left_out.judgements.end(), changed.judged_again.begin(), changed.judged_again.end());
    for (int turn = 0; turn < 2; ++turn) {
        const bool by_city = turn == 1;
        left_out.groups = report_of(tables, by_city ? "cities" : "agents").skipped;
        const auto there = source.sums(by_city, left_out);
        const auto here = co_await store::imported_sums(*unit, tenant, by_city);
        compare_groups(by_city ? "city" : "agent", there, here, out);
    }
    for (const auto& figure : co_await store::figures_against_facts(*unit, tenant))
        out.push_back({figure.what + " in the rollups", figure.facts, figure.rollups});
    co_return out;
}

} // namespace hs::pipeline
