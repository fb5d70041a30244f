#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "store/calls.hpp"
#include "store/rollups.hpp"

namespace hs::app {

namespace {

constexpr const char* usage =
    "usage: hacksmart rollups status|audit|rebuild [--tenant ID] [--month YYYY-MM]\n"
    "  status   how far the figures are, and what waits\n"
    "  audit    recounts every day from the calls and compares; status 1 when something differs\n"
    "  rebuild  recounts months and replaces their figures (default: all months)\n";

struct Wanted {
    std::string action;
    std::optional<TenantId> tenant;
    std::optional<std::string> month; // first day
    CommandLine line;
};

bool is_month(const std::string& text) {
    const bool digits =
        text.size() == 7 && text.find_first_not_of("0123456789-") == std::string::npos;
    return digits && text[4] == '-' && text.substr(5) >= "01" && text.substr(5) <= "12" &&
           text.find('-', 5) == std::string::npos && text.find('-') == 4;
}

/// Takes --tenant and --month out; the rest are settings.
std::optional<Wanted> read(std::span<const std::string> args) {
    Wanted wanted;
    std::vector<std::string> rest;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const bool last = i + 1 == args.size();
        if (args[i] == "--tenant") {
            wanted.tenant = last ? std::nullopt : TenantId::parse(args[++i]);
            if (!wanted.tenant) return std::nullopt;
        } else if (args[i] == "--month") {
            if (last || !is_month(args[i + 1])) return std::nullopt;
            wanted.month = args[++i] + "-01";
        } else {
            rest.push_back(args[i]);
        }
    }
    wanted.line = split_arguments(rest, {});
    if (wanted.line.words.size() != 1) return std::nullopt;
    wanted.action = wanted.line.words.front();
    const bool known =
        wanted.action == "status" || wanted.action == "audit" || wanted.action == "rebuild";
    if (!known || (wanted.month && wanted.action != "rebuild")) return std::nullopt;
    return wanted;
}

Task<std::vector<TenantId>> tenants_of(Engine& engine, std::optional<TenantId> one) {
    if (one) co_return std::vector<TenantId>(1, *one);
    const auto unit =
        engine.services().database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    co_return co_await store::list_tenants(*unit);
}

pg::Scope worker_scope(TenantId tenant) {
    return {.tenant = tenant, .role = pg::DbRole::worker};
}

Task<void> print_status(Engine& engine, std::vector<TenantId> tenants) {
    for (const auto tenant : tenants) {
        const auto unit = engine.services().database.unit(worker_scope(tenant));
        const auto status = co_await store::rollup_status(*unit, tenant);
        fmt::print("tenant {}\n", tenant.str());
        fmt::print("  calls in the rollups       {}\n", status.calls);
        fmt::print("  data version               {}\n", status.version);
        fmt::print("  last change folded         {}\n",
                   status.folded_at ? rfc3339(*status.folded_at) : "-");
        fmt::print("  deltas waiting             {}\n", status.deltas);
        fmt::print("  oldest delta, seconds      {:.1f}\n", status.lag_seconds);
        fmt::print("  rewrites of facts waiting  {}\n", status.rewrites);
        fmt::print("  days to audit              {}\n", status.days_to_audit);
    }
}

Task<bool> print_audit(Engine& engine, std::vector<TenantId> tenants) {
    const auto report = co_await engine.rollups().audit(std::move(tenants), 1.0);
    for (const auto& finding : report.findings) {
        fmt::print("{} {:<10} {:<17} {} cells differ\n",
                   finding.tenant.str(),
                   finding.bucket,
                   finding.rollup,
                   finding.cells);
    }
    for (const auto tenant : report.skipped)
        fmt::print("{} skipped: its facts are being rewritten, try again soon\n", tenant.str());
    fmt::print(
        "{} days, {} months, {} findings\n", report.days, report.months, report.findings.size());
    co_return report.findings.empty();
}

Task<void> rebuild(Engine& engine, std::vector<TenantId> tenants, std::optional<std::string> one) {
    for (const auto tenant : tenants) {
        std::vector<std::string> months;
        if (one) {
            months.push_back(*one);
        } else {
            const auto unit = engine.services().database.unit(worker_scope(tenant));
            months = co_await store::months_with_calls(*unit, tenant);
        }
        for (const auto& month : months) {
            co_await engine.rollups().rebuild(tenant, month);
            fmt::print("{} {} rebuilt\n", tenant.str(), month.substr(0, 7));
        }
    }
}

} // namespace

int rollups_command(std::span<const std::string> args) {
    const auto wanted = read(args);
    if (!wanted) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    const auto engine = engine_or_complain(wanted->line, Engine::PrivateDatabase::shared);
    if (!engine) return 1;
    bool good = true;
    run_to_end(*engine, [&]() -> Task<void> {
        auto tenants = co_await tenants_of(*engine, wanted->tenant);
        if (wanted->action == "status") {
            co_await print_status(*engine, std::move(tenants));
        } else if (wanted->action == "audit") {
            good = co_await print_audit(*engine, std::move(tenants));
        } else {
            co_await rebuild(*engine, std::move(tenants), wanted->month);
        }
    });
    return good ? 0 : 1;
}

} // namespace hs::app
