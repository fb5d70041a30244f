#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "pipeline/reference_import.hpp"

namespace hs::app {

namespace {

constexpr const char* usage =
    "usage: hacksmart import-reference --from DATABASE_URL [--copy-audio DIR|leave] [--dry-run]\n\n"
    "Takes cities, agents, calls and insights of the reference implementation over; may be "
    "repeated.\n"
    "  --copy-audio  copy recordings from DIR, by the file name of audio_url (default: leave)\n"
    "  --dry-run     read and judge every row, write nothing\n"
    "Exit status 1 when counts or sums differ afterwards.\n";

struct Wanted {
    std::string from;
    std::optional<std::filesystem::path> recordings;
    bool dry_run = false;
    CommandLine line;
};

/// Takes the command's own flags out; the rest are settings.
std::optional<Wanted> read(std::span<const std::string> args) {
    Wanted wanted;
    std::vector<std::string> rest;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const bool last = i + 1 == args.size();
        if (args[i] == "--from" || args[i] == "--copy-audio") {
            if (last) return std::nullopt;
            if (args[i] == "--from") {
                wanted.from = args[i + 1];
            } else if (args[i + 1] != "leave") {
                wanted.recordings = args[i + 1];
            }
            ++i;
        } else {
            rest.push_back(args[i]);
        }
    }
    wanted.line = split_arguments(rest, {"--dry-run"});
    wanted.dry_run = !wanted.line.switches.empty();
    if (wanted.from.empty() || !wanted.line.words.empty()) return std::nullopt;
    return wanted;
}

void print_tables(const std::vector<pipeline::TableReport>& tables) {
    fmt::print("{:<14} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
               "table",
               "source",
               "new",
               "changed",
               "same",
               "skipped",
               "gone");
    for (const auto& table : tables) {
        fmt::print("{:<14} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n",
                   table.table,
                   table.source,
                   table.added,
                   table.changed,
                   table.same,
                   table.skipped.size(),
                   table.gone);
    }
    for (const auto& table : tables) {
        for (const auto& [reason, count] : table.reasons)
            fmt::print("skipped in {}: {} ({})\n", table.table, reason, count);
        for (const auto& [note, count] : table.notes)
            fmt::print("note on {}: {} ({})\n", table.table, note, count);
    }
}

void print_recordings(const pipeline::RecordingReport& report) {
    fmt::print("recordings: {} copied, {} not in the folder\n", report.copied, report.missing);
    for (const auto& [code, count] : report.refused)
        fmt::print("recordings refused: {} ({})\n", code, count);
}

bool print_checks(const std::vector<pipeline::CheckLine>& checks) {
    fmt::print("\n{:<28} {:>14} {:>14}\n", "check", "source", "here");
    bool all = true;
    for (const auto& check : checks) {
        all = all && check.holds();
        fmt::print("{:<28} {:>14} {:>14}{}\n",
                   check.what,
                   check.source,
                   check.here,
                   check.holds() ? "" : "  DIFFERS");
    }
    return all;
}

Task<bool> run(Engine& engine, pipeline::ReferenceSource& source, const Wanted& wanted) {
    pipeline::ImportOptions options;
    options.tenant = *TenantId::parse("00000000-0000-7000-8000-000000000001");
    options.region = engine.config().region;
    options.dry_run = wanted.dry_run;
    options.recordings = wanted.recordings;
    const auto tables = co_await pipeline::import_tables(engine.services(), source, options);
    print_tables(tables);
    if (wanted.dry_run) {
        fmt::print("dry run: nothing was written\n");
        co_return true;
    }
    if (wanted.recordings) {
        print_recordings(co_await pipeline::copy_recordings(engine.services(), options));
    }
    const auto checks =
        co_await pipeline::check_import(engine.services(), source, options.tenant, tables);
    const bool good = print_checks(checks);
    fmt::print("agents whose stored total differs from their calls at the source: {}\n",
               source.stale_totals());
    co_return good;
}

} // namespace

int import_reference_command(std::span<const std::string> args) {
    const auto wanted = read(args);
    if (!wanted) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    auto source = pipeline::ReferenceSource::open(wanted->from);
    if (!source) {
        fmt::print(stderr, "hacksmart import-reference: {}\n", source.error().message);
        return 1;
    }
    const auto engine = engine_or_complain(wanted->line);
    if (!engine) return 1;
    bool good = false;
    run_to_end(*engine, [&]() -> Task<void> { good = co_await run(*engine, *source, *wanted); });
    return good ? 0 : 1;
}

} // namespace hs::app
