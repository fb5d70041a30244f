#include "store/figures.hpp"

#include "base/text.hpp"
#include "store/queries.hpp"

namespace hs::store {

namespace {

enum PeriodNumber : std::int64_t { current, today_only, this_month, month_before, ever };

/// Periods as the four arrays that the statements unnest.
struct PeriodArrays {
    std::vector<std::int64_t> periods{};
    std::vector<std::string> grains{};
    std::vector<std::string> lows{};
    std::vector<std::string> highs{};

    void add(std::int64_t period, const BucketSpan& span) {
        periods.push_back(period);
        grains.emplace_back(span.grain);
        lows.push_back(day_text(span.low));
        highs.push_back(day_text(span.high));
    }
};

PeriodArrays arrays_of(const DayRange& range) {
    PeriodArrays arrays;
    for (const auto& span : spans_of(range))
        arrays.add(current, span);
    return arrays;
}

PeriodArrays arrays_of(const DayRange& range, Day today) {
    auto arrays = arrays_of(range);
    // A period without any bucket would have no row: an empty span stands for an empty range.
    if (arrays.periods.empty()) arrays.add(current, {"day", today, today});
    const auto month = month_start(today);
    arrays.add(today_only, {"day", today, days_later(today, 1)});
    arrays.add(this_month, {"month", month, days_later(month, 1)});
    arrays.add(month_before, {"month", months_later(month, -1), month});
    if (!range.open()) arrays.add(ever, spans_of({}).front());
    return arrays;
}

Figures read_figures(const pg::Row& row) {
    return {.calls = row.integer("calls"),
            .analysed = row.integer("analysed"),
            .escalated = row.integer("escalated"),
            .emergencies = row.integer("emergencies"),
            .quality = {row.integer("quality_count"), row.integer("quality_sum")},
            .sop = {row.integer("sop_count"), row.integer("sop_sum")},
            .sentiment = {row.integer("sentiment_count"), row.integer("sentiment_sum")}};
}

PeriodFigures read_periods(const pg::Rows& rows, const DayRange& range) {
    PeriodFigures figures;
    for (const auto row : rows) {
        switch (row.integer("period")) {
        case current: figures.current = read_figures(row); break;
        case today_only: figures.today = read_figures(row); break;
        case this_month: figures.month = read_figures(row); break;
        case month_before: figures.last_month = read_figures(row); break;
        case ever: figures.ever = read_figures(row); break;
        default: break;
        }
    }
    if (range.open()) figures.ever = figures.current;
    return figures;
}

/// The row that carries the texts.
pg::Row first_period(const pg::Rows& rows) {
    for (const auto row : rows)
        if (row.integer("period") == current) return row;
    return rows.front();
}

Day read_day(const pg::Row& row, std::string_view column) {
    const auto day = parse_day(row.view(column));
    if (!day) throw std::logic_error("the database's date is none");
    return *day;
}

} // namespace

Task<Edition> figures_edition(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::figures_edition, pg::params(tenant));
    if (rows.empty()) co_return Edition{};
    co_return Edition{read_day(rows.front(), "today"), rows.front().integer("version"), 0};
}

Task<Edition> directory_edition(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::directory_edition, pg::params(tenant));
    if (rows.empty()) co_return Edition{};
    const auto row = rows.front();
    co_return Edition{read_day(row, "today"), row.integer("version"), row.integer("pending")};
}

Task<std::optional<AgentFigures>>
agent_figures(pg::Session& session, TenantId tenant, AgentId agent, DayRange range, Day today) {
    const auto arrays = arrays_of(range, today);
    const auto rows = co_await session.run(
        sql::agent_figures,
        pg::params(tenant, agent, arrays.periods, arrays.grains, arrays.lows, arrays.highs));
    if (rows.empty()) co_return std::nullopt;
    const auto row = first_period(rows);
    AgentFigures found;
    found.id = agent;
    found.name = row.text("name");
    found.employee_id = row.optional_text("employee_id");
    found.languages = row.text_array("languages");
    found.latest_month_insight = row.optional_text("latest_month_insight");
    found.overall_insight_text = row.optional_text("overall_insight_text");
    found.latest_change_summary = row.optional_text("latest_change_summary");
    found.insight_history = row.text("insight_history");
    found.recent_trend = row.text("recent_trend_array");
    found.last_insight_at = row.optional_time("last_insight_generated_at");
    found.last_updated_at = row.optional_time("last_updated_at");
    found.figures = read_periods(rows, range);
    co_return found;
}

