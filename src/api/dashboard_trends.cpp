// A figure over time, one series a group.
#include <algorithm>
#include <array>
#include <map>
#include <span>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/dashboard_json.hpp"
#include "api/figures_json.hpp"
#include "api/figures_reply.hpp"
#include "api/routes.hpp"
#include "domain/regions.hpp"

namespace hs::api {

namespace {

using store::Dimension;
using store::Interval;

constexpr std::array<std::string_view, 7> metrics{
    "quality", "sop", "sentiment", "escalation", "emergency", "volume", "misses"};
constexpr std::array<std::string_view, 6> groups{
    "state", "city", "agent", "issue", "rule", "language"};
constexpr std::array<std::string_view, 3> intervals{"day", "week", "month"};
constexpr int most_intervals = 400;
constexpr int most_series = 200;

struct AskedTrend {
    store::Narrowing narrowing;
    std::string metric;
    std::string group; // empty: one series
    Interval interval = Interval::day;
    std::string interval_name;
    std::size_t limit = 50;
};

/// A value and what it is over, still as sums.
struct Amount {
    ScoreSum share{}; // in basis points
    std::int64_t volume = 0;

    Amount& operator+=(const Amount& other) {
        share += other.share;
        volume += other.volume;
        return *this;
    }
};

struct Series {
    std::string key;
    std::string name;
    Amount all{};
    std::map<Day, Amount> points;
};

Result<std::string> choice(const http::Request& request,
                           std::string_view name,
                           std::string_view fallback,
                           std::span<const std::string_view> choices) {
    const auto value = request.query_value(name);
    if (!value) return std::string(fallback);
    if (std::ranges::find(choices, *value) == choices.end())
        return fail(ErrorKind::invalid,
                    "query.choice",
                    fmt::format("{}: one of {}.", name, fmt::join(choices, ", ")));
    return std::string(*value);
}

Result<AskedTrend> asked_trend(const http::Request& request) {
    AskedTrend asked;
    TRY(asked.narrowing,
        narrowing_of(request, {"state", "city_id", "agent_id", "issue", "language"}));
    TRY(asked.group, choice(request, "group_by", "", groups));
    const bool rules = asked.group == "rule";
    TRY(asked.metric, choice(request, "metric", rules ? "misses" : "sop", metrics));
    if (rules != (asked.metric == "misses"))
        return fail(ErrorKind::invalid,
                    "query.choice",
                    "metric: misses with group_by=rule, and nothing else with it.");
    TRY(asked.interval_name, choice(request, "interval", "day", intervals));
    asked.interval = asked.interval_name == "day"    ? Interval::day
                     : asked.interval_name == "week" ? Interval::week
                                                     : Interval::month;
    TRY(const auto limit, whole_number(request, "limit", 50, 1, most_series));
    asked.limit = static_cast<std::size_t>(limit);
    return asked;
}

Dimension dimension_of(std::string_view group) {
    if (group == "state") return Dimension::state;
    if (group == "city") return Dimension::city;
    if (group == "agent") return Dimension::agent;
    if (group == "issue") return Dimension::issue;
    if (group == "language") return Dimension::language;
    return Dimension::none;
}

Amount amount_of(const Figures& figures, std::string_view metric) {
    Amount amount;
    amount.volume = figures.calls;
    if (metric == "quality") amount.share = figures.quality;
    if (metric == "sop") amount.share = figures.sop;
    if (metric == "sentiment") amount.share = figures.sentiment;
    if (metric == "escalation") amount.share = figures.escalation();
    if (metric == "emergency") amount.share = emergency_share(figures);
    return amount;
}

using ByKey = std::map<std::string, Series>;

/// Adds a place to its series; a state goes by its code, however its name is spelt.
void add_place(ByKey& series, const AskedTrend& asked, const store::FiguresPlace& place) {
    if (place.key.empty() && !asked.group.empty()) return;
    auto key = place.key;
    if (asked.group == "state") {
        if (const auto code = state_code(key)) key = *code;
    }
    auto& one = series[key];
    if (one.name.empty()) one.name = place.key;
    const auto amount = amount_of(place.figures, asked.metric);
    one.points[place.bucket] += amount;
    one.all += amount;
}

Task<ByKey>
figure_series(pg::Session& session, TenantId tenant, const AskedTrend& asked, store::Days days) {
    const store::OverTime over{
        days, asked.narrowing.calls, dimension_of(asked.group), asked.interval};
    ByKey series;
    for (const auto& place : co_await store::figures_over_time(session, tenant, over))
        add_place(series, asked, place);
    co_return series;
}

Task<ByKey>
rule_series(pg::Session& session, TenantId tenant, const AskedTrend& asked, store::Days days) {
    const store::OverTime over{days, asked.narrowing.calls, Dimension::none, asked.interval};
    ByKey series;
    for (const auto& place : co_await store::answers_over_time(session, tenant, over)) {
        const Amount amount{miss_share(place.answers), place.answers.firm()};
        auto& one = series[place.rule_id];
        one.points[place.bucket] += amount;
        one.all += amount;
    }
    co_return series;
}

Task<void> name_series(pg::Session& session,
                       TenantId tenant,
                       const Context& context,
                       std::string group,
                       std::vector<Series>& series) {
    store::Names names;
    if (group == "rule") names = context.services.judge.question_titles();
    if (group == "city") {
        for (auto& city : co_await store::placed_cities(session, tenant))
            names.emplace(std::move(city.key), std::move(city.name));
    }
    if (group == "agent") {
        std::vector<std::string> ids;
        for (const auto& one : series)
            ids.push_back(one.key);
        names = co_await store::names_of_agents(session, tenant, std::move(ids));
    }
    for (auto& one : series) {
        const auto name = names.find(one.key);
        if (name != names.end()) one.name = name->second;
        if (one.name.empty()) one.name = group.empty() ? "All calls" : one.key;
    }
}

void write_amount(JsonWriter& json, const Amount& amount, bool volume) {
    if (volume) {
        json.field("value", amount.volume).field("n", amount.volume);
    } else {
        write_score(json, "value", amount.share);
        json.field("n", amount.share.count);
    }
}

void write_series(JsonWriter& json, const Series& series, const AskedTrend& asked) {
    const bool volume = asked.metric == "volume";
    json.begin_object();
    if (asked.group.empty()) {
        json.null_field("key");
    } else {
        json.field("key", series.key);
    }
    json.field("name", series.name);
    write_amount(json, series.all, volume);
    json.key("points").begin_array();
    for (const auto& [day, amount] : series.points) {
        if ((volume ? amount.volume : amount.share.count) == 0) continue;
        json.begin_object().field("from", day_text(day));
        write_amount(json, amount, volume);
        json.end_object();
    }
    json.end_array().end_object();
}

/// Without `from`: as many days as a page shows at this interval.
int usual_days(Interval interval, Day to) {
    if (interval == Interval::week) return 26 * 7;
    if (interval != Interval::month) return 30;
    const auto first = months_later(month_start(days_later(to, -1)), -11);
    return days_in({first, to});
}

Task<http::Response> trends_reply(const Context& context,
                                  const http::Request& request,
                                  const AskedTrend& asked,
                                  Day today) {
    const auto& range = asked.narrowing.days;
    const auto to = range.to.value_or(days_later(today, 1));
    const auto days = compared_days(range, today, usual_days(asked.interval, to));
    if (!days) co_return http::problem(request, days.error());
    const int length = asked.interval == Interval::day    ? 1
                       : asked.interval == Interval::week ? 7
                                                          : 28;
    if (days_in(days->now) > most_intervals * length) {
        const Error error{ErrorKind::invalid,
                          "query.range",
                          "from, to: at most 400 intervals. Take a longer one.",
                          std::nullopt};
        co_return http::problem(request, error);
    }
    const auto tenant = request.principal.tenant;
    const bool rules = asked.group == "rule";
    const auto& calls = asked.narrowing.calls;
    const bool known =
        rules ? store::answer_sums_know(calls) : store::sums_know(calls, dimension_of(asked.group));
    const auto session = co_await figures_session(context, tenant, known);
    ByKey by_key;
    if (rules) {
        by_key = co_await rule_series(*session, tenant, asked, days->now);
    } else {
        by_key = co_await figure_series(*session, tenant, asked, days->now);
    }
    if (asked.group.empty()) by_key[""]; // there is always the one
    std::vector<Series> series;
    for (auto& [key, one] : by_key) {
        one.key = key;
        series.push_back(std::move(one));
    }
    std::ranges::stable_sort(
        series, std::ranges::greater(), [](const Series& one) { return one.all.volume; });
    const auto left_out = series.size() - std::min(series.size(), asked.limit);
    series.resize(series.size() - left_out);
    co_await name_series(*session, tenant, context, asked.group, series);
    JsonWriter json;
    json.begin_object().field("metric", asked.metric).field("interval", asked.interval_name);
    json.field("group_by", asked.group.empty() ? std::nullopt : std::optional(asked.group));
    json.field("from", day_text(days->now.from)).field("to", day_text(days->now.to));
    json.key("series").begin_array();
    for (const auto& one : series)
        write_series(json, one, asked);
    json.end_array().field("left_out", static_cast<std::int64_t>(left_out));
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> trends(const Context& context, http::Request request) {
    const auto asked = asked_trend(request);
    if (!asked) co_return http::problem(request, asked.error());
    auto parameters = fmt::format("{}&metric={}&group={}&interval={}&limit={}",
                                  narrowing_text(asked->narrowing),
                                  asked->metric,
                                  asked->group,
                                  asked->interval_name,
                                  asked->limit);
    MakeFigures make = [&context, &request, &asked](const store::Edition& edition) {
        return trends_reply(context, request, *asked, edition.today);
    };
    auto limited = within_limit(request, std::move(make));
    co_return co_await figures_reply(
        context, request, std::move(parameters), Keeping::finished, std::move(limited));
}

} // namespace

void add_trend_routes(http::Router& router, const Context& context) {
    router.add({.method = http::Method::get,
                .pattern = "/api/dashboard/trends",
                .permission = "figures:read",
                .handler = [&context](http::Request r) { return trends(context, std::move(r)); },
                .strict_query = true,
                .query = {"metric",
                          "group_by",
                          "interval",
                          "limit",
                          "from",
                          "to",
                          "state",
                          "city_id",
                          "agent_id",
                          "issue",
                          "language"}});
}

} // namespace hs::api
