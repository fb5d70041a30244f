#include "api/ingest_reply.hpp"

#include <algorithm>

#include "api/call_json.hpp"
#include "api/refusal.hpp"
#include "pipeline/reprocess.hpp"
#include "store/calls.hpp"
#include "store/judgements.hpp"

namespace hs::api {

http::Response refused_upload(const http::Request& request, const pipeline::Refusal& refusal) {
    std::vector<http::FieldError> fields;
    if (refusal.error.kind == ErrorKind::invalid && !refusal.field.empty()) {
        fields.push_back({refusal.field, refusal.error.code, refusal.error.message});
    }
    return http::problem(request, refusal.error, fields, refusal_members(refusal));
}

Result<std::optional<std::string>> idempotency_key(const http::Request& request) {
    const auto header = request.header("idempotency-key");
    if (!header) return std::optional<std::string>();
    const auto visible = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
    if (header->empty() || header->size() > 255 || !std::ranges::all_of(*header, visible)) {
        return fail(ErrorKind::invalid,
                    "idempotency.key_invalid",
                    "Idempotency-Key takes 1 to 255 visible ASCII characters.");
    }
    return std::optional(std::string(*header));
}

Task<http::Response> accepted_upload(const Context& context,
                                     http::Request request,
                                     pipeline::Ingested ingested,
                                     Wait wait) {
    const auto tenant = request.principal.tenant;
    if (wait.limit.count() > 0) {
        co_await pipeline::wait_until_settled(
            context.services, tenant, ingested.call_id, wait.limit);
    }
    std::string status = "pending"; // what was recorded a moment ago
    const auto unit = context.services.database.unit({.tenant = tenant});
    if (wait.limit.count() > 0 || ingested.replayed) {
        const auto call = co_await store::find_call(*unit, tenant, ingested.call_id);
        if (call) status = call->processing_status;
    }
    std::optional<store::StoredEvaluation> evaluation;
    if (status == "analyzed") {
        evaluation = co_await store::current_evaluation(*unit, tenant, ingested.call_id);
    }
    auto response = http::json_response(201, ingest_reply(ingested, status, evaluation));
    response.headers.emplace_back("Location", "/api/calls/" + ingested.call_id.str());
    if (ingested.replayed) response.headers.emplace_back("Idempotency-Replayed", "true");
    if (wait.applied) {
        response.headers.emplace_back("Preference-Applied",
                                      "wait=" + std::to_string(wait.limit.count()));
    }
    co_return response;
}

} // namespace hs::api
