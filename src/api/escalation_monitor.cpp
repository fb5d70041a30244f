// Calls that need somebody now: the monitor, worst calls, emergencies.
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "api/agent_lookup.hpp"
#include "api/call_object.hpp"
#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "store/directory.hpp"

namespace hs::api {

namespace {

constexpr int monitor_cap = 500;
constexpr int emergency_cap = 100; // each carries its whole transcript

struct WindowRequest {
    store::Window window;
    ListPage page;
    std::string scope;
};

Result<WindowRequest> window_request(const Context& context,
                                     const http::Request& request,
                                     int fallback_minutes,
                                     int most_minutes,
                                     int cap) {
    WindowRequest wanted;
    wanted.scope = list_scope(request);
    TRY(wanted.window.minutes,
        whole_number(request, "window_minutes", fallback_minutes, 1, most_minutes));
    TRY(wanted.page, list_page(context, request, wanted.scope, 2, cap));
    wanted.window.limit = wanted.page.limit + 1;
    if (wanted.page.after) {
        const auto time = parse_rfc3339(wanted.page.after->at(0));
        const auto id = CallId::parse(wanted.page.after->at(1));
        if (!time || !id)
            return fail(
                ErrorKind::invalid, "cursor.invalid", "This cursor belongs to no such list.");
        wanted.window.after = store::TimePlace{*time, *id};
    }
    return wanted;
}

std::vector<CallId> ids_of(const std::vector<store::TimePlace>& places) {
    std::vector<CallId> ids;
    for (const auto& place : places)
        ids.push_back(place.id);
    return ids;
}

/// Cuts the row that only showed that there is more, and gives the cursor of the next page.
std::optional<std::string>
cut_page(const Context& context, const WindowRequest& wanted, store::WindowPage& found) {
    if (found.calls.size() <= static_cast<std::size_t>(wanted.page.limit)) return std::nullopt;
    found.calls.pop_back();
    const auto& last = found.calls.back();
    return next_cursor(context, wanted.scope, {exact_time(last.call_timestamp), last.id.str()});
}

http::Response end_list(const http::Request& request,
                        JsonWriter json,
                        const WindowRequest& wanted,
                        const std::optional<std::string>& cursor) {
    if (wanted.page.asked) json.field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, wanted.page, *cursor);
    return response;
}

Result<std::optional<double>> threshold(const http::Request& request) {
    if (!request.pattern.ends_with("/score")) return std::optional<double>();
    const auto text = request.query_value("min_score").value_or("0.5");
    double score = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), score);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || !std::isfinite(score) || score < 0 || score > 1)
        return fail(ErrorKind::invalid, "query.range", "min_score must be between 0 and 1");
    return std::optional(score);
}

/// Both monitors: flagged calls, or those above a coaching priority.
Task<http::Response> monitor(const Context& context, http::Request request) {
    const auto least = threshold(request);
    if (!least) co_return http::problem(request, least.error());
    const auto wanted = window_request(context, request, 5, 1440, monitor_cap);
    if (!wanted) co_return http::problem(request, wanted.error());
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    store::WindowPage found;
    if (*least) {
        // Above 0.70005 means from 7001 basis points on: priorities have four decimals.
        const int basis_points = static_cast<int>(std::floor(**least * 10000.0 + 1e-9));
        found = co_await store::urgent_in_window(*unit, tenant, wanted->window, basis_points);
    } else {
        found = co_await store::flagged_in_window(*unit, tenant, wanted->window);
    }
    const auto cursor = cut_page(context, *wanted, found);
    const auto views = co_await store::call_objects(*unit, tenant, ids_of(found.calls));
    JsonWriter json;
    json.begin_object().field("status", "success");
    json.field("timestamp", rfc3339(context.services.clock.now()));
    json.field("time_window", fmt::format("last_{}_minutes", wanted->window.minutes));
    if (*least) json.field("min_score_threshold", **least);
    json.field("count", found.total).key("flagged_calls").begin_array();
    for (const auto& view : views)
        write_call_object(json, context, tenant, view);
    json.end_array();
    co_return end_list(request, std::move(json), *wanted, cursor);
}

struct FoundWorst {
    store::WorstCall worst;
    store::CallView view;
};

Task<Result<FoundWorst>>
find_worst(pg::Session& session, TenantId tenant, AgentId agent, int days) {
    const auto worst = co_await store::worst_call(session, tenant, agent, days);
    const auto sentence = days == 7 ? std::string("No calls found for this agent in the past week")
                                    : fmt::format("No calls found for this agent in {} days", days);
    if (!worst) co_return fail(ErrorKind::not_found, "call.none_in_window", sentence);
    const std::vector<CallId> ids{worst->id};
    auto views = co_await store::call_objects(session, tenant, ids);
    // Deleted between the two statements.
    if (views.empty()) co_return fail(ErrorKind::not_found, "call.none_in_window", sentence);
    co_return FoundWorst{*worst, std::move(views.front())};
}

void write_worst(JsonWriter& json,
                 const Context& context,
                 TenantId tenant,
                 const store::CallView& view,
                 AgentId agent,
                 int days) {
    json.begin_object().field("status", "success");
    json.field("timestamp", rfc3339(context.services.clock.now()));
    json.field("time_window", fmt::format("last_{}_days", days));
    json.field("agent_id", agent.str()).key("worst_call");
    write_call_object(json, context, tenant, view);
}

