#include "store/directory.hpp"

#include <array>

#include "api/call_filters.hpp"
#include "api/json_body.hpp"
#include "api/json_members.hpp"
#include "api/list_page.hpp"
#include "api/once.hpp"
#include "api/routes.hpp"
#include "store/idempotency.hpp"

namespace hs::api {

namespace {

constexpr int page_cap = 50;
constexpr int category_cap = 10000;
constexpr std::array<std::string_view, 2> agent_orders{"name", "employee_id"};
constexpr std::array<std::string_view, 5> agent_members{
    "id", "name", "employee_id", "languages", "active"};

/// Ends a page of rows; `last` is the place of its last one when there are more.
http::Response ended(const Context& context,
                     const http::Request& request,
                     JsonWriter json,
                     const ListPage& page,
                     const std::optional<std::vector<std::string>>& last) {
    std::optional<std::string> cursor;
    if (last) cursor = next_cursor(context, list_scope(request), *last);
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, page, *cursor);
    return response;
}

void write_agent(JsonWriter& json, const store::Agent& agent) {
    json.begin_object().field("id", agent.id.str()).field("name", agent.name);
    json.field("employee_id", agent.employee_id).key("languages").begin_array();
    for (const auto& language : agent.languages)
        json.string(language);
    json.end_array().field("active", agent.active).end_object();
}

Result<store::AgentList> wanted_agents(const http::Request& request) {
    store::AgentList list;
    TRY(list.text, asked_text(request, "q"));
    if (const auto team = request.query_value("team")) {
        list.team = Uuid::parse(*team);
        if (!list.team) return fail(ErrorKind::invalid, "query.invalid", "team: a UUID.");
    }
    if (request.query_value("active")) {
        TRY(list.active, switched_on(request, "active"));
    }
    TRY(list.order, asked_order(request, agent_orders, "name"));
    return list;
}

Task<http::Response> list_agents(const Context& context, http::Request request) {
    auto list = wanted_agents(request);
    if (!list) co_return http::problem(request, list.error());
    const auto fields = asked_fields(request, agent_members);
    if (!fields) co_return http::problem(request, fields.error());
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 2, page_cap);
    if (!page) co_return http::problem(request, page.error());
    if (page->after) {
        list->after_place = page->after->at(0);
        list->after_id = AgentId::parse(page->after->at(1));
    }
    list->limit = page->limit + 1;
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto agents = co_await store::agents_in_order(*unit, tenant, *list);
    std::optional<std::vector<std::string>> last;
    if (agents.size() > static_cast<std::size_t>(page->limit)) {
        agents.pop_back();
        last = {agents.back().place, agents.back().agent.id.str()};
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& [agent, place] : agents) {
        JsonWriter row;
        write_agent(row, agent);
        const auto text = row.take();
        json.raw(fields->empty() ? text : only_members(text, *fields));
    }
    co_return ended(context, request, std::move(json), *page, last);
}

Task<http::Response> add_agent(const Context& context, http::Request request, Once& once) {
    BodyReader body(request.body);
    store::Agent agent;
    agent.id = AgentId::make(context.services.clock.now());
    agent.name = body.required_text("name", 150);
    agent.employee_id = body.text("employee_id", 50);
    agent.languages = body.texts("languages", 20, 50);
    if (auto faults = body.finish(); !faults.empty()) {
        co_return body_problem(request, faults);
    }
    const auto tenant = request.principal.tenant;
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    const auto id = co_await store::insert_agent(*transaction, tenant, agent);
    if (!id) {
        co_return http::problem(request,
                                {ErrorKind::conflict,
                                 "agent.exists",
                                 "An agent with this employee id exists already.",
                                 std::nullopt});
    }
    auto entry = audit_entry(request, "agent.create", "agent:" + id->str());
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    JsonWriter json;
    write_agent(json, agent);
    auto response = http::json_response(201, json.take());
    response.headers.emplace_back("Location", "/api/agents/" + id->str());
    auto answered = co_await once.commit(*transaction, request, std::move(response));
    co_return answered;
}

Task<http::Response> show_agent(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = AgentId::parse(text);
    if (!id) co_return http::problem(request, agent_not_found(text));
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto agent = co_await store::find_agent(*unit, tenant, *id);
    if (!agent) co_return http::problem(request, agent_not_found(text));
    JsonWriter json;
    write_agent(json, *agent);
    co_return http::json_response(200, json.take());
}

