#include "api/uploads.hpp"

#include <algorithm>

#include "api/call_form.hpp"
#include "api/ingest_reply.hpp"
#include "api/json_body.hpp"
#include "api/upload_token.hpp"
#include "pipeline/objects.hpp"
#include "store/calls.hpp"
#include "store/recordings.hpp"

namespace hs::api {

namespace {

/// Time to complete an upload after its address has expired: a large one may end late.
constexpr std::chrono::hours completion_time{24};
/// What is staged is removed after two days: both times together are less.
constexpr std::chrono::seconds longest_address = std::chrono::hours(23);

std::chrono::seconds address_lifetime(const Context& context) {
    return std::min(context.link_lifetime, longest_address);
}

Error not_found() {
    return {ErrorKind::not_found, "upload.not_found", "No such upload, or its time is over.", {}};
}

providers::BlobKey staged_key(TenantId tenant, CallId id) {
    return {tenant, id, "upload", "uploads/" + tenant.str() + "/" + id.str()};
}

/// Makes a completion repeatable: the idempotency key of its call.
std::string once_key(CallId upload) {
    return "upload-" + upload.str();
}

struct Wanted {
    providers::ExpectedBlob object;
    DirectUpload upload;
};

std::expected<Wanted, std::vector<http::FieldError>> read_wanted(const Context& context,
                                                                 const http::Request& request) {
    BodyReader body(request.body);
    const auto most = static_cast<double>(context.limits.max_upload_bytes);
    const auto size = body.number("size", 1, most);
    const auto hash = parse_hex(body.required_text("sha256", 64));
    const auto type = body.text("content_type", 100);
    auto faults = body.finish();
    const auto fault = [&](const char* field, const char* code, const char* message) {
        const auto same = [field](const http::FieldError& known) { return known.field == field; };
        if (std::ranges::none_of(faults, same)) faults.push_back({field, code, message});
    };
    if (!size) fault("size", "field.required", "This field is required.");
    if (size && *size != static_cast<double>(static_cast<std::uint64_t>(*size)))
        fault("size", "field.range", "A whole number of bytes.");
    if (!hash || hash->size() != 32)
        fault("sha256", "field.range", "The SHA-256 of the recording, in hexadecimal.");
    if (!faults.empty()) return std::unexpected(std::move(faults));
    Wanted wanted;
    const auto now = context.services.clock.now();
    wanted.upload.id = CallId::make(now);
    wanted.upload.size = static_cast<std::uint64_t>(*size);
    std::ranges::copy(*hash, wanted.upload.sha256.begin());
    wanted.upload.complete_until = now + address_lifetime(context) + completion_time;
    wanted.object = {staged_key(request.principal.tenant, wanted.upload.id),
                     wanted.upload.size,
                     wanted.upload.sha256,
                     type.value_or("application/octet-stream")};
    return wanted;
}

Task<http::Response> open_upload(const Context& context, http::Request request) {
    const auto wanted = read_wanted(context, request);
    if (!wanted) co_return body_problem(request, wanted.error());
    const auto tenant = request.principal.tenant;
    pipeline::Ingest ingest(context.services);
    const auto ready = co_await ingest.ready_for_upload(tenant);
    if (!ready) co_return http::problem(request, ready.error());
    const auto now = context.services.clock.now();
    auto sign = [&context, object = wanted->object] {
        return context.services.blobs.link_to_write(object, address_lifetime(context));
    };
    const auto link = co_await context.services.disk.run(sign);
    if (!link) co_return http::problem(request, link.error());
    if (!*link) {
        Error here{ErrorKind::conflict,
                   "upload.not_direct",
                   "Recordings are kept by this server itself: send them to POST /ingest/call.",
                   {}};
        co_return http::problem(request, here);
    }
    JsonWriter json;
    json.begin_object()
        .field("upload_id", upload_token(context.services.keys.link_key(), tenant, wanted->upload))
        .field("method", (*link)->method)
        .field("url", (*link)->url);
    json.key("headers").begin_object();
    for (const auto& [name, value] : (*link)->headers)
        json.field(name, value);
    json.end_object().field("expires_at", rfc3339(now + address_lifetime(context)));
    auto response = http::json_response(201, json.end_object().take());
    response.headers.emplace_back("Cache-Control", "no-store");
    co_return response;
}

/// The members of a completion as the fields of a form: one set of rules for both.
std::expected<http::Form, std::vector<http::FieldError>> form_of(const http::Request& request) {
    http::Form form;
    const auto document = parse_json(request.body.empty() ? "{}" : request.body);
    const auto* members = document ? document->if_object() : nullptr;
    if (members == nullptr) {
        return std::unexpected(
            std::vector<http::FieldError>{{"body", "json.invalid", "Send one JSON object."}});
    }
    http::UploadedFile file;
    file.field = "file";
    std::vector<http::FieldError> faults;
    for (const auto& [name, value] : *members) {
        if (value.is_null()) continue;
        const bool structured = name == "metadata" && value.is_object();
        if (!structured && !value.is_string() && !value.is_int64()) {
            faults.push_back({std::string(name), "field.type", "Text is expected."});
        } else if (name == "filename" && value.is_string()) {
            file.filename = value.as_string();
        } else {
            form.fields.emplace_back(
                name, value.is_string() ? std::string(value.as_string()) : json::serialize(value));
        }
    }
    if (!faults.empty()) return std::unexpected(std::move(faults));
    form.files.push_back(std::move(file));
    return form;
}

/// A completion that was answered before: its object has gone, its call is there.
Task<std::optional<pipeline::Ingested>>
completed_before(const Context& context, TenantId tenant, CallId upload) {
    const auto unit = context.services.database.unit({.tenant = tenant});
    const std::string scope = "POST /ingest/call";
    const auto key = once_key(upload);
    const auto known = co_await store::call_of_key(*unit, tenant, scope, key);
    if (!known) co_return std::nullopt;
    const auto call = co_await store::find_call(*unit, tenant, *known);
    if (!call) co_return std::nullopt;
    co_return pipeline::Ingested{.call_id = *known,
                                 .filename = call->filename,
                                 .duration_seconds = call->duration_seconds,
                                 .flags = call->flags,
                                 .replayed = true};
}

/// The staged recording, looked at before it is fetched. Errors: conflict "upload.incomplete",
/// "upload.mismatch"; those of the store.
Result<Fd> staged_recording(providers::BlobStore& blobs,
                            const providers::BlobKey& key,
                            const DirectUpload& upload) {
    const auto arrived = blobs.stat(key);
    if (!arrived && arrived.error().code == "storage.not_found")
        return fail(ErrorKind::conflict, "upload.incomplete", "The recording has not arrived yet.");
    if (!arrived) return std::unexpected(arrived.error());
    if (arrived->size != upload.size || arrived->sha256 != upload.sha256) {
        return fail(ErrorKind::conflict,
                    "upload.mismatch",
                    "What arrived is not what was announced; open another upload.");
    }
    return blobs.fetch(key);
}

Task<http::Response> complete_upload(const Context& context, http::Request request) {
    const auto tenant = request.principal.tenant;
    const auto& services = context.services;
    const auto upload =
        read_upload_token(services.keys.link_key(), tenant, request.path_params.at("id"));
    if (!upload || upload->complete_until < services.clock.now())
        co_return http::problem(request, not_found());
    const auto form = form_of(request);
    if (!form) co_return body_problem(request, form.error());
    auto call = read_call_form(*form, services.clock.now(), context.limits.default_region);
    if (!call) co_return body_problem(request, call.error());
    const auto wait = preferred_wait(request, context.default_wait);
    auto before = co_await completed_before(context, tenant, upload->id);
    if (before) {
        auto answered =
            co_await accepted_upload(context, std::move(request), *std::move(before), wait);
        co_return answered;
    }
    const auto key = staged_key(tenant, upload->id);
    auto take = [&services, key, staged = *upload] {
        return staged_recording(services.blobs, key, staged);
    };
    const auto file = co_await services.disk.run(take);
    if (!file) co_return http::problem(request, file.error());
    const pipeline::Recording recording{file->get(), upload->size, upload->sha256};
    pipeline::Ingest ingest(services);
    std::optional<std::string> once = once_key(upload->id);
    auto ingested =
        co_await ingest.run(caller_of(request), *std::move(call), recording, std::move(once));
    if (!ingested) co_return refused_upload(request, ingested.error());
    auto clear = [&services, key] { return services.blobs.remove(key); };
    const auto cleared = co_await services.disk.run(clear);
    // The bucket's own rules remove it later.
    if (!cleared) request.log.warn("upload.not_cleared", {{"code", cleared.error().code}});
    request.log.info("call.ingested",
                     {{"call_id", ingested->call_id.str()},
                      {"bytes", recording.bytes},
                      {"replayed", ingested->replayed}});
    auto reply = co_await accepted_upload(context, std::move(request), *std::move(ingested), wait);
    co_return reply;
}

} // namespace

void add_upload_routes(http::Router& router, const Context& context) {
    using http::Method;
    router.add(
        {.method = Method::post,
         .pattern = "/api/uploads",
         .permission = "calls:ingest",
         .handler = [&context](http::Request r) { return open_upload(context, std::move(r)); },
         .body = http::BodyKind::json,
         .strict_query = true});
    router.add(
        {.method = Method::post,
         .pattern = "/api/uploads/{id}/complete",
         .permission = "calls:ingest",
         .handler = [&context](http::Request r) { return complete_upload(context, std::move(r)); },
         .body = http::BodyKind::json,
         .strict_query = true});
}

} // namespace hs::api
