#include <set>

#include "api/figures_reply.hpp"
#include "api/routes.hpp"
#include "store/directory.hpp"

namespace hs::api {

namespace {

constexpr int list_cap = 10000;

Task<http::Response> agents(const Context& context, const http::Request& request) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_array();
    for (const auto& agent : co_await store::list_agents(*unit, tenant, std::nullopt, list_cap)) {
        json.begin_object().field("id", agent.id.str()).field("name", agent.name);
        json.field("employee_id", agent.employee_id).end_object();
    }
    co_return http::json_response(200, json.end_array().end_object().take());
}

Task<http::Response> cities(const Context& context, const http::Request& request) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_array();
    for (const auto& city : co_await store::list_cities(*unit, tenant, std::nullopt, list_cap)) {
        json.begin_object().field("id", city.id.value).field("name", city.name);
        json.field("state", city.state).end_object();
    }
    co_return http::json_response(200, json.end_array().end_object().take());
}

struct ListedCategory {
    std::string name;
    bool emergency = false;
    const char* source = "configured";

    bool operator<(const ListedCategory& other) const { return name < other.name; }
};

Task<http::Response> issue_categories(const Context& context, const http::Request& request) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    std::set<ListedCategory> listed;
    for (const auto& category : co_await store::list_categories(*unit, tenant)) {
        listed.insert({category.name, category.emergency});
    }
    for (const auto& name : co_await store::observed_categories(*unit, tenant)) {
        listed.insert({name, false, "observed"});
    }
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_array();
    for (const auto& category : listed)
        json.string(category.name);
    json.end_array().key("categories").begin_array();
    for (const auto& category : listed) {
        json.begin_object().field("name", category.name).field("emergency", category.emergency);
        json.field("source", category.source).end_object();
    }
    co_return http::json_response(200, json.end_array().end_object().take());
}

Task<http::Response> contexts(const Context&, const http::Request&) {
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_array();
    for (const auto context : call_contexts)
        json.string(context);
    co_return http::json_response(200, json.end_array().end_object().take());
}

Task<http::Response> limits(const Context& context, const http::Request&) {
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

using Lister = Task<http::Response> (*)(const Context&, const http::Request&);

Task<http::Response> tagged(const Context& context, http::Request request, Lister lister) {
    MakeFigures make = [&context, &request, lister](const store::Edition&) {
        return lister(context, request);
    };
    co_return co_await figures_reply(
        context, request, std::string(), Keeping::names, std::move(make));
}

} // namespace

void add_config_routes(http::Router& router, const Context& context) {
    const auto list = [&](std::string pattern, Lister lister) {
        router.add({.method = http::Method::get,
                    .pattern = std::move(pattern),
                    .permission = "figures:read",
                    .handler = [&context, lister](http::Request r) {
                        return tagged(context, std::move(r), lister);
                    }});
    };
    list("/config/agents", agents);
    list("/config/cities", cities);
    list("/config/issue-categories", issue_categories);
    list("/config/call-contexts", contexts);
    list("/config/limits", limits);
}

} // namespace hs::api
