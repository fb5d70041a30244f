#include "api/call_json.hpp"
#include "api/list_page.hpp"
#include "api/once.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "pipeline/reprocess.hpp"
#include "pipeline/request_keys.hpp"

namespace hs::api {

namespace {

Result<CallId> call_id_of(const http::Request& request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) return std::unexpected(call_not_found(text));
    return *id;
}

Task<http::Response> call_status(const Context& context, http::Request request) {
    const auto id = call_id_of(request);
    if (!id) co_return http::problem(request, id.error());
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto call = co_await store::find_call(*unit, tenant, *id);
    if (!call) co_return http::problem(request, call_not_found(id->str()));
    JsonWriter json;
    json.begin_object().field("status", "success").field("call_id", id->str());
    json.field("processing_status", call->processing_status);
    json.field("audio_url",
               context.links.url(tenant, *id, "playback", context.services.clock.now()));
    if (call->failure_code) json.field("failure_code", call->failure_code);
    json.field("updated_at", rfc3339(call->updated_at));
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> show_call(const Context& context, http::Request request) {
    const auto id = call_id_of(request);
    if (!id) co_return http::problem(request, id.error());
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto call = co_await store::find_call(*unit, tenant, *id);
    if (!call) co_return http::problem(request, call_not_found(id->str()));
    const auto media = co_await store::find_media(*unit, tenant, *id);
    const auto evaluation = co_await store::current_evaluation(*unit, tenant, *id);
    const std::vector<CallId> ids{*id};
    const auto views = co_await store::call_objects(*unit, tenant, ids);
    const auto* effective = views.empty() ? nullptr : &views.front();
    auto response =
        http::json_response(200, call_detail(context, tenant, *call, media, evaluation, effective));
    response.headers.emplace_back("ETag", call_tag(call->updated_at));
    response.headers.emplace_back("Cache-Control", "no-store");
    co_return response;
}

http::Response queued_reply(CallId id, std::string_view status, Wait wait) {
    JsonWriter json;
    json.begin_object().field("status", "success").field("message", "Call queued for processing");
    json.field("call_id", id.str()).key("processing").begin_object().field("status", status);
    auto response = http::json_response(202, json.end_object().end_object().take());
    if (wait.applied) {
        response.headers.emplace_back("Preference-Applied",
                                      "wait=" + std::to_string(wait.limit.count()));
    }
    return response;
}

Task<http::Response>
settled_reply(const Context& context, http::Request request, CallId id, Wait wait) {
    const auto tenant = request.principal.tenant;
    if (wait.limit.count() > 0)
        co_await pipeline::wait_until_settled(context.services, tenant, id, wait.limit);
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto call = co_await store::find_call(*unit, tenant, id);
    if (!call) co_return http::problem(request, call_not_found(id.str()));
    const bool running = co_await store::has_live_job(*unit, tenant, id);
    if (running) {
        // The state of the run, not of the call, which may show an earlier result.
        const bool heard = call->current_transcript_id.has_value();
        co_return queued_reply(id, heard ? "transcribed" : "pending", wait);
    }
    if (call->processing_status == "failed") {
        co_return http::problem(request,
                                {ErrorKind::upstream,
                                 "analysis.failed",
                                 "The analysis of this call failed for good.",
                                 std::nullopt});
    }
    const auto evaluation = co_await store::current_evaluation(*unit, tenant, id);
    if (!evaluation) co_return queued_reply(id, call->processing_status, wait);
    auto response = http::json_response(
        200, process_reply(id, "AI processing completed and saved to DB.", *evaluation));
    if (wait.applied) {
        response.headers.emplace_back("Preference-Applied",
                                      "wait=" + std::to_string(wait.limit.count()));
    }
    co_return response;
}

Result<pipeline::ProcessRequest> process_request_of(const http::Request& request) {
    pipeline::ProcessRequest wanted;
    TRY(wanted.force, switched_on(request, "force"));
    TRY(wanted.retranscribe, switched_on(request, "retranscribe"));
    return wanted;
}

Task<http::Response> process_call(const Context& context, http::Request request, Once& once) {
    const auto id = call_id_of(request);
    if (!id) co_return http::problem(request, id.error());
    const auto wanted = process_request_of(request);
    if (!wanted) co_return http::problem(request, wanted.error());
    const auto wait = preferred_wait(request, context.default_wait);
    if (once.replayed()) {
        auto settled = co_await settled_reply(context, std::move(request), *id, wait);
        co_return settled;
    }
    pipeline::AlsoWritten keep = [&once](pg::Session& session) {
        return once.keep(session, http::Response());
    };
    const auto state = co_await pipeline::reprocess(
        context.services, caller_of(request), *id, *wanted, std::move(keep));
    if (state == pipeline::ProcessState::overtaken)
        co_return http::problem(request, pipeline::overtaken());
    if (state == pipeline::ProcessState::unknown_call) {
        co_return http::problem(request, call_not_found(id->str()));
    }
    const auto tenant = request.principal.tenant;
    if (state == pipeline::ProcessState::already_current) {
        const auto unit = context.services.database.unit({.tenant = tenant});
        const auto evaluation = co_await store::current_evaluation(*unit, tenant, *id);
        co_return http::json_response(
            200,
            process_reply(
                *id, "Call already analyzed. Returning the current evaluation.", *evaluation));
    }
    if (wait.limit.count() == 0) {
        co_return queued_reply(*id, "pending", wait);
    }
    co_return co_await settled_reply(context, std::move(request), *id, wait);
}

} // namespace

void add_call_routes(http::Router& router, const Context& context) {
    using http::Method;
    router.add(
        {.method = Method::get,
         .pattern = "/api/calls/{id}/status",
         .permission = "calls:status",
         .handler = [&context](http::Request r) { return call_status(context, std::move(r)); }});
    router.add({.method = Method::get,
                .pattern = "/api/calls/{id}",
                .permission = "calls:read",
                .handler = [&context](http::Request r) { return show_call(context, std::move(r)); },
                .strict_query = true});
    router.add({.method = Method::post,
                .pattern = "/api/calls/{id}/process",
                .permission = "calls:process",
                .handler = once(context, process_call, Repeated::as_it_is),
                .query = {"force", "retranscribe"}});
}

} // namespace hs::api
