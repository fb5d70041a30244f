#include "store/directory.hpp"

#include <charconv>

#include "api/cursor.hpp"
#include "api/json_body.hpp"
#include "api/routes.hpp"
#include "store/idempotency.hpp"

namespace hs::api {

namespace {

constexpr int default_page = 50;
constexpr int largest_page = 200;

struct Page {
    int limit = default_page;
    std::optional<std::vector<std::string>> after;
    bool asked = false; // limit or cursor was given
};

Result<Page> page_of(const Context& context, const http::Request& request, std::string_view scope) {
    Page page;
    if (const auto limit = request.query_value("limit")) {
        page.asked = true;
        const auto [end, error] =
            std::from_chars(limit->data(), limit->data() + limit->size(), page.limit);
        const bool whole = error == std::errc{} && end == limit->data() + limit->size();
        if (!whole || page.limit < 1 || page.limit > largest_page) {
            return fail(ErrorKind::invalid, "query.range", "limit: 1 to 200.");
        }
    }
    if (const auto cursor = request.query_value("cursor")) {
        page.asked = true;
        TRY(page.after, read_cursor(context.services.keys.cursor_key(), scope, *cursor));
        if (page.after->size() != 2) {
            return fail(
                ErrorKind::invalid, "cursor.invalid", "This cursor belongs to no such list.");
        }
    }
    return page;
}

/// Ends a list reply with its cursor and Link header.
http::Response paged(const Context& context,
                     const http::Request& request,
                     JsonWriter json,
                     const Page& page,
                     std::optional<std::vector<std::string>> last) {
    std::optional<std::string> cursor;
    if (last) cursor = make_cursor(context.services.keys.cursor_key(), request.pattern, *last);
    json.field("next_cursor", cursor).end_object();
    auto response = http::json_response(200, json.take());
    if (cursor) {
        response.headers.emplace_back("Link",
                                      "<" + request.path + "?limit=" + std::to_string(page.limit) +
                                          "&cursor=" + *cursor + ">; rel=\"next\"");
    }
    return response;
}

void write_agent(JsonWriter& json, const store::Agent& agent) {
    json.begin_object().field("id", agent.id.str()).field("name", agent.name);
    json.field("employee_id", agent.employee_id).key("languages").begin_array();
    for (const auto& language : agent.languages)
        json.string(language);
    json.end_array().field("active", agent.active).end_object();
}

Task<http::Response> list_agents(const Context& context, http::Request request) {
    auto page = page_of(context, request, request.pattern);
    if (!page) co_return http::problem(request, page.error());
    std::optional<store::Agent> after;
    if (page->after) {
        const auto id = AgentId::parse(page->after->at(1));
        after = store::Agent{.id = id.value_or(AgentId{}), .name = page->after->at(0)};
    }
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto agents = co_await store::list_agents(*unit, tenant, after, page->limit + 1);
    std::optional<std::vector<std::string>> last;
    if (agents.size() > static_cast<std::size_t>(page->limit)) {
        agents.pop_back();
        last = {agents.back().name, agents.back().id.str()};
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& agent : agents)
        write_agent(json, agent);
    json.end_array();
    co_return paged(context, request, std::move(json), *page, std::move(last));
}

Task<http::Response> add_agent(const Context& context, http::Request request) {
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
    co_await transaction->commit();
    JsonWriter json;
    write_agent(json, agent);
    auto response = http::json_response(201, json.take());
    response.headers.emplace_back("Location", "/api/agents/" + id->str());
    co_return response;
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

Task<http::Response> list_cities(const Context& context, http::Request request) {
    auto page = page_of(context, request, request.pattern);
    if (!page) co_return http::problem(request, page.error());
    constexpr int reference_cap = 5000;
    const int limit = page->asked ? page->limit : reference_cap;
    std::optional<store::City> after;
    if (page->after) {
        int number = 0;
        const auto& digits = page->after->at(1);
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        after = store::City{.id = CityId{number}, .name = page->after->at(0)};
    }
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto cities = co_await store::list_cities(*unit, tenant, after, limit + 1);
    std::optional<std::vector<std::string>> last;
    if (cities.size() > static_cast<std::size_t>(limit)) {
        cities.pop_back();
        last = {cities.back().name, std::to_string(cities.back().id.value)};
    }
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_array();
    for (const auto& city : cities) {
        json.begin_object().field("id", city.id.value).field("name", city.name);
        json.field("state", city.state).end_object();
    }
    json.end_array();
    if (page->asked || last) {
        co_return paged(context, request, std::move(json), *page, std::move(last));
    }
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> add_city(const Context& context, http::Request request) {
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
    co_await transaction->commit();
    JsonWriter json;
    json.begin_object().field("id", id->value).field("name", city.name).field("state", city.state);
    auto response = http::json_response(201, json.end_object().take());
    response.headers.emplace_back("Location", "/api/cities/" + std::to_string(id->value));
    co_return response;
}

void write_category(JsonWriter& json, const store::IssueCategory& category) {
    json.begin_object().field("id", category.id).field("name", category.name);
    json.key("aliases").begin_array();
    for (const auto& alias : category.aliases)
        json.string(alias);
    json.end_array().field("emergency", category.emergency).end_object();
}

Task<http::Response> list_categories(const Context& context, http::Request request) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& category : co_await store::list_categories(*unit, tenant)) {
        write_category(json, category);
    }
    json.end_array().null_field("next_cursor").end_object();
    co_return http::json_response(200, json.take());
}

Task<http::Response> add_category(const Context& context, http::Request request) {
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
    co_await transaction->commit();
    JsonWriter json;
    write_category(json, category);
    co_return http::json_response(201, json.take());
}

} // namespace

void add_directory_routes(http::Router& router, const Context& context) {
    using http::BodyKind;
    using http::Method;
    // Routes of the reference ignore unknown parameters, our own refuse them.
    const auto list = [&](std::string pattern, bool strict, auto handler) {
        router.add({.method = Method::get,
                    .pattern = std::move(pattern),
                    .permission = "figures:read",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .strict_query = strict,
                    .query = {"limit", "cursor"}});
    };
    const auto add = [&](std::string pattern, auto handler) {
        router.add({.method = Method::post,
                    .pattern = std::move(pattern),
                    .permission = "directory:manage",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .body = BodyKind::json,
                    .strict_query = true});
    };
    list("/api/agents", true, list_agents);
    add("/api/agents", add_agent);
    router.add(
        {.method = Method::get,
         .pattern = "/api/agents/{id}",
         .permission = "figures:read",
         .handler = [&context](http::Request r) { return show_agent(context, std::move(r)); },
         .strict_query = true});
    list("/api/cities", false, list_cities);
    add("/api/cities", add_city);
    list("/api/issue-categories", true, list_categories);
    add("/api/issue-categories", add_category);
}

} // namespace hs::api
