#include <fmt/format.h>

#include "api/figures_json.hpp"
#include "api/figures_reply.hpp"
#include "api/paging.hpp"
#include "api/routes.hpp"
#include "store/directory.hpp"

namespace hs::api {

namespace {

constexpr int reference_cap = 5000;

Task<http::Response>
cities_reply(const Context& context, const http::Request& request, const Page& page) {
    const int limit = page.asked ? page.limit : reference_cap;
    std::optional<store::City> after;
    if (page.after) {
        const auto id = city_id_of(page.after->at(1)).value_or(CityId{});
        after = store::City{.id = id, .name = page.after->at(0)};
    }
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto cities = co_await store::list_cities(*unit, tenant, after, limit + 1);
    auto response = http::json_response(200, "");
    std::optional<std::string> cursor;
    if (cities.size() > static_cast<std::size_t>(limit)) {
        cities.pop_back();
        const auto& last = cities.back();
        const std::vector<std::string> place{last.name, std::to_string(last.id.value)};
        cursor = add_next_page(context, request, request.pattern, page, place, response);
    }
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_array();
    for (const auto& city : cities) {
        json.begin_object().field("id", city.id.value).field("name", city.name);
        json.field("state", city.state).end_object();
    }
    json.end_array();
    if (page.asked) json.field("next_cursor", cursor);
    response.body = json.end_object().take();
    co_return response;
}

Task<http::Response> list_cities(const Context& context, http::Request request) {
    const auto page = page_of(context, request, request.pattern);
    if (!page) co_return http::problem(request, page.error());
    auto parameters = fmt::format("limit={}&paged={}&cursor={}",
                                  page->limit,
                                  page->asked,
                                  request.query_value("cursor").value_or(""));
    MakeFigures make = [&context, &request, &page](const store::Edition&) {
        return cities_reply(context, request, *page);
    };
    co_return co_await figures_reply(
        context, request, std::move(parameters), Keeping::names, std::move(make));
}

struct AskedCity {
    CityId id;
    store::Narrowing narrowing{};
    bool details = false;
};

Task<http::Response>
city_reply(const Context& context, const http::Request& request, AskedCity asked, Day today) {
    const auto tenant = request.principal.tenant;
    const bool sums_know = store::city_sums_know(asked.narrowing.calls);
    const auto session = co_await figures_session(context, tenant, sums_know);
    const auto city =
        co_await store::city_figures(*session, tenant, asked.id, asked.narrowing, today);
    if (!city) co_return http::problem(request, city_not_found(std::to_string(asked.id.value)));
    JsonWriter json;
    json.begin_object().field("status", "success");
    write_city_data(json, *city);
    if (asked.details) write_city_summary(json, *city);
    auto response = http::json_response(200, json.end_object().take());
    if (asked.details) add_canonical(response, fmt::format("/api/cities/{}", asked.id.value));
    co_return response;
}

Task<http::Response> city(const Context& context, http::Request request, bool details) {
    const auto& text = request.path_params.at("id");
    const auto id = city_id_of(text);
    if (!id) co_return http::problem(request, city_not_found(text));
    const auto narrowing = narrowing_of(request, {"agent_id", "issue", "language"});
    if (!narrowing) co_return http::problem(request, narrowing.error());
    const AskedCity asked{*id, *narrowing, details};
    auto parameters = fmt::format("{}?{}", id->value, narrowing_text(*narrowing));
    MakeFigures make = [&context, &request, &asked](const store::Edition& edition) {
        return city_reply(context, request, asked, edition.today);
    };
    auto limited = within_limit(request, std::move(make));
    co_return co_await figures_reply(
        context, request, std::move(parameters), Keeping::names, std::move(limited));
}

} // namespace

void add_city_routes(http::Router& router, const Context& context) {
    router.add(
        {.method = http::Method::get,
         .pattern = "/api/cities",
         .permission = "figures:read",
         .handler = [&context](http::Request r) { return list_cities(context, std::move(r)); },
         .query = {"limit", "cursor"}});
    const auto show = [&](std::string pattern, bool details) {
        router.add(
            {.method = http::Method::get,
             .pattern = std::move(pattern),
             .permission = "figures:read",
             .handler = [&context,
                         details](http::Request r) { return city(context, std::move(r), details); },
             .query = {"from", "to", "agent_id", "issue", "language"}});
    };
    show("/api/cities/{id}", false);
    show("/api/cities/{id}/details", true);
}

} // namespace hs::api
