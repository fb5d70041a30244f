#include <algorithm>
#include <charconv>

#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "api/transcript_text.hpp"
#include "base/text.hpp"
#include "domain/transcript_json.hpp"
#include "http/conditional.hpp"
#include "pipeline/customer.hpp"
#include "pipeline/given_transcript.hpp"
#include "pipeline/objects.hpp"
#include "pipeline/redacted_audio.hpp"
#include "store/calls.hpp"
#include "store/idempotency.hpp"
#include "store/judgements.hpp"

namespace hs::api {

namespace {

Error invalid_choice(const char* code, const char* message) {
    return {ErrorKind::invalid, code, message, std::nullopt};
}

/// The words as heard: asked for by name, written to the audit log.
Task<Result<Transcript>>
original_words(const Context& context, const http::Request& request, CallId id) {
    const auto tenant = request.principal.tenant;
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    const auto stored = co_await store::current_transcript(*transaction, tenant, id);
    if (!stored)
        co_return fail(ErrorKind::not_found, "transcript.not_found", "Not transcribed yet.");
    store::AuditEntry entry;
    entry.principal = request.principal.name;
    entry.address = request.remote_address;
    entry.action = "transcript.original";
    entry.object = "call:" + id.str();
    entry.request_id = request.request_id;
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    co_return pipeline::open_transcript(
        context.services.keys, tenant, stored->id, stored->turns_sealed);
}

Task<Result<Transcript>>
redacted_words(const Context& context, const http::Request& request, CallId id) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto stored = co_await store::current_transcript(*unit, tenant, id);
    if (!stored)
        co_return fail(ErrorKind::not_found, "transcript.not_found", "Not transcribed yet.");
    CO_TRY(const auto document, parse_json(stored->redacted_json));
    co_return read_transcript(document);
}

Task<http::Response> show_transcript(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    const auto format = request.query_value("format").value_or("json");
    const auto view = request.query_value("view").value_or("redacted");
    if (view != "redacted" && view != "original") {
        co_return http::problem(request,
                                invalid_choice("query.choice", "view: redacted or original."));
    }
    if (format != "json" && format != "txt" && format != "vtt" && format != "srt") {
        co_return http::problem(request,
                                invalid_choice("query.choice", "format: json, txt, vtt or srt."));
    }
    const auto words = switched_on(request, "words");
    if (!words) co_return http::problem(request, words.error());
    const auto unit = context.services.database.unit({.tenant = request.principal.tenant});
    if (!co_await store::find_call(*unit, request.principal.tenant, *id)) {
        co_return http::problem(request, call_not_found(id->str()));
    }
    const bool original = view == "original";
    if (original && !request.principal.may_read_customer_fields) {
        co_return http::problem(request,
                                {ErrorKind::forbidden,
                                 "auth.forbidden",
                                 "The original words need the permission pii:read.",
                                 std::nullopt});
    }
    // Two statements: g++ 12 destroys the result of a co_await inside ?: twice.
    Result<Transcript> transcript = Transcript{};
    if (original) {
        transcript = co_await original_words(context, request, *id);
    } else {
        transcript = co_await redacted_words(context, request, *id);
    }
    if (!transcript) co_return http::problem(request, transcript.error());
    co_return transcript_response(*transcript, *id, format, view, *words);
}

Task<http::Response> put_transcript(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    const auto& files = request.form.files;
    const auto parts = std::ranges::count(files, "transcript", &http::UploadedFile::field);
    if (parts != 1) {
        const bool none = parts == 0;
        const std::vector<http::FieldError> faults{
            {"transcript",
             none ? "field.required" : "field.repeated",
             none ? "Send the transcript under this name." : "Send one transcript."}};
        const Error error{
            ErrorKind::invalid, "request.invalid", "1 field needs attention.", std::nullopt};
        co_return http::problem(request, error, faults);
    }
    auto read = [&files] {
        const auto file = std::ranges::find(files, "transcript", &http::UploadedFile::field);
        return pipeline::read_given_file(file->fd.get(), file->size);
    };
    auto transcript = co_await context.services.cpu.run(read);
    if (!transcript) co_return http::problem(request, transcript.error());
    auto caller = caller_of(request);
    const auto given = co_await pipeline::give_transcript(
        context.services, std::move(caller), *id, *std::move(transcript));
    if (!given) co_return http::problem(request, call_not_found(id->str()));
    JsonWriter json;
    json.begin_object().field("status", "success");
    json.field("message", "Transcript stored; the call is judged by it");
    json.field("call_id", id->str()).field("transcript_id", given->str());
    co_return http::json_response(202, json.end_object().take());
}

/// 404 of a call whose recording is elsewhere (imported), or of no call.
Task<http::Response> no_recording(const Context& context, http::Request request, CallId id) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto call = co_await store::find_call(*unit, tenant, id);
    if (!call) co_return http::problem(request, call_not_found(id.str()));
    co_return http::problem(request,
                            {ErrorKind::not_found,
                             "audio.unavailable",
                             "The recording of this imported call was not copied.",
                             std::nullopt});
}

