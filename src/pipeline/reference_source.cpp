#include "pipeline/reference_source.hpp"

#include <array>

#include <fmt/format.h>

namespace hs::pipeline {

namespace {

constexpr std::array tables{"cities", "agents", "calls", "call_insights", "city_insights"};

std::vector<std::string> read_page_columns(std::string_view table) {
    auto columns = columns_of(table);
    if (table == "call_insights") {
        columns.insert(columns.end(),
                       {"call_customer_name", "call_duration_seconds", "call_agent_name"});
    }
    return columns;
}

} // namespace

std::string_view ReferenceSource::key_of(std::string_view table) {
    if (table == "call_insights") return "call_id";
    return table == "city_insights" ? "city_id" : "id";
}

Result<ReferenceSource> ReferenceSource::open(const std::string& url) {
    TRY(auto connection, pg::BlockingConnection::open(url, 10));
    ReferenceSource source(std::move(connection));
    TRY_VOID(source.look());
    return source;
}

Result<void> ReferenceSource::look() {
    connection_.run("SET TIME ZONE 'UTC'");
    connection_.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const auto rows = connection_.run(
        "SELECT table_name::text AS tab, column_name::text AS col, udt_name::text AS type "
        "FROM information_schema.columns WHERE table_schema = ANY (current_schemas(false))");
    for (const auto row : rows)
        types_[row.text("tab")][row.text("col")] = row.text("type");
    for (const auto* table : tables) {
        const auto found = types_.find(table);
        if (found == types_.end() || !has(table, key_of(table))) {
            return fail(ErrorKind::invalid,
                        "reference.not_one",
                        fmt::format("the source has no table {} as the reference has it", table));
        }
        if (has(table, "tenant_id")) {
            return fail(ErrorKind::invalid,
                        "reference.not_one",
                        "the source is a database of this program, not of the reference");
        }
    }
    return {};
}

bool ReferenceSource::has(std::string_view table, std::string_view column) const {
    const auto found = types_.find(table);
    return found != types_.end() && found->second.contains(std::string(column));
}

/// Times without a zone are UTC (docs/how-to/move-from-the-reference.md).
std::string ReferenceSource::read_column(std::string_view table, const std::string& column) const {
    if (column == "call_customer_name" || column == "call_duration_seconds") {
        const auto plain = column.substr(5);
        if (!has("calls", plain)) return "";
        return fmt::format("(SELECT c.{}::text FROM calls c WHERE c.id = t.call_id)", plain);
    }
    if (column == "call_agent_name") {
        return "(SELECT a.name::text FROM calls c JOIN agents a ON a.id = c.agent_id "
               "WHERE c.id = t.call_id)";
    }
    if (!has(table, column)) return "";
    const auto& type = types_.find(table)->second.at(column);
    if (type == "timestamp") return fmt::format("(t.{} AT TIME ZONE 'UTC')::text", column);
    return fmt::format("t.{}::text", column);
}

std::string ReferenceSource::select_list(std::string_view table) const {
    std::string list;
    for (const auto& column : read_page_columns(table)) {
        const auto expression = read_column(table, column);
        if (expression.empty()) continue;
        list += fmt::format("{}{} AS \"{}\"", list.empty() ? "" : ", ", expression, column);
    }
    return list;
}

std::int64_t ReferenceSource::count(std::string_view table) {
    return connection_.run(fmt::format("SELECT count(*) AS n FROM {}", table)).front().integer("n");
}

std::vector<SourceRow>
ReferenceSource::page(std::string_view table, const std::string& after, int limit) {
    const auto key = key_of(table);
    const auto& type = types_.find(table)->second.at(std::string(key));
    const auto rows = connection_.run(
        fmt::format("SELECT {} FROM {} t WHERE $1 = '' OR t.{} > nullif($1, '')::{} ORDER BY t.{} "
                    "LIMIT $2::bigint",
                    select_list(table),
                    table,
                    key,
                    type,
                    key),
        pg::params(after, limit));
    std::vector<SourceRow> out;
    for (const auto row : rows) {
        SourceRow cells;
        for (const auto& column : read_page_columns(table)) {
            if (!read_column(table, column).empty()) cells[column] = row.optional_text(column);
        }
        out.push_back(std::move(cells));
    }
    return out;
}

std::vector<store::GroupSums> ReferenceSource::sums(bool by_city, const LeftOut& left_out) {
    const std::string all_scored =
        "i.sop_compliance_score IS NOT NULL AND i.sentiment_stabilization_score IS NOT NULL AND "
        "i.resolution_validity_score IS NOT NULL AND i.overall_quality_score IS NOT NULL";
    const auto sum = [&](const char* column, const char* name) {
        return fmt::format("coalesce(sum(round(10000 * i.{}::numeric)) FILTER (WHERE {}), "
                           "0)::bigint AS {}, ",
                           column,
                           all_scored,
                           name);
    };
    const auto rows = connection_.run(
        fmt::format("SELECT {} coalesce(g.id::text, '') AS grp, count(*) AS calls, "
                    "count(i.call_id) AS analysed, count(*) FILTER (WHERE i.escalation_risk) AS "
                    "escalated FROM calls c LEFT JOIN {} g ON g.id = c.{} AND g.id::text <> ALL "
                    "($3::text[]) LEFT JOIN call_insights i ON i.call_id = c.id AND "
                    "i.call_id::text <> ALL ($2::text[]) WHERE c.id::text <> ALL ($1::text[]) "
                    "GROUP BY g.id ORDER BY coalesce(g.id::text, '') COLLATE \"C\"",
                    sum("overall_quality_score", "quality") + sum("sop_compliance_score", "sop") +
                        sum("sentiment_stabilization_score", "sentiment") +
                        sum("resolution_validity_score", "resolution"),
                    by_city ? "cities" : "agents",
                    by_city ? "city_id" : "agent_id"),
        pg::params(left_out.calls, left_out.judgements, left_out.groups));
    std::vector<store::GroupSums> out;
    for (const auto row : rows) {
        store::GroupSums group{.group = row.text("grp"), .sums = {}};
        for (const auto name : store::sum_names)
            group.sums.push_back(row.integer(name));
        out.push_back(std::move(group));
    }
    return out;
}

std::int64_t ReferenceSource::stale_totals() {
    if (!has("agents", "calls_handled_total")) return 0;
    return connection_
        .run("SELECT count(*) AS n FROM agents a WHERE coalesce(a.calls_handled_total, 0) <> "
             "(SELECT count(*) FROM calls c WHERE c.agent_id = a.id)")
        .front()
        .integer("n");
}

} // namespace hs::pipeline
