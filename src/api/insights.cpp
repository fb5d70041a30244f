#include <fmt/format.h>

#include "api/list_page.hpp"
#include "api/once.hpp"
#include "api/routes.hpp"
#include "pipeline/insight_runs.hpp"

namespace hs::api {

namespace {

using pipeline::InsightState;

/// Texts are made within milliseconds, so whatever wait is asked for is kept.
void apply_wait(const http::Request& request, http::Response& response) {
    const auto wait = preferred_wait(request, std::chrono::seconds(0));
    if (!wait.applied) return;
    response.headers.emplace_back("Preference-Applied", fmt::format("wait={}", wait.limit.count()));
}

/// An alias names the main path.
void name_main_path(const http::Request& request,
                    std::string_view collection,
                    std::string_view id,
                    http::Response& response) {
    if (request.pattern.ends_with("/generate-insights")) return;
    response.headers.emplace_back(
        "Link", fmt::format("</api/{}/{}/generate-insights>; rel=\"canonical\"", collection, id));
}

std::string_view agent_message(InsightState state) {
    switch (state) {
    case InsightState::cached: return "Insights retrieved from cache.";
    case InsightState::made: return "Insights updated successfully.";
    case InsightState::no_calls: return "No calls found. Insights rolled over.";
    case InsightState::unavailable:
        return "New insights are not available yet. Showing the latest.";
    }
    return "";
}

std::string city_message(InsightState state, std::string_view city) {
    switch (state) {
    case InsightState::cached: return fmt::format("Insights retrieved from cache for {}", city);
    case InsightState::made:
    case InsightState::no_calls: return fmt::format("Insights updated for {}", city);
    case InsightState::unavailable:
        return fmt::format("New insights for {} are not available yet. Showing the latest.", city);
    }
    return "";
}

std::string finished(JsonWriter json, InsightState state) {
    json.end_object();
    if (state == InsightState::unavailable) json.field("stale", true);
    return json.end_object().take();
}

pipeline::InsightParts parts_of(const Context& context) {
    return {.database = context.services.database,
            .log = context.services.log,
            .writer = pipeline::template_writer()};
}

// Replies are kept after the texts: an attempt after a crash in between makes the month's text
// anew.

Task<http::Response> agent_texts(const Context& context, http::Request request, Once& /*once*/) {
    const auto& text = request.path_params.at("id");
    const auto id = AgentId::parse(text);
    if (!id) co_return http::problem(request, agent_not_found(text));
    const auto forced = switched_on(request, "force");
    if (!forced) co_return http::problem(request, forced.error());
    const auto parts = parts_of(context);
    const auto insights =
        co_await pipeline::agent_insights(parts, caller_of(request), *id, *forced);
    if (!insights) co_return http::problem(request, agent_not_found(text));
    JsonWriter json;
    json.begin_object().field("status", "success");
    json.field("message", agent_message(insights->state)).key("data").begin_object();
    json.field("latest_month_insight", insights->texts.month);
    json.field("overall_insight_text", insights->texts.overall);
    json.field("latest_change_summary", insights->texts.change);
    auto response = http::json_response(200, finished(std::move(json), insights->state));
    apply_wait(request, response);
    name_main_path(request, "agents", id->str(), response);
    co_return response;
}

Task<http::Response> city_texts(const Context& context, http::Request request, Once& /*once*/) {
    const auto& text = request.path_params.at("id");
    const auto id = city_id_of(text);
    if (!id) co_return http::problem(request, city_not_found(text));
    const auto forced = switched_on(request, "force");
    if (!forced) co_return http::problem(request, forced.error());
    const auto parts = parts_of(context);
    const auto insights = co_await pipeline::city_insights(parts, caller_of(request), *id, *forced);
    if (!insights) co_return http::problem(request, city_not_found(text));
    JsonWriter json;
    json.begin_object().field("status", "success");
    json.field("message", city_message(insights->state, insights->name)).key("data").begin_object();
    json.field("daily_ops_insight", insights->texts.daily);
    json.field("latest_month_insight", insights->texts.month);
    json.field("overall_city_insight", insights->texts.overall);
    json.field("coaching_focus_for_city", insights->texts.focus);
    auto response = http::json_response(200, finished(std::move(json), insights->state));
    apply_wait(request, response);
    name_main_path(request, "cities", std::to_string(id->value), response);
    co_return response;
}

} // namespace

void add_insight_routes(http::Router& router, const Context& context) {
    using http::Method;
    const auto add = [&](std::string pattern, auto handler) {
        router.add({.method = Method::post,
                    .pattern = std::move(pattern),
                    .permission = "calls:process",
                    .handler = once(context, handler),
                    .query = {"force"}});
    };
    add("/api/agents/{id}/generate-insights", agent_texts);
    add("/api/agents/{id}/insights", agent_texts);
    add("/api/cities/{id}/generate-insights", city_texts);
    add("/api/cities/{id}/insights", city_texts);
}

} // namespace hs::api
