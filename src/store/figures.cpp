#include "store/figures.hpp"

#include "base/json.hpp"
#include "base/text.hpp"
#include "store/queries.hpp"

namespace hs::store {

namespace {

enum PeriodNumber : std::int64_t { current, today_only, this_month, month_before };

// A grain that no bucket has: the days are counted from the calls.
constexpr const char* counted = "calls";

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

PeriodArrays sums_of(const DayRange& range) {
    PeriodArrays arrays;
    for (const auto& span : spans_of(range))
        arrays.add(current, span);
    return arrays;
}

PeriodArrays calls_of(const DayRange& range) {
    PeriodArrays arrays;
    arrays.add(current, {counted, range.from.value_or(first_day), range.to.value_or(last_day)});
    return arrays;
}

void add_sums_of_months(PeriodArrays& arrays, Day today) {
    // A period without any bucket would have no row: an empty span stands for an empty range.
    if (arrays.periods.empty()) arrays.add(current, {"day", today, today});
    const auto month = month_start(today);
    arrays.add(today_only, {"day", today, days_later(today, 1)});
    arrays.add(this_month, {"month", month, days_later(month, 1)});
    arrays.add(month_before, {"month", months_later(month, -1), month});
}

void add_calls_of_months(PeriodArrays& arrays, Day today) {
    const auto month = month_start(today);
    arrays.add(today_only, {counted, today, days_later(today, 1)});
    arrays.add(this_month, {counted, month, months_later(month, 1)});
    arrays.add(month_before, {counted, months_later(month, -1), month});
}

/// Where the figures come from: buckets of the rollups, or, with `wanted`, the calls themselves.
struct Source {
    PeriodArrays arrays{};
    std::optional<std::string> wanted{};

    Source(const DayRange& days, const CallFilter& calls, bool sums_know)
        : arrays(sums_know ? sums_of(days) : calls_of(days)) {
        if (!sums_know) wanted = filter_text(calls);
    }