Task<std::optional<CityFigures>>
city_figures(pg::Session& session, TenantId tenant, CityId city, DayRange range, Day today) {
    const auto arrays = arrays_of(range, today);
    const auto rows = co_await session.run(
        sql::city_figures,
        pg::params(tenant, city, arrays.periods, arrays.grains, arrays.lows, arrays.highs));
    if (rows.empty()) co_return std::nullopt;
    const auto row = first_period(rows);
    CityFigures found;
    found.id = city;
    found.name = row.text("name");
    found.state = row.optional_text("state");
    found.has_insights = row.boolean("has_insights");
    found.daily_ops_insight = row.optional_text("daily_ops_insight");
    found.latest_month_insight = row.optional_text("latest_month_insight");
    found.overall_city_insight = row.optional_text("overall_city_insight");
    found.coaching_focus = row.optional_text("coaching_focus_for_city");
    if (found.has_insights) found.operational_risks = row.text_array("key_operational_risks");
    found.figures = read_periods(rows, range);
    co_return found;
}

Task<std::vector<LeaderboardRow>>
leaderboard(pg::Session& session, TenantId tenant, LeaderboardQuery query) {
    const auto arrays = arrays_of(query.range);
    auto values = pg::params(tenant, arrays.grains, arrays.lows, arrays.highs, query.min_calls);
    if (query.after) {
        values.add(query.after->score).add(query.after->calls).add(query.after->name);
        values.add(query.after->agent);
    } else {
        values.add(std::nullopt).add(std::nullopt).add(std::nullopt).add(std::nullopt);
    }
    values.add(query.limit);
    const auto rows = co_await session.run(sql::leaderboard, std::move(values));
    std::vector<LeaderboardRow> listed;
    listed.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto row : rows) {
        listed.push_back({.rank = row.integer("rank"),
                          .agent = AgentId{row.uuid("agent_id")},
                          .name = row.text("name"),
                          .figures = read_figures(row)});
    }
    co_return listed;
}

Task<std::vector<AgentMonth>>
agents_month(pg::Session& session, TenantId tenant, Day first_of_month) {
    const auto rows =
        co_await session.run(sql::agents_month, pg::params(tenant, day_text(first_of_month)));
    std::vector<AgentMonth> months;
    months.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto row : rows)
        months.push_back({AgentId{row.uuid("agent_id")}, read_figures(row)});
    co_return months;
}

Task<std::vector<FoundAgent>>
search_agents(pg::Session& session, TenantId tenant, std::string text, int limit) {
    const auto rows =
        co_await session.run(sql::search_agents, pg::params(tenant, name_key(text), limit));
    std::vector<FoundAgent> found;
    for (const auto row : rows) {
        found.push_back({.id = AgentId{row.uuid("id")},
                         .name = row.text("name"),
                         .employee_id = row.optional_text("employee_id"),
                         .quality = {row.integer("quality_count"), row.integer("quality_sum")}});
    }
    co_return found;
}

Task<IndiaMap> india_map(pg::Session& session, TenantId tenant, DayRange range) {
    const auto arrays = arrays_of(range);
    const auto cities = co_await session.run(
        sql::map_cities, pg::params(tenant, arrays.grains, arrays.lows, arrays.highs));
    const auto issues = co_await session.run(
        sql::map_top_issues, pg::params(tenant, arrays.grains, arrays.lows, arrays.highs));
    IndiaMap map;
    for (const auto row : cities) {
        MapCity city;
        city.id = CityId{static_cast<std::int32_t>(row.integer("id"))};
        city.name = row.text("name");
        city.state = row.text("state");
        city.latitude = row.optional_real("latitude");
        city.longitude = row.optional_real("longitude");
        city.figures.calls = row.integer("calls");
        city.figures.analysed = row.integer("analysed");
        city.figures.emergencies = row.integer("emergencies");
        city.figures.sop = {row.integer("sop_count"), row.integer("sop_sum")};
        map.tenant_calls = row.integer("tenant_calls");
        map.cities.push_back(std::move(city));
    }
    for (const auto row : issues)
        map.top_issues.push_back({row.text("state"), row.text("issue")});
    co_return map;
}

Task<std::vector<AgentDay>>
agent_days(pg::Session& session, TenantId tenant, AgentId agent, DayRange range) {
    const auto rows = co_await session.run(
        sql::agent_days,
        pg::params(tenant, agent, day_text(range.from.value()), day_text(range.to.value())));
    std::vector<AgentDay> days;
    for (const auto row : rows) {
        days.push_back(
            {row.text("day"), {row.integer("quality_count"), row.integer("quality_sum")}});
    }
    co_return days;
}

Task<Outcomes> agent_outcomes(pg::Session& session, TenantId tenant, AgentId agent) {
    const auto rows = co_await session.run(sql::agent_outcomes, pg::params(tenant, agent));
    const auto row = rows.front();
    co_return Outcomes{.resolved = row.integer("resolved"),
                       .unresolved = row.integer("unresolved"),
                       .escalated = row.integer("escalated"),
                       .pending = row.integer("pending")};
}

Task<std::vector<std::string>>
agent_coaching(pg::Session& session, TenantId tenant, AgentId agent, int most) {
    const auto rows = co_await session.run(sql::agent_coaching, pg::params(tenant, agent, most));
    std::vector<std::string> texts;
    for (const auto row : rows)
        texts.push_back(row.text("coaching_insight"));
    co_return texts;
}

} // namespace hs::store
