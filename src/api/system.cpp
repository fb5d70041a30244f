#include "store/system.hpp"

#include <chrono>

#include "api/list_page.hpp"
#include "api/problem_page.hpp"
#include "api/routes.hpp"
#include "pg/session.hpp"

namespace hs::api {

namespace {

Error draining_error() {
    return {ErrorKind::unavailable,
            "server.draining",
            "The server is shutting down.",
            std::chrono::seconds(5)};
}

Task<http::Response> health(const Context& context, http::Request request) {
    if (context.draining()) co_return http::problem(request, draining_error());
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::steady_clock::now() - context.started);
    JsonWriter json;
    json.begin_object().field("status", "healthy").field("version", HS_VERSION);
    json.field("uptime_seconds", static_cast<std::int64_t>(uptime.count()));
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> alive(const Context&, http::Request) {
    co_return http::json_response(200, R"({"status":"alive"})");
}

/// What the database answers: its schema version and how long it took, or why it did not.
struct DatabaseCheck {
    int schema_version = 0;
    double latency_ms = 0;
    bool connected = false;
};

Task<DatabaseCheck> check_database(const Context& context, TenantId tenant) {
    const auto begun = std::chrono::steady_clock::now();
    DatabaseCheck check;
    try { // an unreachable database is this route's answer, not its failure
        const auto unit = context.services.database.unit({.tenant = tenant});
        check.schema_version = co_await store::schema_version(*unit);
        check.connected = true;
    } catch (const pg::DatabaseError& error) {
        context.services.log.warn("database.unreachable", {{"sqlstate", error.sqlstate()}});
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begun;
    check.latency_ms = took.count();
    co_return check;
}

Task<http::Response> ready(const Context& context, http::Request request) {
    if (context.draining()) co_return http::problem(request, draining_error());
    // A bare "?verbose", as probes write it, asks for more too.
    const bool bare = request.query_value("verbose") == "";
    const auto verbose = bare ? Result<bool>(true) : switched_on(request, "verbose");
    if (!verbose) co_return http::problem(request, verbose.error());
    const auto database = co_await check_database(context, request.principal.tenant);
    std::string trouble;
    if (!database.connected) {
        trouble = "The database does not answer.";
    } else if (database.schema_version != context.schema_version) {
        trouble = "The database schema is of another version than this program.";
    } else {
        trouble = context.storage_trouble();
    }
    if (!trouble.empty()) {
        const auto* code = database.connected ? "server.not_ready" : "database.unavailable";
        co_return http::problem(request,
                                {ErrorKind::unavailable, code, trouble, std::chrono::seconds(5)});
    }
    JsonWriter json;
    json.begin_object().field("status", "ready");
    if (*verbose) {
        json.field("schema_version", database.schema_version);
        json.key("database_latency_ms").number(database.latency_ms, 1);
        // Never a reason to refuse uploads: calls wait until the speech server takes them again.
        json.field("speech_engine", pipeline::to_string(context.services.gate.health()));
    }
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> database_check(const Context& context, http::Request request) {
    const auto check = co_await check_database(context, request.principal.tenant);
    if (!check.connected) {
        co_return http::problem(request,
                                {ErrorKind::unavailable,
                                 "database.unavailable",
                                 "The database does not answer.",
                                 std::chrono::seconds(5)});
    }
    JsonWriter json;
    json.begin_object().field("status", "success").field("database", "connected");
    json.key("latency_ms").number(check.latency_ms, 1);
    json.field("schema_version", check.schema_version);
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> metrics(const Context& context, http::Request) {
    http::Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = context.services.metrics.prometheus_text();
    co_return response;
}

Task<http::Response> version(const Context& context, http::Request) {
    JsonWriter json;
    json.begin_object().field("name", "hacksmart").field("version", HS_VERSION);
    json.field("schema_version", context.schema_version);
    json.field("speech_engine", context.services.speech.name());
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> explain_problem(const Context& context, http::Request request) {
    co_return problem_page(request, context.documentation.codes);
}

} // namespace

void add_system_routes(http::Router& router, const Context& context) {
    const auto get = [&](std::string pattern, std::string permission, auto handler) {
        router.add({.method = http::Method::get,
                    .pattern = std::move(pattern),
                    .permission = std::move(permission),
                    .handler = [&context, handler](http::Request r) {
                        return handler(context, std::move(r));
                    }});
    };
    get("/health", "open", health);
    get("/livez", "open", alive);
    get("/readyz", "open", ready);
    get("/db/check", "figures:read", database_check);
    get("/metrics", "metrics:read", metrics);
    get("/version", "open", version);
    get("/problems/{code}", "open", explain_problem);
}

} // namespace hs::api
