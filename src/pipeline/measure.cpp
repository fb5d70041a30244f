#include "pipeline/measure.hpp"

#include <algorithm>

#include "domain/audio_facts_json.hpp"
#include "pipeline/evaluate.hpp"
#include "pipeline/objects.hpp"
#include "store/call_changes.hpp"

namespace hs::pipeline {

namespace {

constexpr int max_failures = 8;

store::StoredPeaks stored_peaks(const audio::Peaks& peaks) {
    store::StoredPeaks stored;
    stored.per_second = peaks.per_second;
    stored.channels = static_cast<int>(peaks.channels.size());
    for (const auto& channel : peaks.channels) {
        for (const auto value : channel)
            stored.data.push_back(static_cast<std::uint8_t>(value));
    }
    return stored;
}

struct Playback {
    std::string path;
    Sha256 sha256{};
    std::uint64_t bytes = 0;
};

Result<Playback>
keep_playback(const Services& services, const providers::BlobKey& original, int fd) {
    TRY(const auto spool, open_unnamed(services.settings.spool));
    TRY_VOID(services.decoder.encode_playback(fd, spool.get(), services.settings.decode));
    Playback playback;
    playback.bytes = file_size(spool.get());
    Hasher hasher;
    Bytes chunk;
    for (std::uint64_t at = 0; at < playback.bytes; at += chunk.size()) {
        chunk.resize(std::min<std::uint64_t>(256 * 1024, playback.bytes - at));
        if (!read_exactly(spool.get(), at, chunk)) {
            return fail(ErrorKind::unavailable, "storage.unavailable", "The spool file was cut.");
        }
        hasher.update(chunk);
    }
    playback.sha256 = hasher.finish();
    auto key = original;
    key.variant = "playback";
    key.path = original.path.substr(0, original.path.rfind('/') + 1) + hex(playback.sha256) +
               ".playback.mp3";
    playback.path = key.path;
    TRY_VOID(services.blobs.put({key, spool.get(), playback.bytes, playback.sha256}));
    return playback;
}

/// Takes the copy back when the call is gone: a deletion waits for the call's job, but not for a
/// worker that hung longer than its lease.
Task<Result<Playback>>
playback_of_call(const Services& services, providers::BlobKey original, int fd) {
    const auto tenant = original.tenant;
    const auto id = original.call;
    auto encode = [&services, original, fd] { return keep_playback(services, original, fd); };
    auto playback = co_await services.cpu.run(encode);
    if (!playback) co_return std::unexpected(playback.error());
    const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    const auto call = co_await store::find_call(*unit, tenant, id);
    if (call) co_return *std::move(playback);
    const auto key = stored_key(tenant, id, playback->path, "playback");
    auto remove = [&services, key] { return services.blobs.remove(key); };
    const auto removed = co_await services.disk.run(remove);
    if (!removed) co_return std::unexpected(removed.error());
    co_return fail(ErrorKind::not_found, "call.not_found", "The call was deleted.");
}

Task<queue::Outcome>
commit_measured(const Services& services, queue::JobContext context, store::RenditionUpdate found) {
    const auto tenant = context.job.tenant;
    const auto id = found.call_id;
    auto transaction =
        co_await services.database.begin({.tenant = tenant, .role = pg::DbRole::worker});
    if (!co_await queue::finish(*transaction, context.job)) {
        co_await transaction->rollback();
        co_return queue::Outcome::fenced();
    }
    (void)co_await store::lock_call(*transaction, tenant, id);
    co_await store::update_renditions(*transaction, tenant, std::move(found));
    const auto call = co_await store::find_call(*transaction, tenant, id);
    if (call && call->current_transcript_id) {
        const auto next = evaluate_job(id, *call->current_transcript_id, "given");
        co_await queue::enqueue(*transaction, tenant, next);
    }
    co_await transaction->commit();
    services.watch.changed(id);
    services.wake(judge_queue, tenant);
    co_return queue::Outcome::done();
}

Task<queue::Outcome> measure(const Services& services, queue::JobContext context) {
    const auto tenant = context.job.tenant;
    const auto id = CallId::parse(context.job.subject);
    if (!id) {
        co_return queue::Outcome::from(
            {ErrorKind::internal, "job.invalid", "The job names no call.", std::nullopt});
    }
    const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    const auto media = co_await store::find_media(*unit, tenant, *id);
    if (!media) {
        co_return queue::Outcome::from(
            {ErrorKind::not_found, "call.not_found", "The call was deleted.", std::nullopt});
    }
    auto opened = co_await open_recording(services, tenant, *id, *media);
    if (!opened) co_return queue::Outcome::from(opened.error());
    const int fd = opened->recording.get();
    auto decode = [&services, fd] { return services.decoder.decode(fd, services.settings.decode); };
    const auto decoding = co_await services.cpu.run(decode);
    if (!decoding) co_return queue::Outcome::from(decoding.error());
    auto renditions = std::move(opened->renditions);
    note_measured(renditions, decoding->facts, decoding->peaks);
    co_return co_await commit_measured(services, std::move(context), std::move(renditions));
}

} // namespace

Task<Result<OpenRecording>>
open_recording(const Services& services, TenantId tenant, CallId id, store::Media media) {
    const auto key = stored_key(tenant, id, media.object_path, "original");
    auto fetch = [&services, key] { return services.blobs.fetch(key); };
    auto fetched = co_await services.disk.run(fetch);
    if (!fetched) co_return std::unexpected(fetched.error());
    OpenRecording opened;
    opened.recording = *std::move(fetched);
    auto playback = co_await playback_of_call(services, key, opened.recording.get());
    if (!playback) co_return std::unexpected(playback.error());
    opened.renditions.call_id = id;
    opened.renditions.playback_path = playback->path;
    opened.renditions.playback_sha256 = playback->sha256;
    opened.renditions.playback_bytes = playback->bytes;
    co_return opened;
}

void note_measured(store::RenditionUpdate& renditions,
                   const AudioFacts& facts,
                   const audio::Peaks& peaks) {
    renditions.peaks = stored_peaks(peaks);
    renditions.layout = to_string(facts.layout);
    renditions.speech_ms = facts.speech_ms;
    renditions.facts_json = json::serialize(audio_facts_json(facts));
}

queue::NewJob measure_job(CallId call) {
    queue::NewJob job;
    job.queue = measure_queue;
    job.kind = measure_kind;
    job.subject = call.str();
    job.args = {{"call_id", call.str()}};
    job.unique_key = "measure:" + call.str();
    return job;
}

queue::Handler measure_handler(Services services) {
    const auto shared = std::make_shared<const Services>(std::move(services));
    queue::Handler handler;
    handler.kind = measure_kind;
    handler.queue = measure_queue;
    handler.max_failures = max_failures;
    handler.hard_limit = std::chrono::minutes(30);
    handler.run = [shared](queue::JobContext context) {
        return measure(*shared, std::move(context));
    };
    handler.on_dead = fail_call(shared);
    return handler;
}

} // namespace hs::pipeline
