#include "store/reference.hpp"

#include "store/queries.hpp"

namespace hs::store {

namespace {

const pg::Query& writer_of(ReferenceTable table) {
    switch (table) {
    case ReferenceTable::cities: return sql::import_cities;
    case ReferenceTable::agents: return sql::import_agents;
    case ReferenceTable::calls: return sql::import_calls;
    case ReferenceTable::call_insights: return sql::import_judgements;
    case ReferenceTable::city_insights: return sql::import_city_insights;
    }
    return sql::import_cities;
}

std::vector<HeldKey> read_keys(const pg::Rows& rows) {
    std::vector<HeldKey> out;
    for (const auto row : rows)
        out.push_back({row.text("id"), row.text("key")});
    return out;
}

} // namespace

std::string_view name_of(ReferenceTable table) {
    switch (table) {
    case ReferenceTable::cities: return "cities";
    case ReferenceTable::agents: return "agents";
    case ReferenceTable::calls: return "calls";
    case ReferenceTable::call_insights: return "call_insights";
    case ReferenceTable::city_insights: return "city_insights";
    }
    return "";
}

Task<std::vector<KnownRow>> known_rows(pg::Session& session,
                                       TenantId tenant,
                                       ReferenceTable table,
                                       std::vector<std::string> ids) {
    const auto rows =
        co_await session.run(sql::known_rows, pg::params(tenant, name_of(table), ids));
    std::vector<KnownRow> out;
    for (const auto row : rows) {
        KnownRow known{.id = row.text("id"), .source_hash = {}, .present = row.boolean("present")};
        if (!row.null("source_hash")) known.source_hash = row.bytes("source_hash");
        out.push_back(std::move(known));
    }
    co_return out;
}

Task<std::vector<HeldKey>> cities_holding(pg::Session& session,
                                          TenantId tenant,
                                          std::vector<std::string> ids,
                                          std::vector<std::string> keys) {
    const auto rows = co_await session.run(sql::cities_holding, pg::params(tenant, ids, keys));
    co_return read_keys(rows);
}

Task<std::vector<HeldKey>>
agents_holding(pg::Session& session, TenantId tenant, std::vector<std::string> keys) {
    const auto rows = co_await session.run(sql::agents_holding, pg::params(tenant, keys));
    co_return read_keys(rows);
}

Task<void>
write_imported(pg::Session& session, TenantId tenant, ReferenceTable table, std::string rows_json) {
    co_await session.run(writer_of(table), pg::params(tenant, rows_json));
    if (table == ReferenceTable::call_insights) {
        co_await session.run(sql::import_remarks, pg::params(tenant, rows_json));
        co_await session.run(sql::show_newest_remarks, pg::params(tenant, rows_json));
    }
    co_await session.run(sql::note_imported, pg::params(tenant, name_of(table), rows_json));
}

Task<void> advance_city_ids(pg::Session& session) {
    co_await session.run(sql::advance_city_ids, pg::Params{});
}

Task<std::vector<ExternalRecording>>
external_recordings(pg::Session& session, TenantId tenant, std::optional<CallId> after, int limit) {
    const auto rows =
        co_await session.run(sql::external_recordings, pg::params(tenant, after, limit));
    std::vector<ExternalRecording> out;
    for (const auto row : rows)
        out.push_back({CallId{row.uuid("id")}, row.time("created_at"), row.text("url")});
    co_return out;
}

Task<void>
adopt_recording(pg::Session& session, TenantId tenant, CallId call, std::string locator) {
    co_await session.run(sql::adopt_recording, pg::params(tenant, call, locator));
}

Task<std::vector<ImportedCount>> imported_counts(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::imported_counts, pg::params(tenant));
    std::vector<ImportedCount> out;
    for (const auto row : rows)
        out.push_back({row.text("source"), row.integer("imported"), row.integer("gone")});
    co_return out;
}

Task<ChangedHere> changed_here(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::changed_here, pg::params(tenant));
    ChangedHere out;
    for (const auto row : rows)
        (row.boolean("gone") ? out.gone : out.judged_again).push_back(row.text("id"));
    co_return out;
}

Task<std::vector<GroupSums>> imported_sums(pg::Session& session, TenantId tenant, bool by_city) {
    const auto rows = co_await session.run(sql::imported_sums, pg::params(tenant, by_city));
    std::vector<GroupSums> out;
    for (const auto row : rows) {
        GroupSums group{.group = row.text("grp"), .sums = {}};
        for (const auto name : sum_names)
            group.sums.push_back(row.integer(name));
        out.push_back(std::move(group));
    }
    co_return out;
}

Task<std::vector<FigureCheck>> figures_against_facts(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::figures_against_facts, pg::params(tenant));
    std::vector<FigureCheck> out;
    for (const auto row : rows)
        out.push_back({row.text("what"), row.integer("facts"), row.integer("rollups")});
    co_return out;
}

} // namespace hs::store