Task<http::Response> worst_of_agent(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = AgentId::parse(text);
    if (!id) co_return http::problem(request, agent_not_found(text));
    const auto days = whole_number(request, "days", 7, 1, 90);
    if (!days) co_return http::problem(request, days.error());
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    if (!co_await store::find_agent(*unit, tenant, *id))
        co_return http::problem(request, agent_not_found(text));
    const auto found = co_await find_worst(*unit, tenant, *id, *days);
    if (!found) co_return http::problem(request, found.error());
    JsonWriter json;
    write_worst(json, context, tenant, found->view, *id, *days);
    co_return http::json_response(200, json.end_object().take());
}

/// The analysis studio's worst call: the agent by name, employee id or UUID, and what was said.
Task<http::Response> studied_call(const Context& context, http::Request request) {
    const auto days = whole_number(request, "days", 7, 1, 90);
    if (!days) co_return http::problem(request, days.error());
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto named = request.path_params.at("agent");
    const auto agent = co_await agent_named(*unit, request, named);
    if (!agent) co_return agent.error();
    const auto found = co_await find_worst(*unit, tenant, agent->id, *days);
    if (!found) co_return http::problem(request, found.error());
    const std::vector<CallId> ids{found->worst.id};
    const auto documents = co_await store::judged_words(*unit, tenant, ids);
    const auto document = documents.find(found->worst.id);
    const SpokenCall spoken(document == documents.end() ? std::string() : document->second,
                            found->view.escalated);
    JsonWriter json;
    write_worst(json, context, tenant, found->view, agent->id, *days);
    json.field("agent_name", agent->name).field("call_id", found->worst.id.str());
    json.field("call_date", found->worst.local_date);
    json.field(
        "audio_url",
        context.links.url(tenant, found->worst.id, "playback", context.services.clock.now()));
    json.key("transcript");
    spoken.write_transcript(json);
    json.key("sop_checks");
    spoken.write_sop_checks(json);
    json.key("ai_suggestions");
    spoken.write_ai_suggestions(json);
    co_return http::json_response(200, json.end_object().take());
}

/// "+91******4417": the country's first digits and the last four.
std::optional<std::string> masked_number(const Context& context,
                                         TenantId tenant,
                                         CallId call,
                                         const std::map<CallId, Bytes>& sealed) {
    const auto found = sealed.find(call);
    if (found == sealed.end()) return std::nullopt;
    const auto opened = open_field(context.services.keys.tenant_key(tenant),
                                   "calls.customer_phone:" + call.str(),
                                   found->second);
    constexpr std::size_t shown_first = 3;
    constexpr std::size_t shown_last = 4;
    if (!opened) return std::nullopt;
    const auto& number = *opened;
    if (number.size() <= shown_first + shown_last) return std::string(number.size(), '*');
    return number.substr(0, shown_first) +
           std::string(number.size() - shown_first - shown_last, '*') +
           number.substr(number.size() - shown_last);
}

const char* severity_of(const store::CallView& view) {
    const auto priority = view.priority.value_or(0);
    if (priority >= 7000) return "critical";
    return priority >= 4000 ? "high" : "medium";
}

Task<http::Response> emergency_calls(const Context& context, http::Request request) {
    const auto wanted = window_request(context, request, 1440, 10080, emergency_cap);
    if (!wanted) co_return http::problem(request, wanted.error());
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto found = co_await store::emergencies_in_window(*unit, tenant, wanted->window);
    const auto cursor = cut_page(context, *wanted, found);
    const auto ids = ids_of(found.calls);
    const auto views = co_await store::call_objects(*unit, tenant, ids);
    auto documents = co_await store::judged_words(*unit, tenant, ids);
    const auto numbers = co_await store::sealed_numbers(*unit, tenant, ids);
    JsonWriter json;
    json.begin_object().field("status", "success");
    json.field("timestamp", rfc3339(context.services.clock.now()));
    json.field("count", found.total).key("calls").begin_array();
    for (const auto& view : views) {
        const auto& call = view.call;
        const SpokenCall spoken(documents[call.id], view.escalated);
        json.begin_object();
        write_call_members(json, context, tenant, view);
        json.field("customer_number", masked_number(context, tenant, call.id, numbers));
        json.field("agent_name", call.agent_name.empty() ? "Unknown" : call.agent_name);
        json.field("call_date", rfc3339(call.call_timestamp)).field("severity", severity_of(view));
        json.field("critical_snippet", spoken.critical_snippet()).key("transcript");
        spoken.write_transcript(json);
        json.end_object();
    }
    json.end_array();
    co_return end_list(request, std::move(json), *wanted, cursor);
}

} // namespace

void add_escalation_monitor_routes(http::Router& router, const Context& context) {
    const auto read = [&](std::string pattern, std::vector<std::string> query, auto handler) {
        router.add({.method = http::Method::get,
                    .pattern = std::move(pattern),
                    .permission = "escalations:read",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .query = std::move(query)});
    };
    read("/api/escalations/monitor", {"window_minutes", "limit", "cursor"}, monitor);
    read("/api/escalations/monitor/score",
         {"window_minutes", "min_score", "limit", "cursor"},
         monitor);
    read("/api/emergency-calls", {"window_minutes", "limit", "cursor"}, emergency_calls);
    read("/api/agents/{id}/worst-call", {"days"}, worst_of_agent);
    read("/api/worst-call/{agent}", {"days"}, studied_call);
}

} // namespace hs::api