/// What to play: the constant-bit-rate copy, or the recording as it was sent.
struct Rendition {
    providers::BlobKey key;
    std::uint64_t bytes = 0;
    std::string content_type;
    std::string etag;
};

std::string_view content_type_of(std::string_view format) {
    if (format == "wav") return "audio/wav";
    if (format == "ogg" || format == "opus") return "audio/ogg";
    if (format == "flac") return "audio/flac";
    if (format == "m4a") return "audio/mp4";
    if (format == "webm") return "audio/webm";
    return "audio/mpeg";
}

Result<Rendition>
rendition_of(TenantId tenant, CallId id, const store::Media& media, std::string_view variant) {
    if (variant == "original") {
        return Rendition{pipeline::stored_key(tenant, id, media.object_path, "original"),
                         media.bytes,
                         std::string(content_type_of(media.format)),
                         "\"" + hex(media.sha256) + "\""};
    }
    if (variant != "playback") {
        return fail(ErrorKind::invalid, "query.choice", "variant: playback, original or redacted.");
    }
    if (!media.playback_path) {
        return fail(ErrorKind::not_found,
                    "audio.not_ready",
                    "The playback copy is made with the transcript; try again soon.");
    }
    return Rendition{pipeline::stored_key(tenant, id, *media.playback_path, "playback"),
                     media.playback_bytes,
                     "audio/mpeg",
                     "\"" + hex(media.playback_sha256.value_or(Sha256{})) + "\""};
}

Task<Result<Rendition>> redacted_rendition(const Context& context, TenantId tenant, CallId id) {
    CO_TRY(const auto copy, co_await pipeline::redacted_audio(context.services, tenant, id));
    const auto tag = "\"" + hex(copy.sha256) + "\"";
    co_return Rendition{copy.key, copy.bytes, "audio/mpeg", tag};
}

Result<void> check_link(const Context& context,
                        const http::Request& request,
                        CallId id,
                        std::string_view variant) {
    const auto signature = request.query_value("sig");
    const auto expires = request.query_value("expires");
    if (!signature && !expires) return {};
    const bool valid = context.links.valid(request.principal.tenant,
                                           id,
                                           variant,
                                           expires.value_or(""),
                                           signature.value_or(""),
                                           context.services.clock.now());
    if (valid) return {};
    return fail(ErrorKind::forbidden, "link.invalid", "This link is not valid, or has expired.");
}

/// To the object store itself, when it can be read there for a while.
Task<Result<std::optional<http::Response>>>
lead_on(const Context& context, providers::BlobKey key, std::string content_type) {
    if (!context.audio_from_store) co_return std::nullopt;
    auto sign = [&context, key, content_type] {
        return context.services.blobs.link_to_read(key, context.link_lifetime, content_type);
    };
    auto link = co_await context.services.disk.run(sign);
    if (!link) co_return std::unexpected(link.error());
    if (!*link) co_return std::nullopt;
    http::Response response;
    response.status = 302;
    response.headers.emplace_back("Location", **link);
    response.headers.emplace_back("Cache-Control", "no-store");
    co_return response;
}

