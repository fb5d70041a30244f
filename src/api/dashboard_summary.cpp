// The dashboard's headline figures, and those of one state.
#include <algorithm>
#include <map>

#include "api/dashboard_json.hpp"
#include "api/figures_json.hpp"
#include "api/figures_reply.hpp"
#include "api/routes.hpp"
#include "domain/regions.hpp"
#include "store/demonstration.hpp"

namespace hs::api {

namespace {

using store::Dimension;

constexpr std::size_t most_issues = 20;

/// Figures of the days by key; with no dimension, all of them under "".
using ByKey = std::map<std::string, Figures>;

Task<ByKey> figures_by(pg::Session& session,
                       TenantId tenant,
                       store::Days days,
                       store::CallFilter calls,
                       Dimension by) {
    const store::OverTime asked{days, std::move(calls), by, store::Interval::whole};
    ByKey figures;
    for (const auto& place : co_await store::figures_over_time(session, tenant, asked))
        figures[place.key] += place.figures;
    co_return figures;
}

Task<http::Response> summary_reply(const Context& context,
                                   const http::Request& request,
                                   store::Narrowing asked,
                                   Day today) {
    const auto days = compared_days(asked.days, today);
    if (!days) co_return http::problem(request, days.error());
    const auto tenant = request.principal.tenant;
    const bool known = store::sums_know(asked.calls, Dimension::none);
    const auto session = co_await figures_session(context, tenant, known);
    auto now = co_await figures_by(*session, tenant, days->now, asked.calls, Dimension::none);
    auto before = co_await figures_by(*session, tenant, days->before, asked.calls, Dimension::none);
    const auto open = co_await store::open_escalations(*session, tenant, asked.calls);
    const auto made = co_await store::demonstration_calls(*session, tenant);
    JsonWriter json;
    json.begin_object();
    write_days(json, *days);
    write_dashboard_figures(json, "current", now[""]);
    write_dashboard_figures(json, "previous", before[""]);
    write_change(json, now[""], before[""]);
    json.field("open_escalations", open).field("demonstration_calls", made);
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> summary(const Context& context, http::Request request) {
    const auto asked = narrowing_of(request, {"state", "city_id", "agent_id", "issue", "language"});
    if (!asked) co_return http::problem(request, asked.error());
    MakeFigures make = [&context, &request, &asked](const store::Edition& edition) {
        return summary_reply(context, request, *asked, edition.today);
    };
    auto limited = within_limit(request, std::move(make));
    co_return co_await figures_reply(
        context, request, narrowing_text(*asked), Keeping::finished, std::move(limited));
}

/// One state: its cities in the directory, and the spellings of its name there.
struct Place {
    std::string name;
    std::string code;
    std::vector<store::PlacedCity> cities;
    std::vector<std::string> spellings;
};

struct StateFigures {
    Figures now{};
    Figures before{};
    ByKey by_city;
    ByKey by_issue;
};

Task<Place> find_place(pg::Session& session, TenantId tenant, std::string code) {
    Place place;
    place.code = std::move(code);
    place.name = state_name(place.code).value_or("");
    for (auto& city : co_await store::placed_cities(session, tenant)) {
        const auto of = state_code(city.state);
        if (!of || *of != place.code) continue;
        if (std::ranges::find(place.spellings, city.state) == place.spellings.end())
            place.spellings.push_back(city.state);
        place.cities.push_back(std::move(city));
    }
    co_return place;
}

Task<StateFigures> figures_of_state(pg::Session& session,
                                    TenantId tenant,
                                    const Place& place,
                                    const ComparedDays& days,
                                    store::CallFilter calls) {
    StateFigures out;
    for (const auto& spelling : place.spellings) {
        calls.state = spelling;
        for (const auto& [key, figures] :
             co_await figures_by(session, tenant, days.now, calls, Dimension::city)) {
            out.by_city[key] += figures;
            out.now += figures;
        }
        for (const auto& [key, figures] :
             co_await figures_by(session, tenant, days.before, calls, Dimension::none))
            out.before += figures;
        for (const auto& [key, figures] :
             co_await figures_by(session, tenant, days.now, calls, Dimension::issue))
            out.by_issue[key] += figures;
    }
    co_return out;
}

void write_cities(JsonWriter& json, const Place& place, StateFigures& figures) {
    auto cities = place.cities;
    std::ranges::stable_sort(cities, std::ranges::greater(), [&](const store::PlacedCity& city) {
        return figures.by_city[city.key].calls;
    });
    json.key("cities").begin_array();
    for (const auto& city : cities) {
        const auto& sums = figures.by_city[city.key];
        json.begin_object().field("city_id", std::int64_t{city.id.value}).field("name", city.name);
        const auto coordinate = [&](const char* name, const std::optional<double>& value) {
            json.key(name);
            value ? json.number(*value) : json.null();
        };
        coordinate("latitude", city.latitude);
        coordinate("longitude", city.longitude);
        json.field("risk_level", risk_level(sums.sop));
        write_dashboard_figures(json, "figures", sums);
        json.end_object();
    }
    json.end_array();
}

void write_issues(JsonWriter& json, const ByKey& by_issue) {
    std::vector<std::pair<std::string, Figures>> issues;
    for (const auto& [issue, figures] : by_issue)
        if (!issue.empty()) issues.emplace_back(issue, figures);
    std::ranges::stable_sort(
        issues, std::ranges::greater(), [](const auto& issue) { return issue.second.calls; });
    if (issues.size() > most_issues) issues.resize(most_issues);
    json.key("issues").begin_array();
    for (const auto& [issue, figures] : issues) {
        json.begin_object().field("issue", issue);
        write_dashboard_figures(json, "figures", figures);
        json.end_object();
    }
    json.end_array();
}

std::string capitals(std::string text) {
    for (auto& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

/// What is asked of which state.
struct AskedState {
    std::string code;
    store::Narrowing narrowing;
};

Task<http::Response>
state_reply(const Context& context, const http::Request& request, AskedState asked, Day today) {
    const auto days = compared_days(asked.narrowing.days, today);
    if (!days) co_return http::problem(request, days.error());
    const auto tenant = request.principal.tenant;
    const auto& calls = asked.narrowing.calls;
    const bool known = store::sums_know(calls, Dimension::city);
    const auto session = co_await figures_session(context, tenant, known);
    const auto place = co_await find_place(*session, tenant, asked.code);
    auto figures = co_await figures_of_state(*session, tenant, place, *days, calls);
    JsonWriter json;
    json.begin_object().field("state", place.name).field("state_code", place.code);
    write_days(json, *days);
    json.field("risk_level", risk_level(figures.now.sop));
    write_dashboard_figures(json, "current", figures.now);
    write_dashboard_figures(json, "previous", figures.before);
    write_change(json, figures.now, figures.before);
    write_cities(json, place, figures);
    write_issues(json, figures.by_issue);
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> one_state(const Context& context, http::Request request) {
    auto asked = narrowing_of(request, {"agent_id", "issue", "language"});
    if (!asked) co_return http::problem(request, asked.error());
    auto code = capitals(request.path_params.at("code"));
    if (!state_name(code)) {
        const Error unknown{
            ErrorKind::not_found, "state.not_found", "No state has this code.", std::nullopt};
        co_return http::problem(request, unknown);
    }
    auto parameters = code + "&" + narrowing_text(*asked);
    const AskedState state{std::move(code), *std::move(asked)};
    MakeFigures make = [&context, &request, &state](const store::Edition& edition) {
        return state_reply(context, request, state, edition.today);
    };
    auto limited = within_limit(request, std::move(make));
    co_return co_await figures_reply(
        context, request, std::move(parameters), Keeping::finished, std::move(limited));
}

} // namespace

void add_summary_routes(http::Router& router, const Context& context) {
    router.add({.method = http::Method::get,
                .pattern = "/api/dashboard/summary",
                .permission = "figures:read",
                .handler = [&context](http::Request r) { return summary(context, std::move(r)); },
                .strict_query = true,
                .query = {"from", "to", "state", "city_id", "agent_id", "issue", "language"}});
    router.add({.method = http::Method::get,
                .pattern = "/api/dashboard/states/{code}",
                .permission = "figures:read",
                .handler = [&context](http::Request r) { return one_state(context, std::move(r)); },
                .strict_query = true,
                .query = {"from", "to", "agent_id", "issue", "language"}});
}

} // namespace hs::api
