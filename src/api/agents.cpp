#include <fmt/format.h>

#include "api/figures_json.hpp"
#include "api/figures_reply.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "pipeline/upload_steps.hpp"
#include "store/directory.hpp"

namespace hs::api {

namespace {

// --- stats and details --------------------------------------------------------------------------

/// The path names the agent: only what is beside it.
Result<store::Narrowing> asked_of_agent(const http::Request& request) {
    return narrowing_of(request, {"state", "city_id", "issue", "language"});
}

struct AskedAgent {
    AgentId id;
    store::Narrowing narrowing{};
    bool details = false;
};

Task<http::Response>
agent_reply(const Context& context, const http::Request& request, AskedAgent asked, Day today) {
    const auto tenant = request.principal.tenant;
    const bool sums_know = store::agent_sums_know(asked.narrowing.calls);
    const auto session = co_await figures_session(context, tenant, sums_know);
    const auto agent =
        co_await store::agent_figures(*session, tenant, asked.id, asked.narrowing, today);
    if (!agent) co_return http::problem(request, agent_not_found(asked.id.str()));
    JsonWriter json;
    json.begin_object().field("status", "success");
    write_agent_data(json, *agent);
    if (asked.details) write_agent_summary(json, *agent);
    auto response = http::json_response(200, json.end_object().take());
    if (asked.details) add_canonical(response, fmt::format("/api/agents/{}/stats", asked.id.str()));
    co_return response;
}

Task<http::Response> agent(const Context& context, http::Request request, bool details) {
    const auto& text = request.path_params.at("id");
    const auto id = AgentId::parse(text);
    if (!id) co_return http::problem(request, agent_not_found(text));
    const auto narrowing = asked_of_agent(request);
    if (!narrowing) co_return http::problem(request, narrowing.error());
    const AskedAgent asked{*id, *narrowing, details};
    auto parameters = fmt::format("{}?{}", id->str(), narrowing_text(*narrowing));
    MakeFigures make = [&context, &request, &asked](const store::Edition& edition) {
        return agent_reply(context, request, asked, edition.today);
    };
    auto limited = within_limit(request, std::move(make));
    co_return co_await figures_reply(
        context, request, std::move(parameters), Keeping::names, std::move(limited));
}

// --- search -------------------------------------------------------------------------------------

constexpr std::size_t longest_search = 150;

Task<http::Response>
found_agents(const Context& context, const http::Request& request, std::string text, int limit) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto agents = co_await store::search_agents(*unit, tenant, std::move(text), limit);
    JsonWriter json;
    json.begin_object().field("status", "success").key("data").begin_array();
    for (const auto& agent : agents) {
        json.begin_object().field("agent_id", agent.id.str()).field("name", agent.name);
        json.field("employee_id", agent.employee_id);
        write_score(json, "overall_score", agent.quality);
        json.end_object();
    }
    co_return http::json_response(200, json.end_array().end_object().take());
}

Result<std::string> searched_text(const http::Request& request) {
    const auto text = trim(request.query_value("query").value_or(""));
    if (text.empty())
        return fail(ErrorKind::invalid, "query.required", "Query parameter is required");
    if (text.find('\0') != std::string_view::npos || !valid_utf8(text))
        return fail(ErrorKind::invalid, "query.invalid", "query: text without NUL.");
    if (character_count(text) > longest_search)
        return fail(ErrorKind::invalid, "query.range", "query: at most 150 characters.");
    return std::string(text);
}

Task<http::Response> search(const Context& context, http::Request request) {
    const auto text = searched_text(request);
    if (!text) co_return http::problem(request, text.error());
    const auto limit = whole_number(request, "limit", 20, 1, 100);
    if (!limit) co_return http::problem(request, limit.error());
    MakeFigures make = [&context, &request, &text, &limit](const store::Edition&) {
        return found_agents(context, request, *text, static_cast<int>(*limit));
    };
    auto parameters = fmt::format("{}\n{}", *limit, name_key(*text));
    co_return co_await figures_reply(
        context, request, std::move(parameters), Keeping::names, std::move(make));
}

// --- performance --------------------------------------------------------------------------------

constexpr int trend_days = 30;
constexpr int coaching_texts = 5;

struct Performance {
    store::AgentFigures agent;
    std::vector<store::AgentDay> days{};
    store::Outcomes outcomes{};
    std::vector<std::string> coaching{};
};

void write_performance(JsonWriter& json, const Performance& shown) {
    const auto& figures = shown.agent.figures;
    write_agent_data(json, shown.agent);
    json.field("agent_name", shown.agent.name);
    write_score(json, "overall_score", figures.current.quality);
    json.field("total_calls", figures.current.calls);
    write_score(json, "sop_score", figures.current.sop);
    write_score(json, "avg_sentiment", figures.current.sentiment);
    json.field("emergency_calls", figures.current.emergencies);
    write_decimal(json,
                  "score_trend",
                  change_in_points(figures.month.quality, figures.last_month.quality),
                  4);
    json.key("performance_trend").begin_array();
    for (const auto& day : shown.days) {
        json.begin_object().field("date", day.day);
        write_score(json, "score", day.quality);
        json.end_object();
    }
    json.end_array().key("call_distribution").begin_array();
    const auto share = [&](const char* category, std::int64_t count) {
        json.begin_object().field("category", category).field("count", count).end_object();
    };
    share("Resolved", shown.outcomes.resolved);
    share("Unresolved", shown.outcomes.unresolved);
    share("Escalated", shown.outcomes.escalated);
    share("Pending", shown.outcomes.pending);
    json.end_array().key("coaching_insights").begin_array();
    for (const auto& text : shown.coaching)
        json.string(text);
    json.end_array();
}

http::Response ambiguous(const http::Request& request, const std::vector<store::Agent>& agents) {
    JsonWriter json;
    json.begin_array();
    for (const auto& agent : agents) {
        json.begin_object().field("agent_id", agent.id.str()).field("name", agent.name);
        json.field("employee_id", agent.employee_id).end_object();
    }
    const Error error{ErrorKind::conflict,
                      "agent.ambiguous",
                      "Several agents have this name; send the employee id.",
                      std::nullopt};
    return http::problem(request, error, {}, "\"candidates\":" + json.end_array().take());
}

struct AskedPerformance {
    AgentId id;
    std::string named; // as the path names the agent
    store::Narrowing narrowing{};
};

Task<http::Response> performance_reply(const Context& context,
                                       const http::Request& request,
                                       AskedPerformance asked,
                                       Day today) {
    const auto tenant = request.principal.tenant;
    const auto& calls = asked.narrowing.calls;
    const bool sums_know = store::agent_sums_know(calls);
    const auto session = co_await figures_session(context, tenant, sums_know);
    auto agent = co_await store::agent_figures(*session, tenant, asked.id, asked.narrowing, today);
    if (!agent) co_return http::problem(request, agent_not_found(asked.named));
    Performance shown{.agent = std::move(*agent)};
    const DayRange days{days_later(today, 1 - trend_days), days_later(today, 1)};
    const store::Narrowing recent{days, calls};
    shown.days = co_await store::agent_days(*session, tenant, asked.id, recent);
    shown.outcomes = co_await store::agent_outcomes(*session, tenant, asked.id, calls);
    shown.coaching = co_await store::agent_coaching(*session, tenant, asked.id, coaching_texts);
    JsonWriter json;
    json.begin_object().field("status", "success");
    write_performance(json, shown);
    co_return http::json_response(200, json.end_object().take()); // texts of calls: no-store
}

Task<http::Response> performance(const Context& context, http::Request request) {
    const auto& named = request.path_params.at("agent");
    const auto narrowing = asked_of_agent(request);
    if (!narrowing) co_return http::problem(request, narrowing.error());
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    // A text the database cannot hold names nobody.
    const bool storable = valid_utf8(named) && named.find('\0') == std::string::npos;
    std::vector<store::AgentMatch> matches;
    if (storable) matches = co_await store::agents_named(*unit, tenant, named);
    const auto chosen = pipeline::choose_agent(matches);
    if (!chosen && !chosen.error().candidates.empty())
        co_return ambiguous(request, chosen.error().candidates);
    if (!chosen) co_return http::problem(request, agent_not_found(named));
    const AskedPerformance asked{chosen->id, named, *narrowing};
    MakeFigures make = [&context, &request, &asked](const store::Edition& edition) {
        return performance_reply(context, request, asked, edition.today);
    };
    const auto limited = within_limit(request, std::move(make));
    const auto edition = co_await store::figures_edition(*unit, tenant);
    auto response = co_await limited(edition);
    if (response.status == 200) co_await add_as_of(context, tenant, response);
    co_return response;
}

} // namespace

void add_agent_routes(http::Router& router, const Context& context) {
    const auto show = [&](std::string pattern, bool details) {
        router.add(
            {.method = http::Method::get,
             .pattern = std::move(pattern),
             .permission = "figures:read",
             .handler = [&context, details](
                            http::Request r) { return agent(context, std::move(r), details); },
             .query = {"from", "to", "state", "city_id", "issue", "language"}});
    };
    show("/api/agents/{id}/stats", false);
    show("/api/agents/{id}/details", true);
    router.add({.method = http::Method::get,
                .pattern = "/api/agents/search",
                .permission = "figures:read",
                .handler = [&context](http::Request r) { return search(context, std::move(r)); },
                .query = {"query", "limit"}});
    router.add(
        {.method = http::Method::get,
         .pattern = "/api/agent-performance/{agent}",
         .permission = "figures:read",
         .handler = [&context](http::Request r) { return performance(context, std::move(r)); },
         .query = {"from", "to", "state", "city_id", "issue", "language"}});
}

} // namespace hs::api
