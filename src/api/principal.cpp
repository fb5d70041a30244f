// Who is calling, and what they may do: pages show nothing else.
#include <array>

#include "api/routes.hpp"
#include "base/json.hpp"

namespace hs::api {

namespace {

// Of all routes there are; a test compares it with them.
constexpr std::array permissions{
    "calls:delete",  "calls:edit",    "calls:ingest",        "calls:listen",     "calls:process",
    "calls:read",    "calls:status",  "coaching:write",      "directory:manage", "escalations:read",
    "figures:read",  "jobs:manage",   "jobs:read",           "leaderboard:read", "metrics:read",
    "reviews:write", "runs:manage",   "scorecards:activate", "scorecards:edit",  "scorecards:read",
    "search:use",    "tenant:manage", "usage:read"};

Task<http::Response> who_am_i(const Context&, http::Request request) {
    const auto& caller = request.principal;
    JsonWriter json;
    json.begin_object().field("name", caller.name).field("tenant_id", caller.tenant.str());
    json.field("local", true).key("permissions").begin_array(); // until there is a login
    for (const auto* permission : permissions)
        json.string(permission);
    co_return http::json_response(200, json.end_array().end_object().take());
}

} // namespace

void add_principal_routes(http::Router& router, const Context& context) {
    router.add({.method = http::Method::get,
                .pattern = "/api/auth/me",
                .permission = "open",
                .handler = [&context](http::Request r) { return who_am_i(context, std::move(r)); },
                .strict_query = true});
}

} // namespace hs::api
