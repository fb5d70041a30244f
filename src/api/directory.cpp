#include "store/directory.hpp"

#include "api/json_body.hpp"
#include "api/once.hpp"
#include "api/paging.hpp"
#include "api/routes.hpp"
#include "store/idempotency.hpp"

namespace hs::api {

namespace {

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
    const auto list = [&](std::string pattern, auto handler) {
        router.add({.method = Method::get,
                    .pattern = std::move(pattern),
                    .permission = "figures:read",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .strict_query = true,
                    .query = {"limit", "cursor"}});
    };
    const auto add = [&](std::string pattern, auto handler) {
        router.add({.method = Method::post,
                    .pattern = std::move(pattern),
                    .permission = "directory:manage",
                    .handler = once(context, handler),
                    .body = BodyKind::json,
                    .strict_query = true});
    };
    list("/api/agents", list_agents);
    add("/api/agents", add_agent);
    router.add(
        {.method = Method::get,
         .pattern = "/api/agents/{id}",
         .permission = "figures:read",
         .handler = [&context](http::Request r) { return show_agent(context, std::move(r)); },
         .strict_query = true});
    add("/api/cities", add_city);
    list("/api/issue-categories", list_categories);
    add("/api/issue-categories", add_category);
}

} // namespace hs::api