Task<http::Response> add_city(const Context& context, http::Request request, Once& once) {
    BodyReader body(request.body);
    store::City city;
    city.name = body.required_text("name", 100);
    city.state = body.text("state", 100);
    city.latitude = body.number("latitude", -90, 90);
    city.longitude = body.number("longitude", -180, 180);
    city.aliases = body.texts("aliases", 20, 100);
    if (auto faults = body.finish(); !faults.empty()) co_return body_problem(request, faults);
    const auto tenant = request.principal.tenant;
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    const auto id = co_await store::insert_city(*transaction, tenant, city);
    if (!id) {
        co_return http::problem(
            request,
            {ErrorKind::conflict, "city.exists", "This city exists already.", std::nullopt});
    }
    auto entry = audit_entry(request, "city.create", "city:" + std::to_string(id->value));
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    JsonWriter json;
    json.begin_object().field("id", id->value).field("name", city.name).field("state", city.state);
    auto response = http::json_response(201, json.end_object().take());
    response.headers.emplace_back("Location", "/api/cities/" + std::to_string(id->value));
    auto answered = co_await once.commit(*transaction, request, std::move(response));
    co_return answered;
}

void write_category(JsonWriter& json, const store::IssueCategory& category) {
    json.begin_object().field("id", category.id).field("name", category.name);
    json.key("aliases").begin_array();
    for (const auto& alias : category.aliases)
        json.string(alias);
    json.end_array().field("emergency", category.emergency).end_object();
}

Task<http::Response> list_categories(const Context& context, http::Request request) {
    const auto page = list_page(context, request, list_scope(request), 2, category_cap);
    if (!page) co_return http::problem(request, page.error());
    std::optional<store::IssueCategory> after;
    if (page->after) {
        after.emplace();
        after->name = page->after->at(0);
        after->id = std::stoi(page->after->at(1)); // as we have signed it
    }
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto categories = co_await store::categories_after(*unit, tenant, after, page->limit + 1);
    std::optional<std::vector<std::string>> last;
    if (categories.size() > static_cast<std::size_t>(page->limit)) {
        categories.pop_back();
        last = {categories.back().name, std::to_string(categories.back().id)};
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& category : categories)
        write_category(json, category);
    co_return ended(context, request, std::move(json), *page, last);
}

Task<http::Response> add_category(const Context& context, http::Request request, Once& once) {
    BodyReader body(request.body);
    store::IssueCategory category;
    category.name = body.required_text("name", 50);
    category.aliases = body.texts("aliases", 20, 50);
    category.emergency = body.flag("emergency").value_or(false);
    if (auto faults = body.finish(); !faults.empty()) co_return body_problem(request, faults);
    const auto tenant = request.principal.tenant;
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    const auto id = co_await store::insert_category(*transaction, tenant, category);
    if (!id) {
        co_return http::problem(request,
                                {ErrorKind::conflict,
                                 "issue.exists",
                                 "This issue category exists already.",
                                 std::nullopt});
    }
    category.id = *id;
    auto entry = audit_entry(request, "issue.create", "issue:" + std::to_string(*id));
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    JsonWriter json;
    write_category(json, category);
    auto response = http::json_response(201, json.take());
    auto answered = co_await once.commit(*transaction, request, std::move(response));
    co_return answered;
}

} // namespace

void add_directory_routes(http::Router& router, const Context& context) {
    using http::BodyKind;
    using http::Method;
    const auto add = [&](std::string pattern, auto handler) {
        router.add({.method = Method::post,
                    .pattern = std::move(pattern),
                    .permission = "directory:manage",
                    .handler = once(context, handler),
                    .body = BodyKind::json,
                    .strict_query = true});
    };
    router.add(
        {.method = Method::get,
         .pattern = "/api/agents",
         .permission = "figures:read",
         .handler = [&context](http::Request r) { return list_agents(context, std::move(r)); },
         .strict_query = true,
         .query = {"q", "team", "active", "sort", "fields", "limit", "cursor"}});
    add("/api/agents", add_agent);
    router.add(
        {.method = Method::get,
         .pattern = "/api/agents/{id}",
         .permission = "figures:read",
         .handler = [&context](http::Request r) { return show_agent(context, std::move(r)); },
         .strict_query = true});
    add("/api/cities", add_city);
    router.add(
        {.method = Method::get,
         .pattern = "/api/issue-categories",
         .permission = "figures:read",
         .handler = [&context](http::Request r) { return list_categories(context, std::move(r)); },
         .strict_query = true,
         .query = {"limit", "cursor"}});
    add("/api/issue-categories", add_category);
}

} // namespace hs::api
