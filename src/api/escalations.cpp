// Escalations and their handling: who has taken what up, until when, with what result.
#include "store/escalations.hpp"

#include <array>

#include "api/json_body.hpp"
#include "api/list_page.hpp"
#include "api/once.hpp"
#include "api/routes.hpp"

namespace hs::api {

namespace {

constexpr std::array<std::string_view, 5> states{
    "open", "acknowledged", "assigned", "snoozed", "resolved"};
constexpr std::array<std::string_view, 3> orders{"created_at", "updated_at", "score"};
constexpr int page_cap = 50;
constexpr std::size_t note_limit = 2000;
constexpr double longest_snooze_minutes = 7 * 24 * 60;

Error escalation_not_found() {
    return {ErrorKind::not_found, "escalation.not_found", "No such escalation.", std::nullopt};
}

void write_escalation(JsonWriter& json, const store::Escalation& escalation) {
    json.begin_object().field("id", escalation.id.str()).field("state", escalation.state);
    json.field("call_id", escalation.call_id.str());
    json.field("evaluation_id", escalation.evaluation_id.str());
    json.field("reason", escalation.reason).key("score");
    json.number(static_cast<double>(escalation.score) / 10000.0, 4);
    json.field("call_timestamp", rfc3339(escalation.call_timestamp));
    json.key("agent").begin_object();
    json.field("agent_id",
               escalation.agent_id ? std::optional(escalation.agent_id->str()) : std::nullopt);
    json.field("name", escalation.agent_name.empty() ? "Unknown" : escalation.agent_name);
    json.end_object().key("city").begin_object().key("city_id");
    if (escalation.city_id) {
        json.integer(*escalation.city_id);
    } else {
        json.null();
    }
    json.field("name", escalation.city_name.empty() ? "Unknown" : escalation.city_name);
    json.end_object().field("assigned_to", escalation.assigned_to);
    json.field("snoozed_until",
               escalation.snoozed_until ? std::optional(rfc3339(*escalation.snoozed_until))
                                        : std::nullopt);
    json.field("note", escalation.note).field("changed_by", escalation.changed_by);
    json.field("created_at", rfc3339(escalation.created_at));
    json.field("updated_at", rfc3339(escalation.updated_at)).end_object();
}

Result<store::EscalationList> list_request(const http::Request& request) {
    store::EscalationList list;
    if (const auto status = request.query_value("status")) {
        if (std::ranges::find(states, *status) == states.end())
            return fail(ErrorKind::invalid,
                        "query.choice",
                        "status: open, acknowledged, assigned, snoozed or resolved.");
        list.state = std::string(*status);
    }
    if (const auto agent = request.query_value("agent_id")) {
        list.agent_id = AgentId::parse(*agent);
        if (!list.agent_id) return fail(ErrorKind::invalid, "query.invalid", "agent_id: a UUID.");
    }
    if (request.query_value("city_id")) {
        TRY(list.city_id, whole_number(request, "city_id", 0, 1, 2147483647));
    }
    TRY(list.order, asked_order(request, orders, "-created_at"));
    return list;
}

Task<http::Response> list_escalations(const Context& context, http::Request request) {
    auto list = list_request(request);
    if (!list) co_return http::problem(request, list.error());
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 2, page_cap);
    if (!page) co_return http::problem(request, page.error());
    if (page->after) {
        list->after_place = page->after->at(0);
        list->after_id = Uuid::parse(page->after->at(1));
    }
    list->limit = page->limit + 1;
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto escalations = co_await store::list_escalations(*unit, tenant, *list);
    std::optional<std::string> cursor;
    if (escalations.size() > static_cast<std::size_t>(page->limit)) {
        escalations.pop_back();
        const auto& last = escalations.back();
        cursor = next_cursor(context, scope, {last.place, last.escalation.id.str()});
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& listed : escalations)
        write_escalation(json, listed.escalation);
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, *page, *cursor);
    co_return response;
}

/// What an action does, read from its name and body.
struct Asked {
    store::EscalationAction action;
    std::vector<http::FieldError> faults;
};

Asked read_action(const http::Request& request, Uuid id, Time now) {
    BodyReader body(request.body.empty() ? std::string_view("{}") : std::string_view(request.body));
    Asked asked;
    auto& action = asked.action;
    action.id = id;
    action.action = request.pattern.substr(request.pattern.rfind('/') + 1);
    action.who = request.principal.name;
    action.note = body.text("note", note_limit, BodyReader::Lines::many);
    action.from = {"open", "acknowledged", "assigned", "snoozed"};
    if (action.action == "acknowledge") {
        action.state = "acknowledged";
        action.from = {"open", "snoozed"};
        action.event = "escalation.acknowledged";
    } else if (action.action == "assign") {
        action.state = "assigned";
        action.assigned_to = body.required_text("assigned_to", 150);
        action.event = "escalation.assigned";
    } else if (action.action == "snooze") {
        action.state = "snoozed";
        action.from = {"open", "acknowledged", "assigned"};
        const auto minutes = body.number("minutes", 1, longest_snooze_minutes).value_or(60);
        action.snoozed_until = now + std::chrono::seconds(static_cast<int>(minutes * 60));
        action.event = "escalation.snoozed";
    } else {
        action.state = "resolved";
        action.event = "escalation.resolved";
    }
    asked.faults = body.finish();
    return asked;
}

Task<http::Response> act(const Context& context, http::Request request, Once& once) {
    const auto id = Uuid::parse(request.path_params.at("id"));
    if (!id) co_return http::problem(request, escalation_not_found());
    const auto asked = read_action(request, *id, context.services.clock.now());
    if (!asked.faults.empty()) co_return body_problem(request, asked.faults);
    const auto tenant = request.principal.tenant;
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    const bool done = co_await store::handle_escalation(*transaction, tenant, asked.action);
    const auto escalation = co_await store::find_escalation(*transaction, tenant, *id);
    if (!escalation) co_return http::problem(request, escalation_not_found());
    if (!done) {
        const Error conflict{ErrorKind::conflict,
                             "escalation.state",
                             "This escalation is " + escalation->state + "; that cannot be done.",
                             std::nullopt};
        co_return http::problem(request, conflict);
    }
    auto entry = audit_entry(request, "escalation.change", "escalation:" + id->str());
    entry.result = asked.action.action;
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    JsonWriter json;
    write_escalation(json, *escalation);
    auto response = http::json_response(200, json.take());
    once.about(escalation->call_id);
    auto answered = co_await once.commit(*transaction, request, std::move(response));
    co_return answered;
}

} // namespace

void add_escalation_routes(http::Router& router, const Context& context) {
    router.add(
        {.method = http::Method::get,
         .pattern = "/api/escalations",
         .permission = "escalations:read",
         .handler = [&context](http::Request r) { return list_escalations(context, std::move(r)); },
         .strict_query = true,
         .query = {"status", "agent_id", "city_id", "sort", "limit", "cursor"}});
    const auto action = [&](std::string pattern) {
        router.add({.method = http::Method::post,
                    .pattern = std::move(pattern),
                    .permission = "coaching:write",
                    .handler = once(context, act),
                    .body = http::BodyKind::json,
                    .strict_query = true});
    };
    action("/api/escalations/{id}/acknowledge");
    action("/api/escalations/{id}/assign");
    action("/api/escalations/{id}/snooze");
    action("/api/escalations/{id}/resolve");
}

} // namespace hs::api