Task<http::Response> play_audio(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    const bool may_hear_all =
        request.principal.may_read_customer_fields || request.query_value("sig").has_value();
    const std::string variant(
        request.query_value("variant").value_or(may_hear_all ? "playback" : "redacted"));
    if (const auto link = check_link(context, request, *id, variant); !link) {
        co_return http::problem(request, link.error());
    }
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto media = co_await store::find_media(*unit, tenant, *id);
    if (!media) co_return co_await no_recording(context, std::move(request), *id);
    if (variant != "redacted" && !may_hear_all) {
        co_return http::problem(request,
                                {ErrorKind::forbidden,
                                 "auth.forbidden",
                                 "The unredacted recording needs the permission pii:read.",
                                 std::nullopt});
    }
    // Two statements: g++ 12 destroys the result of a co_await inside ?: twice.
    Result<Rendition> rendition = Rendition{};
    if (variant == "redacted") {
        rendition = co_await redacted_rendition(context, tenant, *id);
    } else {
        rendition = rendition_of(tenant, *id, *media, variant);
    }
    if (!rendition) co_return http::problem(request, rendition.error());
    auto elsewhere = co_await lead_on(context, rendition->key, rendition->content_type);
    if (!elsewhere) co_return http::problem(request, elsewhere.error());
    if (*elsewhere) {
        // The page that plays it may be of another origin, as with what we play ourselves.
        (*elsewhere)->headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
        co_return std::move(**elsewhere);
    }
    http::StreamBody stream;
    stream.length = rendition->bytes;
    stream.read = [&blobs = context.services.blobs, key = rendition->key](std::uint64_t offset,
                                                                          std::uint64_t length) {
        return blobs.read(key, offset, length);
    };
    auto response =
        http::ranged(request, std::move(stream), rendition->content_type, rendition->etag);
    response.headers.emplace_back("Cache-Control", "private, no-cache");
    response.headers.emplace_back("Content-Disposition", "attachment");
    // A signed link may be played by a page of another origin.
    if (request.query_value("sig")) {
        response.headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
    }
    co_return response;
}

/// Merges stored (min, max) pairs into `points` of them for one channel.
void write_peaks(JsonWriter& json, const store::StoredPeaks& peaks, int channel, int points) {
    const auto pairs =
        peaks.data.size() / 2 / static_cast<std::size_t>(std::max(1, peaks.channels));
    const auto first = static_cast<std::size_t>(channel) * pairs;
    json.begin_array();
    const auto count = std::min<std::size_t>(static_cast<std::size_t>(points), pairs);
    for (std::size_t point = 0; point < count; ++point) {
        int low = 127;
        int high = -128;
        for (auto i = point * pairs / count; i < (point + 1) * pairs / count; ++i) {
            low = std::min<int>(low, static_cast<std::int8_t>(peaks.data[(first + i) * 2]));
            high = std::max<int>(high, static_cast<std::int8_t>(peaks.data[(first + i) * 2 + 1]));
        }
        json.integer(low).integer(high);
    }
    json.end_array();
}

Task<http::Response> show_peaks(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    int points = 1000;
    if (const auto wanted = request.query_value("points")) {
        const auto [end, error] =
            std::from_chars(wanted->data(), wanted->data() + wanted->size(), points);
        const bool whole = error == std::errc{} && end == wanted->data() + wanted->size();
        if (!whole || points < 100 || points > 8000) {
            co_return http::problem(request, invalid_choice("query.range", "points: 100 to 8000."));
        }
    }
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto media = co_await store::find_media(*unit, tenant, *id);
    if (!media) co_return co_await no_recording(context, std::move(request), *id);
    const auto peaks = co_await store::find_peaks(*unit, tenant, *id);
    if (!peaks) {
        co_return http::problem(request,
                                {ErrorKind::not_found,
                                 "audio.not_ready",
                                 "The waveform is made with the transcript; try again soon.",
                                 std::nullopt});
    }
    JsonWriter json;
    json.begin_object().field("call_id", id->str()).field("duration_ms", media->duration_ms);
    json.key("channels").begin_array();
    for (int channel = 0; channel < peaks->channels; ++channel) {
        write_peaks(json, *peaks, channel, points);
    }
    co_return http::json_response(200, json.end_array().end_object().take());
}

} // namespace

void add_recording_routes(http::Router& router, const Context& context) {
    using http::Method;
    router.add(
        {.method = Method::get,
         .pattern = "/api/calls/{id}/transcript",
         .permission = "calls:listen",
         .handler = [&context](http::Request r) { return show_transcript(context, std::move(r)); },
         .strict_query = true,
         .query = {"format", "view", "words"}});
    router.add(
        {.method = Method::put,
         .pattern = "/api/calls/{id}/transcript",
         .permission = "calls:edit",
         .handler = [&context](http::Request r) { return put_transcript(context, std::move(r)); },
         .body = http::BodyKind::multipart,
         .strict_query = true,
         .file_fields = {"transcript"}});
    router.add(
        {.method = Method::get,
         .pattern = "/api/calls/{id}/audio",
         .permission = "calls:listen",
         .handler = [&context](http::Request r) { return play_audio(context, std::move(r)); },
         .strict_query = true,
         .query = {"variant", "expires", "sig"}});
    router.add(
        {.method = Method::get,
         .pattern = "/api/calls/{id}/peaks",
         .permission = "calls:listen",
         .handler = [&context](http::Request r) { return show_peaks(context, std::move(r)); },
         .strict_query = true,
         .query = {"points"}});
}

} // namespace hs::api
