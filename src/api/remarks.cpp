// What supervisors say about a call; the web client's feedback is one such remark.
#include "api/agent_lookup.hpp"
#include "api/json_body.hpp"
#include "api/list_page.hpp"
#include "api/once.hpp"
#include "api/routes.hpp"
#include "store/call_changes.hpp"
#include "store/calls.hpp"

namespace hs::api {

namespace {

constexpr int page_cap = 50;
constexpr std::size_t remark_limit = 4000;

void write_remark(JsonWriter& json, const store::Remark& remark) {
    json.begin_object().field("id", remark.id.str()).field("text", remark.text);
    json.field("principal", remark.principal);
    json.field("created_at", rfc3339(remark.created_at)).end_object();
}

Task<http::Response> list_remarks(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 2, page_cap);
    if (!page) co_return http::problem(request, page.error());
    const auto after = history_place(*page);
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto call = co_await store::find_call(*unit, tenant, *id);
    if (!call) co_return http::problem(request, call_not_found(text));
    auto remarks = co_await store::list_remarks(*unit, tenant, *id, after, page->limit + 1);
    std::optional<std::string> cursor;
    if (remarks.size() > static_cast<std::size_t>(page->limit)) {
        remarks.pop_back();
        const std::vector<std::string> last{exact_time(remarks.back().created_at),
                                            remarks.back().id.str()};
        cursor = next_cursor(context, scope, last);
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& remark : remarks)
        write_remark(json, remark);
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, *page, *cursor);
    co_return response;
}

/// In the caller's transaction, with its audit entry.
Task<store::Remark> record(pg::Session& session,
                           const Context& context,
                           const http::Request& request,
                           CallId call,
                           std::string text) {
    const auto tenant = request.principal.tenant;
    store::Remark remark;
    remark.id = Uuid::v7(context.services.clock.now());
    remark.text = std::move(text);
    remark.principal = request.principal.name;
    remark.created_at = co_await store::insert_remark(session, tenant, call, remark);
    auto entry = audit_entry(request, "call.remark", "call:" + call.str());
    co_await store::insert_audit(session, tenant, std::move(entry));
    co_return remark;
}

Task<http::Response> add_remark(const Context& context, http::Request request, Once& once) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    BodyReader body(request.body);
    const auto said = body.required_text("text", remark_limit, BodyReader::Lines::many);
    const auto faults = body.finish();
    if (!faults.empty()) co_return body_problem(request, faults);
    auto transaction =
        co_await context.services.database.begin({.tenant = request.principal.tenant});
    const auto call = co_await store::lock_call(*transaction, request.principal.tenant, *id);
    if (!call) co_return http::problem(request, call_not_found(text));
    const auto remark = co_await record(*transaction, context, request, *id, said);
    JsonWriter json;
    write_remark(json, remark);
    auto response = http::json_response(201, json.take());
    response.headers.emplace_back("Location", "/api/calls/" + id->str() + "/remarks");
    once.about(*id);
    auto answered = co_await once.commit(*transaction, request, std::move(response));
    co_return answered;
}

/// The web client's form: the agent is sent along and has to be the call's.
Task<http::Response> submit_feedback(const Context& context, http::Request request, Once& once) {
    BodyReader body(request.body, BodyReader::Unknown::ignored);
    const auto agent_name = body.required_text("agent_name", 150);
    const auto call_id = body.required_text("call_id", 64);
    const auto feedback = body.required_text("feedback", remark_limit, BodyReader::Lines::many);
    auto faults = body.finish();
    const auto id = CallId::parse(call_id);
    if (!id && !call_id.empty()) faults.push_back({"call_id", "field.type", "A UUID."});
    if (!faults.empty()) co_return body_problem(request, faults);
    const auto tenant = request.principal.tenant;
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    const auto call = co_await store::lock_call(*transaction, tenant, *id);
    if (!call) co_return http::problem(request, call_not_found(call_id));
    const auto agent = co_await agent_named(*transaction, request, agent_name);
    if (!agent) co_return agent.error();
    if (call->agent_id != agent->id) {
        const Error mismatch{ErrorKind::invalid,
                             "feedback.agent_mismatch",
                             "This call was not taken by this agent.",
                             std::nullopt};
        co_return http::problem(request, mismatch);
    }
    const auto remark = co_await record(*transaction, context, request, *id, feedback);
    JsonWriter json;
    json.begin_object().field("status", "success").field("message", "Feedback recorded");
    json.field("feedback_id", remark.id.str());
    auto response = http::json_response(201, json.end_object().take());
    once.about(*id);
    auto answered = co_await once.commit(*transaction, request, std::move(response));
    co_return answered;
}

} // namespace

void add_remark_routes(http::Router& router, const Context& context) {
    using http::BodyKind;
    using http::Method;
    router.add(
        {.method = Method::get,
         .pattern = "/api/calls/{id}/remarks",
         .permission = "calls:read",
         .handler = [&context](http::Request r) { return list_remarks(context, std::move(r)); },
         .strict_query = true,
         .query = {"limit", "cursor"}});
    router.add({.method = Method::post,
                .pattern = "/api/calls/{id}/remarks",
                .permission = "coaching:write",
                .handler = once(context, add_remark),
                .body = BodyKind::json,
                .strict_query = true});
    router.add({.method = Method::post,
                .pattern = "/api/submit-feedback",
                .permission = "coaching:write",
                .handler = once(context, submit_feedback),
                .body = BodyKind::json});
}

} // namespace hs::api
