#include "store/dashboard.hpp"

#include <stdexcept>

#include "store/queries.hpp"

namespace hs::store {

namespace {

constexpr const char* nobody = "00000000-0000-0000-0000-000000000000";

const char* word(Dimension by) {
    switch (by) {
    case Dimension::none: return "";
    case Dimension::agent: return "agent";
    case Dimension::city: return "city";
    case Dimension::state: return "state";
    case Dimension::issue: return "issue";
    case Dimension::language: return "language";
    }
    return "";
}

const char* word(Interval interval) {
    switch (interval) {
    case Interval::day: return "day";
    case Interval::week: return "week";
    case Interval::month: return "month";
    case Interval::whole: return "whole";
    }
    return "";
}

/// The smallest rollup that knows filter and dimension.
const char* source_of(const CallFilter& filter, Dimension by) {
    if (filter.language || filter.firm || by == Dimension::language) return "calls";
    const bool agent = filter.agent || by == Dimension::agent;
    const bool place =
        filter.city || filter.state || by == Dimension::city || by == Dimension::state;
    const bool issue = filter.issue || by == Dimension::issue;
    if (agent) return place || issue ? "calls" : "agent";
    if (issue) return place ? "city_issue" : "issue";
    return place ? "city" : "issue"; // issues are fewer than places
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

Day read_bucket(const pg::Row& row) {
    const auto day = parse_day(row.view("bucket"));
    if (!day) throw std::logic_error("the database's date is none");
    return *day;
}

/// Stands for "none" in the rollups.
bool is_none(const std::string& key) {
    return key == nobody || key == "0";
}

} // namespace

bool sums_know(const CallFilter& filter, Dimension by) {
    return std::string_view(source_of(filter, by)) != "calls";
}

bool answer_sums_know(const CallFilter& filter) {
    const int dimensions = (filter.agent ? 1 : 0) + (filter.city ? 1 : 0) + (filter.state ? 1 : 0);
    return dimensions <= 1 && !filter.issue && !filter.language;
}

Task<std::vector<FiguresPlace>>
figures_over_time(pg::Session& session, TenantId tenant, OverTime asked) {
    const auto& calls = asked.calls;
    auto values = pg::params(tenant, source_of(calls, asked.by), word(asked.by));
    values.add(word(asked.interval)).add(day_text(asked.days.from)).add(day_text(asked.days.to));
    values.add(calls.agent).add(calls.city).add(calls.state).add(calls.issue);
    if (sums_know(calls, asked.by)) {
        values.add(std::nullopt);
    } else {
        values.add(filter_text(calls));
    }
    const auto rows = co_await session.run(sql::figures_over_time, std::move(values));
    std::vector<FiguresPlace> places;
    places.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto row : rows) {
        auto key = row.text("key");
        if (is_none(key)) key.clear();
        places.push_back({std::move(key), read_bucket(row), read_figures(row)});
    }
    co_return places;
}

Task<std::vector<AnswersPlace>>
answers_over_time(pg::Session& session, TenantId tenant, OverTime asked) {
    const auto& calls = asked.calls;
    std::string whose = "all";
    if (calls.agent) whose = "agent:" + calls.agent->str();
    if (calls.city) whose = "city:" + std::to_string(calls.city->value);
    auto values = pg::params(tenant, whose, calls.state, word(asked.interval));
    values.add(day_text(asked.days.from)).add(day_text(asked.days.to));
    if (answer_sums_know(calls)) {
        values.add(std::nullopt);
    } else {
        values.add(filter_text(calls));
    }
    const auto rows = co_await session.run(sql::answers_over_time, std::move(values));
    std::vector<AnswersPlace> places;
    places.reserve(static_cast<std::size_t>(rows.size()));
    for (const auto row : rows) {
        const Answers answers{row.integer("met"), row.integer("missed"), row.integer("unsure")};
        places.push_back({row.text("rule_id"), read_bucket(row), answers});
    }
    co_return places;
}

Task<std::int64_t> open_escalations(pg::Session& session, TenantId tenant, CallFilter filter) {
    auto values = pg::params(tenant, filter.agent, filter.city, filter.state);
    values.add(filter.issue).add(filter.language);
    const auto rows = co_await session.run(sql::open_escalations, std::move(values));
    co_return rows.front().integer("escalations");
}

Task<Names> names_of_agents(pg::Session& session, TenantId tenant, std::vector<std::string> ids) {
    std::vector<Uuid> wanted;
    for (const auto& id : ids)
        if (const auto uuid = Uuid::parse(id)) wanted.push_back(*uuid);
    const auto rows = co_await session.run(sql::names_of_agents, pg::params(tenant, wanted));
    Names names;
    for (const auto row : rows)
        names.emplace(row.text("key"), row.text("name"));
    co_return names;
}

Task<std::vector<PlacedCity>> placed_cities(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::names_of_cities, pg::params(tenant));
    std::vector<PlacedCity> cities;
    for (const auto row : rows) {
        cities.push_back({.key = row.text("key"),
                          .id = CityId{static_cast<std::int32_t>(row.integer("id"))},
                          .name = row.text("name"),
                          .state = row.text("state"),
                          .latitude = row.optional_real("latitude"),
                          .longitude = row.optional_real("longitude")});
    }
    co_return cities;
}

} // namespace hs::store
