#include <algorithm>

#include "api/figures_json.hpp"
#include "api/figures_reply.hpp"
#include "api/routes.hpp"
#include "domain/regions.hpp"

namespace hs::api {

namespace {

using Cities = std::vector<store::MapCity>::const_iterator;

void write_place(JsonWriter& json, const char* name, const std::optional<double>& degrees) {
    json.key(name);
    degrees ? json.number(*degrees) : json.null();
}

void write_city(JsonWriter& json, const store::MapCity& city) {
    json.begin_object().field("id", city.id.value).field("name", city.name);
    write_decimal(json, "sop_score", city.figures.sop.hundredths(), 2);
    json.field("risk_level", risk_level(city.figures.sop));
    json.field("total_calls", city.figures.calls);
    write_place(json, "lat", city.latitude);
    write_place(json, "lon", city.longitude);
    json.end_object();
}

/// One state: the cities in [first, last).
void write_state(JsonWriter& json, const store::IndiaMap& map, Cities first, Cities last) {
    Figures state; // call-weighted: the sums of its cities
    std::for_each(first, last, [&](const auto& city) { state += city.figures; });
    const auto issue = std::ranges::find(map.top_issues, first->state, &store::StateIssue::state);
    json.begin_object().field("state", first->state);
    write_decimal(json, "overall_sop_score", state.sop.hundredths(), 2);
    write_decimal(
        json, "total_call_volume_pct", rounded_ratio(state.calls * 1000, map.tenant_calls), 1);
    json.field("top_issue",
               issue == map.top_issues.end() ? "No Issues Reported"
                                             : std::string_view(issue->issue));
    json.key("cities").begin_array();
    std::for_each(first, last, [&](const auto& city) { write_city(json, city); });
    json.end_array().field("risk_level", risk_level(state.sop));
    write_decimal(json, "avg_sop_score", state.sop.hundredths(), 2);
    json.field("total_calls", state.calls).field("analyzed_calls", state.analysed);
    json.field("emergencies", state.emergencies).key("state_code");
    const auto code = state_code(first->state);
    code ? json.string(*code) : json.null();
    json.end_object();
}

Task<http::Response>
map_reply(const Context& context, const http::Request& request, store::Narrowing asked) {
    const auto tenant = request.principal.tenant;
    const bool sums_know = store::city_sums_know(asked.calls);
    const auto session = co_await figures_session(context, tenant, sums_know);
    const auto map = co_await store::india_map(*session, tenant, asked);
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_array();
    for (auto first = map.cities.begin(); first != map.cities.end();) {
        const auto last = std::find_if(
            first, map.cities.end(), [&](const auto& city) { return city.state != first->state; });
        write_state(json, map, first, last);
        first = last;
    }
    co_return http::json_response(200, json.end_array().end_object().take());
}

Task<http::Response> india_map(const Context& context, http::Request request) {
    const auto asked = narrowing_of(request, {"state", "city_id", "agent_id", "issue", "language"});
    if (!asked) co_return http::problem(request, asked.error());
    MakeFigures make = [&context, &request, &asked](const store::Edition&) {
        return map_reply(context, request, *asked);
    };
    auto parameters = narrowing_text(*asked);
    auto limited = within_limit(request, std::move(make));
    co_return co_await figures_reply(
        context, request, std::move(parameters), Keeping::finished, std::move(limited));
}

} // namespace

void add_map_routes(http::Router& router, const Context& context) {
    router.add({.method = http::Method::get,
                .pattern = "/api/dashboard/india-map",
                .permission = "figures:read",
                .handler = [&context](http::Request r) { return india_map(context, std::move(r)); },
                .query = {"from", "to", "state", "city_id", "agent_id", "issue", "language"}});
}

} // namespace hs::api
