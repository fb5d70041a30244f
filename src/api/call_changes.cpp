// Correcting and deleting a call.
#include "store/call_changes.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/agent_lookup.hpp"
#include "api/json_body.hpp"
#include "api/refusal.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"
#include "http/conditional.hpp"
#include "pipeline/erase.hpp"
#include "pipeline/evaluate.hpp"
#include "pipeline/reprocess.hpp"
#include "pipeline/upload_steps.hpp"
#include "store/calls.hpp"
#include "store/idempotency.hpp"

namespace hs::api {

namespace {

constexpr std::size_t note_limit = 8192;

http::Response changed_meanwhile(const http::Request& request) {
    const Error changed{ErrorKind::conflict,
                        "precondition.failed",
                        "The call has changed since it was read.",
                        std::nullopt};
    return http::problem(request, changed);
}

Task<http::Response> erase_call(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    // Named first: no conversion inside the co_await.
    pipeline::StillWanted wanted = [&request](Time updated_at) {
        return http::if_match(request, call_tag(updated_at));
    };
    const auto state =
        co_await pipeline::erase_call(context.services, caller_of(request), *id, std::move(wanted));
    if (state == pipeline::EraseState::unknown_call)
        co_return http::problem(request, call_not_found(text));
    if (state == pipeline::EraseState::held) {
        const Error held{ErrorKind::conflict,
                         "call.legal_hold",
                         "This call is under a legal hold and cannot be deleted.",
                         std::nullopt};
        co_return http::problem(request, held);
    }
    if (state == pipeline::EraseState::changed) co_return changed_meanwhile(request);
    http::Response response;
    response.status = 204;
    co_return response;
}

/// A patch as it was sent: identifiers not yet looked up.
struct SentPatch {
    std::optional<std::string> agent;
    std::optional<std::string> city;
    store::CallPatch patch;
    std::vector<http::FieldError> faults;
    std::string about_faults; // members for the refusal: names like an unknown category
};

/// RFC 7396: a member that is null goes away; only the note may.
SentPatch read_patch(const std::string& text) {
    BodyReader body(text);
    SentPatch sent;
    sent.agent = body.text("agent_identifier", 150);
    sent.city = body.text("city_identifier", 100);
    sent.patch.issue_category = body.text("issue_category", 50);
    sent.patch.note = body.text("agent_manual_note", note_limit, BodyReader::Lines::many);
    if (auto context = body.text("call_context", 50)) {
        std::ranges::transform(*context, context->begin(), [](char c) {
            return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        });
        sent.patch.call_context = std::move(context);
    }
    sent.faults = body.finish();
    const auto document = parse_json(text);
    if (document && document->is_object()) {
        for (const auto& member : document->as_object()) {
            const bool emptied = member.value().is_null() ||
                                 (member.value().is_string() &&
                                  trim(std::string_view(member.value().as_string())).empty());
            if (!emptied) continue;
            if (member.key() == "agent_manual_note")
                sent.patch.clear_note = true;
            else if (sent.faults.empty())
                sent.faults.push_back(
                    {std::string(member.key()), "field.required", "This field cannot be emptied."});
        }
    }
    const auto& chosen = sent.patch.call_context;
    if (chosen && std::ranges::find(call_contexts, *chosen) == call_contexts.end())
        sent.faults.push_back({"call_context",
                               "field.choice",
                               fmt::format("Use one of {}.", fmt::join(call_contexts, ", "))});
    return sent;
}

/// Looks up who and where; a fault names the field.
Task<void> look_up(pg::Session& session, TenantId tenant, bool strict, SentPatch& sent) {
    if (sent.agent) {
        const auto matches = co_await store::agents_named(session, tenant, *sent.agent);
        const auto agent = pipeline::choose_agent(matches);
        if (agent) {
            sent.patch.agent_id = agent->id;
        } else {
            sent.faults.push_back(
                {"agent_identifier", agent.error().error.code, agent.error().error.message});
        }
    }
    if (sent.city) {
        const auto matches = co_await store::cities_named(session, tenant, *sent.city);
        const auto city = pipeline::choose_city(matches);
        if (city) {
            sent.patch.city_id = city->id;
        } else {
            sent.faults.push_back(
                {"city_identifier", city.error().error.code, city.error().error.message});
        }
    }
    if (sent.patch.issue_category) {
        auto category =
            co_await pipeline::choose_category(session, tenant, *sent.patch.issue_category, strict);
        if (category) {
            sent.patch.issue_category = *std::move(category);
        } else {
            const auto& refusal = category.error();
            sent.faults.push_back({refusal.field, refusal.error.code, refusal.error.message});
            if (sent.faults.size() == 1) sent.about_faults = refusal_members(refusal);
        }
    }
}

Task<http::Response> patch_call(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    auto sent = read_patch(request.body);
    if (!sent.faults.empty()) co_return body_problem(request, sent.faults);
    const auto tenant = request.principal.tenant;
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    const auto call = co_await store::lock_call(*transaction, tenant, *id);
    if (!call) co_return http::problem(request, call_not_found(text));
    if (!http::if_match(request, call_tag(call->updated_at))) co_return changed_meanwhile(request);
    const bool strict = context.services.settings.strict_categories;
    co_await look_up(*transaction, tenant, strict, sent);
    if (!sent.faults.empty()) co_return body_problem(request, sent.faults, sent.about_faults);
    const auto before = co_await store::find_call(*transaction, tenant, *id);
    auto told = pipeline::told_of(before.value());
    co_await store::update_call(*transaction, tenant, *id, sent.patch);
    const bool judged_anew =
        co_await pipeline::judge_corrected(*transaction, tenant, *id, std::move(told));
    auto entry = audit_entry(request, "call.update", "call:" + id->str());
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    const auto changed = co_await store::lock_call(*transaction, tenant, *id);
    co_await transaction->commit();
    if (judged_anew) context.services.wake(pipeline::judge_queue, tenant);
    http::Response response;
    response.status = 204;
    response.headers.emplace_back("ETag", call_tag(changed->updated_at));
    co_return response;
}

} // namespace

void add_call_change_routes(http::Router& router, const Context& context) {
    router.add(
        {.method = http::Method::del,
         .pattern = "/api/calls/{id}",
         .permission = "calls:delete",
         .handler = [&context](http::Request r) { return erase_call(context, std::move(r)); },
         .strict_query = true});
    router.add(
        {.method = http::Method::patch,
         .pattern = "/api/calls/{id}",
         .permission = "calls:edit",
         .handler = [&context](http::Request r) { return patch_call(context, std::move(r)); },
         .body = http::BodyKind::json,
         .strict_query = true});
}

} // namespace hs::api
