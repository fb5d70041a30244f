// A person's score in place of the computed one.
#include <algorithm>
#include <array>

#include "api/json_body.hpp"
#include "api/once.hpp"
#include "api/routes.hpp"
#include "store/call_changes.hpp"
#include "store/calls.hpp"
#include "store/escalations.hpp"

namespace hs::api {

namespace {

constexpr std::array<std::string_view, 7> fields{"sop_compliance",
                                                 "communication",
                                                 "sentiment_stabilization",
                                                 "resolution_validity",
                                                 "overall_quality",
                                                 "coaching_priority",
                                                 "escalation_risk"};
constexpr std::size_t reason_limit = 2000;

/// Some figures know a few values only, as they are stored.
bool possible(std::string_view field, double value) {
    if (field == "escalation_risk") return value == 0 || value == 1;
    if (field == "sentiment_stabilization") return value == 0 || value == 0.5 || value == 1;
    if (field == "resolution_validity") return value == 0 || value == 0.75 || value == 1;
    return true;
}

/// The escalation follows the effective flag.
Task<void> keep_escalation(pg::Session& session,
                           TenantId tenant,
                           Time now,
                           const Call& call,
                           std::string reason,
                           std::string who) {
    const bool flagged = co_await store::effectively_flagged(session, tenant, call.id);
    if (!flagged) {
        co_await store::clear_escalation(session, tenant, call.id, reason, who);
        co_return;
    }
    store::EscalationRaise raise;
    raise.id = Uuid::v7(now);
    raise.call_id = call.id;
    raise.evaluation_id = *call.current_evaluation_id;
    raise.reason = std::move(reason);
    raise.score = 10000;
    raise.who = std::move(who);
    co_await store::raise_escalation(session, tenant, std::move(raise));
}

void write_override(JsonWriter& json, const store::Override& made, Time created_at) {
    json.begin_object().field("id", made.id.str()).field("call_id", made.call_id.str());
    json.field("field", made.field).key("value").number(made.value, 4);
    json.field("reason", made.reason).field("principal", made.principal);
    json.field("created_at", rfc3339(created_at)).end_object();
}

Task<http::Response> add_override(const Context& context, http::Request request, Once& once) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    BodyReader body(request.body);
    store::Override made;
    made.field = body.required_text("field", 64);
    const auto value = body.number("value", 0, 1);
    made.reason = body.required_text("reason", reason_limit, BodyReader::Lines::many);
    auto faults = body.finish();
    if (!made.field.empty() && std::ranges::find(fields, made.field) == fields.end())
        faults.push_back({"field", "field.choice", "Use one of the seven scores."});
    if (!value && faults.empty())
        faults.push_back({"value", "field.required", "This field is required."});
    if (faults.empty() && !possible(made.field, *value))
        faults.push_back({"value", "field.choice", "This figure knows a few values only."});
    if (!faults.empty()) co_return body_problem(request, faults);
    const auto tenant = request.principal.tenant;
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    const auto locked = co_await store::lock_call(*transaction, tenant, *id);
    if (!locked) co_return http::problem(request, call_not_found(text));
    const auto call = co_await store::find_call(*transaction, tenant, *id);
    if (!call->current_evaluation_id) {
        const Error early{ErrorKind::conflict,
                          "call.not_analyzed",
                          "There is no evaluation yet that could be overridden.",
                          std::nullopt};
        co_return http::problem(request, early);
    }
    made.id = Uuid::v7(context.services.clock.now());
    made.call_id = *id;
    made.value = round_half_away(*value, 4);
    made.principal = request.principal.name;
    const auto created_at = co_await store::insert_override(*transaction, tenant, made);
    if (made.field == "escalation_risk")
        co_await keep_escalation(
            *transaction, tenant, context.services.clock.now(), *call, made.reason, made.principal);
    auto entry = audit_entry(request, "override.create", "call:" + id->str());
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    JsonWriter json;
    write_override(json, made, created_at);
    auto response = http::json_response(201, json.take());
    response.headers.emplace_back("Location",
                                  "/api/calls/" + id->str() + "/overrides/" + made.id.str());
    once.about(*id);
    auto answered = co_await once.commit(*transaction, request, std::move(response));
    co_return answered;
}

Task<http::Response> withdraw(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    const auto which = Uuid::parse(request.path_params.at("oid"));
    const auto tenant = request.principal.tenant;
    const auto who = request.principal.name;
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    const auto locked = co_await store::lock_call(*transaction, tenant, *id);
    if (!locked) co_return http::problem(request, call_not_found(text));
    std::optional<std::string> field;
    if (which) field = co_await store::withdraw_override(*transaction, tenant, *id, *which, who);
    if (!field) {
        const Error unknown{ErrorKind::not_found,
                            "override.not_found",
                            "This call has no such override, or it was withdrawn.",
                            std::nullopt};
        co_return http::problem(request, unknown);
    }
    const auto call = co_await store::find_call(*transaction, tenant, *id);
    if (*field == "escalation_risk" && call->current_evaluation_id) {
        const std::string reason = "A person's override was withdrawn.";
        co_await keep_escalation(
            *transaction, tenant, context.services.clock.now(), *call, reason, who);
    }
    auto entry = audit_entry(request, "override.withdraw", "call:" + id->str());
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    http::Response response;
    response.status = 204;
    co_return response;
}

} // namespace

void add_override_routes(http::Router& router, const Context& context) {
    router.add({.method = http::Method::post,
                .pattern = "/api/calls/{id}/overrides",
                .permission = "reviews:write",
                .handler = once(context, add_override),
                .body = http::BodyKind::json,
                .strict_query = true});
    router.add({.method = http::Method::del,
                .pattern = "/api/calls/{id}/overrides/{oid}",
                .permission = "reviews:write",
                .handler = [&context](http::Request r) { return withdraw(context, std::move(r)); },
                .strict_query = true});
}

} // namespace hs::api