    /// The calendar's periods beside the one asked for.
    void add_months(Day today) {
        wanted ? add_calls_of_months(arrays, today) : add_sums_of_months(arrays, today);
    }
};

Figures read_figures(const pg::Row& row) {
    return {.calls = row.integer("calls"),
            .analysed = row.integer("analysed"),
            .escalated = row.integer("escalated"),
            .emergencies = row.integer("emergencies"),
            .quality = {row.integer("quality_count"), row.integer("quality_sum")},
            .sop = {row.integer("sop_count"), row.integer("sop_sum")},
            .sentiment = {row.integer("sentiment_count"), row.integer("sentiment_sum")}};
}

PeriodFigures read_periods(const pg::Rows& rows) {
    PeriodFigures figures;
    for (const auto row : rows) {
        switch (row.integer("period")) {
        case current: figures.current = read_figures(row); break;
        case today_only: figures.today = read_figures(row); break;
        case this_month: figures.month = read_figures(row); break;
        case month_before: figures.last_month = read_figures(row); break;
        default: break;
        }
    }
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

std::string filter_text(const CallFilter& filter) {
    json::object text;
    if (filter.state) text["state"] = json::string(*filter.state);
    if (filter.city) text["city_id"] = filter.city->value;
    if (filter.agent) text["agent_id"] = json::string(filter.agent->str());
    if (filter.issue) text["issue"] = json::string(*filter.issue);
    if (filter.language) text["language"] = json::string(*filter.language);
    if (filter.firm) text["ranked"] = "firm";
    return json::serialize(text);
}

bool agent_sums_know(const CallFilter& filter) {
    return !filter.state && !filter.city && !filter.issue && !filter.language && !filter.firm;
}

bool city_sums_know(const CallFilter& filter) {
    return !filter.agent && !filter.language && !filter.firm;
}

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
agent_figures(pg::Session& session, TenantId tenant, AgentId agent, Narrowing asked, Day today) {
    asked.calls.agent = agent;
    Source source(asked.days, asked.calls, agent_sums_know(asked.calls));
    source.add_months(today);
    const auto& arrays = source.arrays;
    auto values = pg::params(tenant, agent, arrays.periods, arrays.grains);
    values.add(arrays.lows).add(arrays.highs).add(source.wanted);
    const auto rows = co_await session.run(sql::agent_figures, std::move(values));
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
    found.figures = read_periods(rows);
    co_return found;
}

Task<std::optional<CityFigures>>
city_figures(pg::Session& session, TenantId tenant, CityId city, Narrowing asked, Day today) {
    asked.calls.city = city;
    asked.calls.state.reset();
    Source source(asked.days, asked.calls, city_sums_know(asked.calls));
    source.add_months(today);
    const auto& arrays = source.arrays;
    auto values = pg::params(tenant, city, arrays.periods, arrays.grains);
    values.add(arrays.lows).add(arrays.highs).add(asked.calls.issue).add(source.wanted);
    const auto rows = co_await session.run(sql::city_figures, std::move(values));
    if (rows.empty()) co_return std::nullopt;
    const auto row = first_period(rows);
    CityFigures found;
    found.id = city;
    found.name = row.text("name");
    found.state = row.optional_text("state");
    found.has_insights = row.boolean("has_insights");
    found.has_calls = row.boolean("has_calls");
    found.daily_ops_insight = row.optional_text("daily_ops_insight");
    found.latest_month_insight = row.optional_text("latest_month_insight");
    found.overall_city_insight = row.optional_text("overall_city_insight");
    found.coaching_focus = row.optional_text("coaching_focus_for_city");
    if (found.has_insights) found.operational_risks = row.text_array("key_operational_risks");
    found.figures = read_periods(rows);
    co_return found;
}

Task<std::vector<LeaderboardRow>>
leaderboard(pg::Session& session, TenantId tenant, LeaderboardQuery query) {
    const auto& calls = query.asked.calls;
    const Source source(query.asked.days, calls, agent_sums_know(calls));
    const auto& arrays = source.arrays;
    auto values = pg::params(tenant, arrays.grains, arrays.lows, arrays.highs, query.min_calls);
    if (query.after) {
        values.add(query.after->score).add(query.after->calls).add(query.after->name);
        values.add(query.after->agent);
    } else {
        values.add(std::nullopt).add(std::nullopt).add(std::nullopt).add(std::nullopt);
    }
    values.add(query.limit).add(calls.agent).add(source.wanted);
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
agents_month(pg::Session& session, TenantId tenant, Day first_of_month, CallFilter filter) {
    std::optional<std::string> wanted;
    if (!agent_sums_know(filter)) wanted = filter_text(filter);
    const auto next = day_text(months_later(first_of_month, 1));
    auto values = pg::params(tenant, day_text(first_of_month), next, filter.agent, wanted);
    const auto rows = co_await session.run(sql::agents_month, std::move(values));
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

Task<IndiaMap> india_map(pg::Session& session, TenantId tenant, Narrowing asked) {
    const auto& calls = asked.calls;
    const Source source(asked.days, calls, city_sums_know(calls));
    const auto& arrays = source.arrays;
    auto values = pg::params(tenant, arrays.grains, arrays.lows, arrays.highs);
    values.add(calls.issue).add(calls.city).add(calls.state).add(source.wanted);
    const auto cities = co_await session.run(sql::map_cities, values);
    const auto issues = co_await session.run(sql::map_top_issues, values);
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
agent_days(pg::Session& session, TenantId tenant, AgentId agent, Narrowing asked) {
    const auto from = day_text(asked.days.from.value());
    const auto& calls = asked.calls;
    auto values = pg::params(tenant, agent, from, day_text(asked.days.to.value()));
    const auto& query = agent_sums_know(calls) ? sql::agent_days : sql::agent_days_of_calls;
    if (!agent_sums_know(calls))
        values.add(calls.state).add(calls.city).add(calls.issue).add(calls.language);
    const auto rows = co_await session.run(query, std::move(values));
    std::vector<AgentDay> days;
    for (const auto row : rows) {
        days.push_back(
            {row.text("day"), {row.integer("quality_count"), row.integer("quality_sum")}});
    }
    co_return days;
}

Task<Outcomes>
agent_outcomes(pg::Session& session, TenantId tenant, AgentId agent, CallFilter filter) {
    auto values = pg::params(tenant, agent, filter.state, filter.city);
    values.add(filter.issue).add(filter.language);
    const auto rows = co_await session.run(sql::agent_outcomes, std::move(values));
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
