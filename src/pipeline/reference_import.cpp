#include "pipeline/reference_import.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs::pipeline {

namespace {

using store::ReferenceTable;

constexpr std::array parents_of_calls{std::pair("agent_id", ReferenceTable::agents),
                                      std::pair("city_id", ReferenceTable::cities)};
constexpr std::array tables_in_order{ReferenceTable::cities,
                                     ReferenceTable::agents,
                                     ReferenceTable::calls,
                                     ReferenceTable::call_insights,
                                     ReferenceTable::city_insights};

struct Run {
    const Services& services;
    const ImportOptions& options;
    MappingContext context;
    ReferenceTable table;
    TableReport& report;
};

/// A row on its way in.
struct Pending {
    std::string id;
    json::object row;
    bool fresh = true;
};

pg::Scope worker_scope(TenantId tenant) {
    return {.tenant = tenant, .role = pg::DbRole::worker};
}

Mapped mapped(const Run& run, const SourceRow& source) {
    switch (run.table) {
    case ReferenceTable::cities: return map_city(source);
    case ReferenceTable::agents: return map_agent(source);
    case ReferenceTable::calls: return map_call(run.context, source);
    case ReferenceTable::call_insights: return map_judgement(run.context, source);
    case ReferenceTable::city_insights: return map_city_insight(source);
    }
    return std::unexpected("no such table");
}

void skip(Run& run, const std::string& id, const std::string& reason) {
    run.report.skipped.push_back(id);
    ++run.report.reasons[reason];
}

std::string text_at(const json::object& row, const char* name) {
    const auto* value = row.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

/// A second city of one name keeps its id and name, and is found by its id alone.
Task<void> part_city_names(Run& run, pg::Session& session, std::vector<Pending>& batch) {
    std::vector<std::string> ids;
    std::vector<std::string> keys;
    for (const auto& one : batch) {
        ids.push_back(one.id);
        keys.push_back(text_at(one.row, "name_key"));
    }
    const auto tenant = run.options.tenant;
    std::map<std::string, std::string> holders; // key -> id
    for (const auto& held : co_await store::cities_holding(session, tenant, ids, keys))
        holders[held.key] = held.id;
    for (auto& one : batch) {
        const auto key = text_at(one.row, "name_key");
        const auto [holder, free] = holders.emplace(key, one.id);
        if (free || holder->second == one.id) continue;
        one.row["name_key"] = key + " #" + one.id;
        ++run.report.notes["name of another city: found by its id only"];
    }
}

Task<void> part_employee_ids(Run& run, pg::Session& session, std::vector<Pending>& batch) {
    std::vector<std::string> keys;
    for (const auto& one : batch)
        keys.push_back(text_at(one.row, "employee_key"));
    const auto tenant = run.options.tenant;
    std::map<std::string, std::string> holders;
    for (const auto& held : co_await store::agents_holding(session, tenant, keys))
        holders[held.key] = held.id;
    for (auto& one : batch) {
        const auto key = text_at(one.row, "employee_key");
        if (key.empty()) continue;
        const auto [holder, free] = holders.emplace(key, one.id);
        if (free || holder->second == one.id) continue;
        one.row["employee_key"] = nullptr;
        ++run.report.notes["employee id of another agent: not found by it"];
    }
}

/// Rows whose call or city did not come in cannot either.
Task<void> drop_orphans(Run& run, pg::Session& session, std::vector<Pending>& batch) {
    const bool of_call = run.table == ReferenceTable::call_insights;
    const auto parents = of_call ? ReferenceTable::calls : ReferenceTable::cities;
    std::vector<std::string> ids;
    for (const auto& one : batch)
        ids.push_back(one.id);
    std::set<std::string> present;
    for (const auto& row : co_await store::known_rows(session, run.options.tenant, parents, ids))
        if (row.present) present.insert(row.id);
    std::erase_if(batch, [&](const Pending& one) {
        if (present.contains(one.id)) return false;
        skip(run, one.id, of_call ? "its call is not here" : "its city is not here");
        return true;
    });
}

Task<void> note_missing(Run& run, pg::Session& session, std::vector<Pending>& batch) {
    for (const auto& [column, parents] : parents_of_calls) {
        std::vector<std::string> ids;
        for (const auto& one : batch)
            if (const auto id = text_at(one.row, column); !id.empty()) ids.push_back(id);
        std::set<std::string> present;
        const auto rows =
            co_await store::known_rows(session, run.options.tenant, parents, std::move(ids));
        for (const auto& row : rows)
            if (row.present) present.insert(row.id);
        for (const auto& one : batch) {
            const auto id = text_at(one.row, column);
            if (id.empty() || present.contains(id)) continue;
            ++run.report.notes[fmt::format("{} names nobody here: left empty", column)];
        }
    }
}

/// What can only be seen with the database at hand. In a dry run parents may not be there yet.
Task<void> settle(Run& run, pg::Session& session, std::vector<Pending>& batch) {
    switch (run.table) {
    case ReferenceTable::cities: co_await part_city_names(run, session, batch); break;
    case ReferenceTable::agents: co_await part_employee_ids(run, session, batch); break;
    case ReferenceTable::calls:
        if (!run.options.dry_run) co_await note_missing(run, session, batch);
        break;
    case ReferenceTable::call_insights:
    case ReferenceTable::city_insights:
        if (!run.options.dry_run) co_await drop_orphans(run, session, batch);
        break;
    }
}

void count(Run& run, const std::vector<Pending>& batch) {
    for (const auto& one : batch)
        ++(one.fresh ? run.report.added : run.report.changed);
}

std::string rows_json(const std::vector<Pending>& batch) {
    json::array rows;
    for (const auto& one : batch)
        rows.push_back(one.row);
    return json::serialize(rows);
}

/// Empty, or what the database has against these rows. A lost connection is thrown on.
Task<std::string> write(Run& run, std::vector<Pending> batch) {
    const auto tenant = run.options.tenant;
    const auto rows = rows_json(batch);
    std::string trouble;
    try {
        auto transaction = co_await run.services.database.begin(worker_scope(tenant));
        co_await store::write_imported(*transaction, tenant, run.table, rows);
        co_await transaction->commit();
    } catch (const pg::DatabaseError& error) {
        if (error.connection_lost()) throw;
        // Not the message: it may quote the row.
        trouble = fmt::format("refused by the database ({}{}{})",
                              error.sqlstate(),
                              error.constraint().empty() ? "" : " ",
                              error.constraint());
    }
    co_return trouble;
}

/// The batch at once; when the database refuses it, row by row, so that one bad row costs itself.
Task<void> write_batch(Run& run, std::vector<Pending> batch) {
    if (batch.empty()) co_return;
    const auto trouble = co_await write(run, batch);
    if (trouble.empty()) {
        count(run, batch);
        co_return;
    }
    for (auto& one : batch) {
        std::vector<Pending> alone;
        alone.push_back(std::move(one));
        const auto refused = co_await write(run, alone);
        if (refused.empty()) {
            count(run, alone);
        } else {
            skip(run, alone.front().id, refused);
        }
    }
}

void take_in(Run& run,
             const SourceRow& source,
             const store::KnownRow& known,
             std::vector<Pending>& batch) {
    const auto hash = source_hash(run.context, source);
    if (known.source_hash && hex(*known.source_hash) == hash) {
        ++(known.present ? run.report.same : run.report.gone);
        return;
    }
    if (known.source_hash && !known.present) {
        ++run.report.gone;
        return;
    }
    if (!known.source_hash && known.present) {
        skip(run, known.id, "a row that was not imported has this id here");
        return;
    }
    auto fresh = mapped(run, source);
    if (!fresh && known.source_hash) {
        ++run.report.same;
        ++run.report.notes["kept as it was: " + fresh.error()];
        return;
    }
    if (!fresh) {
        skip(run, known.id, fresh.error());
        return;
    }
    for (const auto& note : fresh->notes)
        ++run.report.notes[note];
    fresh->row["source_id"] = known.id;
    fresh->row["source_hash"] = hash;
    batch.push_back({known.id, std::move(fresh->row), !known.source_hash});
}

Task<void> import_page(Run& run, const std::vector<SourceRow>& page) {
    const auto key = ReferenceSource::key_of(store::name_of(run.table));
    std::vector<std::string> ids;
    for (const auto& row : page)
        ids.push_back(value_or(row, key));
    const auto tenant = run.options.tenant;
    const auto unit = run.services.database.unit(worker_scope(tenant));
    std::map<std::string, store::KnownRow> known;
    for (auto& row : co_await store::known_rows(*unit, tenant, run.table, ids))
        known.emplace(row.id, std::move(row));
    std::vector<Pending> batch;
    for (const auto& row : page)
        take_in(run, row, known.at(value_or(row, key)), batch);
    co_await settle(run, *unit, batch);
    if (run.options.dry_run) {
        count(run, batch);
    } else {
        co_await write_batch(run, std::move(batch));
    }
}

Task<TableReport> import_table(const Services& services,
                               ReferenceSource& source,
                               const ImportOptions& options,
                               ReferenceTable table) {
    const auto name = store::name_of(table);
    TableReport report;
    report.table = name;
    report.source = source.count(name);
    Run run{.services = services,
            .options = options,
            .context = {services.keys, options.tenant, options.region},
            .table = table,
            .report = report};
    std::string after;
    for (;;) {
        const auto page = source.page(name, after, options.batch);
        if (page.empty()) break;
        after = value_or(page.back(), ReferenceSource::key_of(name));
        co_await import_page(run, page);
    }
    co_return report;
}

} // namespace

Task<std::vector<TableReport>>
import_tables(const Services& services, ReferenceSource& source, ImportOptions options) {
    std::vector<TableReport> reports;
    for (const auto table : tables_in_order) {
        auto report = co_await import_table(services, source, options, table);
        reports.push_back(std::move(report));
    }
    if (!options.dry_run) {
        const auto owner =
            services.database.unit({.tenant = options.tenant, .role = pg::DbRole::owner});
        co_await store::advance_city_ids(*owner);
    }
    co_return reports;
}

} // namespace hs::pipeline
