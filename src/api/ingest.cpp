#include <algorithm>

#include "api/call_form.hpp"
#include "api/ingest_reply.hpp"
#include "api/json_body.hpp"
#include "api/refusal.hpp"
#include "api/routes.hpp"
#include "pipeline/given_transcript.hpp"

namespace hs::api {

namespace {

/// The part `transcript`: the call is judged by it and not heard. Blocks and computes.
Result<std::optional<pipeline::GivenTranscript>> given_transcript(const http::Form& form) {
    const auto file = std::ranges::find(form.files, "transcript", &http::UploadedFile::field);
    if (file == form.files.end()) return std::optional<pipeline::GivenTranscript>();
    if (std::ranges::count(form.files, "transcript", &http::UploadedFile::field) > 1)
        return fail(ErrorKind::invalid, "field.repeated", "Send one transcript.");
    TRY(auto transcript, pipeline::read_given_file(file->fd.get(), file->size));
    return std::optional(pipeline::GivenTranscript{std::move(transcript), file->sha256});
}

Task<http::Response> ingest_call(const Context& context, http::Request request) {
    const auto key = idempotency_key(request);
    if (!key) co_return http::problem(request, key.error());
    auto call =
        read_call_form(request.form, context.services.clock.now(), context.limits.default_region);
    if (!call) co_return body_problem(request, call.error());
    const auto file = std::ranges::find(request.form.files, "file", &http::UploadedFile::field);
    auto read = [&request] { return given_transcript(request.form); };
    const auto given = co_await context.services.cpu.run(read);
    if (!given) {
        const std::vector<http::FieldError> faults{
            {"transcript", given.error().code, given.error().message}};
        co_return http::problem(request, given.error(), faults);
    }
    const pipeline::Recording recording{
        file->fd.get(), file->size, file->sha256, *given ? &**given : nullptr};
    pipeline::Ingest ingest(context.services);
    auto ingested = co_await ingest.run(caller_of(request), *std::move(call), recording, *key);
    if (!ingested) {
        context.services.metrics
            .counter("hacksmart_ingest_rejected_total",
                     "Uploads that were refused",
                     {{"reason", ingested.error().error.code}})
            .add();
        co_return refused_upload(request, ingested.error());
    }
    request.log.info("call.ingested",
                     {{"call_id", ingested->call_id.str()},
                      {"bytes", recording.bytes},
                      {"replayed", ingested->replayed}});
    const auto wait = preferred_wait(request, context.default_wait);
    co_return co_await accepted_upload(context, std::move(request), *std::move(ingested), wait);
}

Task<std::optional<http::Response>> before_upload(const Context& context,
                                                  const http::Request& request) {
    pipeline::Ingest ingest(context.services);
    const auto ready = co_await ingest.ready_for_upload(request.principal.tenant);
    if (ready) co_return std::nullopt;
    co_return http::problem(request, ready.error());
}

} // namespace

void add_ingest_routes(http::Router& router, const Context& context) {
    http::Route route;
    route.method = http::Method::post;
    route.pattern = "/ingest/call";
    route.permission = "calls:ingest";
    route.body = http::BodyKind::multipart;
    route.file_fields = {"file", "transcript"};
    route.before_body = [&context](const http::Request& request) {
        return before_upload(context, request);
    };
    route.handler = [&context](http::Request request) {
        return ingest_call(context, std::move(request));
    };
    router.add(std::move(route));
}

} // namespace hs::api
