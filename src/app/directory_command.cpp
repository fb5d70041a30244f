#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "base/csv.hpp"
#include "base/text.hpp"
#include "store/directory.hpp"

namespace hs::app {

namespace {

constexpr const char* usage =
    "usage: hacksmart directory import FILE.csv…\n\n"
    "The header line tells what a file holds:\n"
    "  agents      name,employee_id,languages          (languages joined by ;)\n"
    "  cities      name,state,latitude,longitude,aliases\n"
    "  categories  name,emergency,aliases              (emergency true or false)\n"
    "Entries that exist already are left as they are.\n";

using CsvRow = std::map<std::string, std::string>;

std::string cell(const CsvRow& row, const char* name) {
    const auto found = row.find(name);
    return found == row.end() ? std::string() : found->second;
}

std::optional<std::string> filled(const CsvRow& row, const char* name) {
    auto text = cell(row, name);
    return text.empty() ? std::nullopt : std::optional(std::move(text));
}

std::vector<std::string> listed(const CsvRow& row, const char* name) {
    std::vector<std::string> items;
    const auto text = cell(row, name);
    for (const auto part : split(text, ';')) {
        if (const auto item = trim(part); !item.empty()) items.emplace_back(item);
    }
    return items;
}

std::optional<double> coordinate(const CsvRow& row, const char* name) {
    const auto text = cell(row, name);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

bool has_column(const CsvTable& table, const char* name) {
    return std::ranges::find(table.header, name) != table.header.end();
}

Task<bool> add_agent(pg::Session& session, TenantId tenant, Time now, CsvRow row) {
    store::Agent agent;
    agent.id = AgentId::make(now);
    agent.name = cell(row, "name");
    agent.employee_id = filled(row, "employee_id");
    agent.languages = listed(row, "languages");
    co_return (co_await store::insert_agent(session, tenant, std::move(agent))).has_value();
}

Task<bool> add_city(pg::Session& session, TenantId tenant, CsvRow row) {
    store::City city;
    city.name = cell(row, "name");
    city.state = filled(row, "state");
    city.latitude = coordinate(row, "latitude");
    city.longitude = coordinate(row, "longitude");
    city.aliases = listed(row, "aliases");
    co_return (co_await store::insert_city(session, tenant, std::move(city))).has_value();
}

Task<bool> add_category(pg::Session& session, TenantId tenant, CsvRow row) {
    store::IssueCategory category;
    category.name = cell(row, "name");
    category.emergency = cell(row, "emergency") == "true";
    category.aliases = listed(row, "aliases");
    co_return (co_await store::insert_category(session, tenant, std::move(category))).has_value();
}

/// One file, one transaction: all of it or nothing.
Task<void> import_table(Engine& engine, std::string file, CsvTable table) {
    const auto tenant = *TenantId::parse("00000000-0000-7000-8000-000000000001");
    const auto& services = engine.services();
    const auto transaction = co_await services.database.begin({.tenant = tenant});
    int added = 0;
    for (const auto& row : table.rows) {
        bool fresh = false;
        if (has_column(table, "employee_id")) {
            fresh = co_await add_agent(*transaction, tenant, services.clock.now(), row);
        } else if (has_column(table, "emergency")) {
            fresh = co_await add_category(*transaction, tenant, row);
        } else {
            fresh = co_await add_city(*transaction, tenant, row);
        }
        added += fresh ? 1 : 0;
    }
    co_await transaction->commit();
    fmt::print("{}: {} added, {} known already\n",
               file,
               added,
               static_cast<int>(table.rows.size()) - added);
}

/// Reads all files first, so that a fault in the last one changes nothing.
std::optional<std::vector<std::pair<std::string, CsvTable>>>
read_tables(std::span<const std::string> files) {
    std::vector<std::pair<std::string, CsvTable>> tables;
    for (const auto& file : files) {
        const auto text = read_file(file);
        auto table = text ? parse_csv(*text) : Result<CsvTable>(std::unexpected(text.error()));
        if (table && !has_column(*table, "name")) {
            table = fail(ErrorKind::invalid, "csv.invalid", "line 1: there is no column \"name\"");
        }
        if (!table) {
            fmt::print(stderr, "{}: {}\n", file, table.error().message);
            return std::nullopt;
        }
        for (const auto& row : table->rows) {
            if (!cell(row, "name").empty()) continue;
            fmt::print(stderr, "{}: a row has no name\n", file);
            return std::nullopt;
        }
        tables.emplace_back(file, *std::move(table));
    }
    return tables;
}

} // namespace

int directory_command(std::span<const std::string> args) {
    const auto line = split_arguments(args, {});
    if (line.words.size() < 2 || line.words.front() != "import") {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    const auto tables = read_tables(std::span(line.words).subspan(1));
    if (!tables) return 1;
    const auto engine = engine_or_complain(line, Engine::PrivateDatabase::shared);
    if (!engine) return 1;
    run_to_end(*engine, [&]() -> Task<void> {
        for (const auto& [file, table] : *tables)
            co_await import_table(*engine, file, table);
    });
    return 0;
}

} // namespace hs::app
