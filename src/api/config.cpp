#include <algorithm>

#include <fmt/format.h>

#include "api/figures_reply.hpp"
#include "api/paging.hpp"
#include "api/routes.hpp"
#include "store/directory.hpp"

namespace hs::api {

namespace {

constexpr int list_cap = 10000;

/// How many rows to read: one more than shown tells whether there is a next page.
int rows_of(const Page& page) {
    return (page.asked ? page.limit : list_cap) + 1;
}

/// Drops the row beyond the page. True when there was one.
template <typename Row>
bool cut(std::vector<Row>& rows, const Page& page) {
    if (rows.size() < static_cast<std::size_t>(rows_of(page))) return false;
    rows.pop_back();
    return true;
}

JsonWriter begin_list() {
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_array();
    return json;
}

/// Ends a list whose arrays are closed; `last`: the place of its last row when rows follow it.
http::Response ended(const Context& context,
                     const http::Request& request,
                     const Page& page,
                     JsonWriter json,
                     const std::optional<std::vector<std::string>>& last) {
    auto response = http::json_response(200, "");
    std::optional<std::string> cursor;
    if (last) cursor = add_next_page(context, request, request.pattern, page, *last, response);
    if (page.asked) json.field("next_cursor", cursor);
    response.body = json.end_object().take();
    return response;
}

Task<http::Response> agents(const Context& context, const http::Request& request, Page page) {
    std::optional<store::Agent> after;
    if (page.after) {
        const auto id = AgentId::parse(page.after->at(1)).value_or(AgentId{});
        after = store::Agent{.id = id, .name = page.after->at(0)};
    }
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto agents = co_await store::list_agents(*unit, tenant, after, rows_of(page));
    std::optional<std::vector<std::string>> last;
    if (cut(agents, page)) last = {agents.back().name, agents.back().id.str()};
    auto json = begin_list();
    for (const auto& agent : agents) {
        json.begin_object().field("id", agent.id.str()).field("name", agent.name);
        json.field("employee_id", agent.employee_id).end_object();
    }
    json.end_array();
    co_return ended(context, request, page, std::move(json), last);
}

Task<http::Response> cities(const Context& context, const http::Request& request, Page page) {
    std::optional<store::City> after;
    if (page.after) {
        const auto id = city_id_of(page.after->at(1)).value_or(CityId{});
        after = store::City{.id = id, .name = page.after->at(0)};
    }
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto cities = co_await store::list_cities(*unit, tenant, after, rows_of(page));
    std::optional<std::vector<std::string>> last;
    if (cut(cities, page)) last = {cities.back().name, std::to_string(cities.back().id.value)};
    auto json = begin_list();
    for (const auto& city : cities) {
        json.begin_object().field("id", city.id.value).field("name", city.name);
        json.field("state", city.state).end_object();
    }
    json.end_array();
    co_return ended(context, request, page, std::move(json), last);
}

Task<http::Response>
issue_categories(const Context& context, const http::Request& request, Page page) {
    std::optional<std::string> after;
    if (page.after) after = page.after->at(0);
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto listed = co_await store::category_names(*unit, tenant, after, rows_of(page));
    std::optional<std::vector<std::string>> last;
    if (cut(listed, page)) last = std::vector<std::string>{listed.back().name};
    auto json = begin_list();
    for (const auto& category : listed)
        json.string(category.name);
    json.end_array().key("categories").begin_array();
    for (const auto& category : listed) {
        json.begin_object().field("name", category.name).field("emergency", category.emergency);
        json.field("source", category.configured ? "configured" : "observed").end_object();
    }
    json.end_array();
    co_return ended(context, request, page, std::move(json), last);
}

Task<http::Response> contexts(const Context& context, const http::Request& request, Page page) {
    std::vector<std::string_view> rest(call_contexts.begin(), call_contexts.end());
    if (page.after) {
        const auto place = std::ranges::find(rest, page.after->at(0));
        rest.erase(rest.begin(), place == rest.end() ? place : place + 1);
    }
    std::optional<std::vector<std::string>> last;
    if (rest.size() >= static_cast<std::size_t>(rows_of(page))) {
        rest.resize(static_cast<std::size_t>(rows_of(page) - 1));
        last = std::vector<std::string>{std::string(rest.back())};
    }
    auto json = begin_list();
    for (const auto value : rest)
        json.string(value);
    json.end_array();
    co_return ended(context, request, page, std::move(json), last);
}

Task<http::Response> limits(const Context& context, const http::Request&, Page) {
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_object();
    json.field("max_upload_bytes", static_cast<std::int64_t>(context.limits.max_upload_bytes));
    json.field("max_duration_seconds", context.limits.max_duration_seconds);
    json.field("min_duration_seconds", context.limits.min_duration_seconds);
    json.key("formats").begin_array();
    for (const auto* format : {"mp3", "wav", "ogg", "opus", "flac", "m4a", "webm"}) {
        json.string(format);
    }
    json.end_array().field("default_region", context.limits.default_region);
    json.field("time_zone", context.limits.time_zone);
    co_return http::json_response(200, json.end_object().end_object().take());
}

using Lister = Task<http::Response> (*)(const Context&, const http::Request&, Page);

/// A list whose places have so many parts; 0: no list.
struct Listed {
    Lister lister;
    std::size_t parts = 0;
};

Task<http::Response> tagged(const Context& context, http::Request request, Listed listed) {
    Result<Page> page = Page{};
    if (listed.parts > 0) page = page_of(context, request, request.pattern, listed.parts);
    if (!page) co_return http::problem(request, page.error());
    MakeFigures make = [&context, &request, &page, listed](const store::Edition&) {
        return listed.lister(context, request, *page);
    };
    auto parameters = fmt::format("limit={}&paged={}&cursor={}",
                                  page->limit,
                                  page->asked,
                                  request.query_value("cursor").value_or(""));
    co_return co_await figures_reply(
        context, request, std::move(parameters), Keeping::names, std::move(make));
}

} // namespace

void add_config_routes(http::Router& router, const Context& context) {
    const auto list = [&](std::string pattern, Listed listed) {
        router.add(
            {.method = http::Method::get,
             .pattern = std::move(pattern),
             .permission = "figures:read",
             .handler = [&context,
                         listed](http::Request r) { return tagged(context, std::move(r), listed); },
             .query = {"limit", "cursor"}});
    };
    list("/config/agents", {agents, 2});
    list("/config/cities", {cities, 2});
    list("/config/issue-categories", {issue_categories, 1});
    list("/config/call-contexts", {contexts, 1});
    list("/config/limits", {limits});
}

} // namespace hs::api
