#include "pipeline/transcribe.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "domain/audio_facts_json.hpp"
#include "domain/transcript_json.hpp"
#include "pipeline/customer.hpp"
#include "pipeline/evaluate.hpp"
#include "pipeline/given_transcript.hpp"
#include "pipeline/join_speech.hpp"
#include "pipeline/objects.hpp"
#include "store/call_changes.hpp"
#include "store/calls.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

namespace {

constexpr int max_failures = 8;

/// The stages of one run share these; a plain struct, so that each step reads as a function.
struct Run {
    const Services& services;
    const queue::JobContext& context;
    TenantId tenant;
    CallId call_id;
};

std::uint64_t low_bits(const Sha256& hash) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, hash.data() + hash.size() - sizeof bits, sizeof bits);
    return bits;
}

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
Task<Result<Playback>> playback_of_call(Run run, providers::BlobKey original, int fd) {
    const auto& services = run.services;
    auto encode = [&services, original, fd] { return keep_playback(services, original, fd); };
    auto playback = co_await services.cpu.run(encode);
    if (!playback) co_return std::unexpected(playback.error());
    const auto unit = services.database.unit({.tenant = run.tenant, .role = pg::DbRole::worker});
    const auto call = co_await store::find_call(*unit, run.tenant, run.call_id);
    if (call) co_return *std::move(playback);
    const auto key = stored_key(run.tenant, run.call_id, playback->path, "playback");
    auto remove = [&services, key] { return services.blobs.remove(key); };
    const auto removed = co_await services.disk.run(remove);
    if (!removed) co_return std::unexpected(removed.error());
    co_return fail(ErrorKind::not_found, "call.not_found", "The call was deleted.");
}

/// An engine that hears nothing where there is speech has failed, whatever it says.
bool holds_words(const Transcript& transcript) {
    return std::ranges::any_of(transcript.turns, [](const Turn& turn) {
        return !turn.words.empty() || !trim(turn.text).empty();
    });
}

bool forced(const queue::Job& job) {
    const auto* value = job.args.if_contains("forced");
    return value != nullptr && value->is_bool() && value->get_bool();
}

/// Whether somebody has given a transcript since the job was asked for: that one stays. A job that
/// was asked for by name replaces the transcript that was there then, and no later one.
bool given_meanwhile(const Run& run, const std::optional<Call>& call) {
    if (!call || !call->current_transcript_id) return false;
    const auto* replaced = run.context.job.args.if_contains("instead_of");
    return replaced == nullptr || !replaced->is_string() ||
           replaced->as_string() != call->current_transcript_id->str();
}

/// Ends the job with what was heard; `heard` is empty when that was nothing.
Task<queue::Outcome> commit_transcript(Run run,
                                       std::optional<store::TranscriptInsert> heard,
                                       store::RenditionUpdate renditions) {
    auto transaction =
        co_await run.services.database.begin({.tenant = run.tenant, .role = pg::DbRole::worker});
    if (!co_await queue::finish(*transaction, run.context.job)) {
        co_await transaction->rollback();
        co_return queue::Outcome::fenced();
    }
    (void)co_await store::lock_call(*transaction, run.tenant, run.call_id);
    const auto call = co_await store::find_call(*transaction, run.tenant, run.call_id);
    const bool keeps_given = given_meanwhile(run, call);
    if (!keeps_given && !heard) {
        co_await store::update_renditions(*transaction, run.tenant, std::move(renditions));
        co_await store::mark_failed(*transaction, run.tenant, run.call_id, "no_speech");
        co_await transaction->commit();
        run.services.watch.changed(run.call_id);
        run.context.log.info("call.without_speech");
        co_return queue::Outcome::done();
    }
    const auto id = keeps_given ? *call->current_transcript_id : heard->id;
    // The call's row before what refers to it, as in the evaluation: no lock is raised later.
    co_await store::mark_transcribed(*transaction, run.tenant, run.call_id, id);
    if (!keeps_given)
        co_await store::insert_transcript(*transaction, run.tenant, *std::move(heard));
    co_await store::update_renditions(*transaction, run.tenant, std::move(renditions));
    const auto next =
        evaluate_job(run.call_id, id, forced(run.context.job) ? "reprocess" : "first");
    co_await queue::enqueue(*transaction, run.tenant, next);
    co_await transaction->commit();
    run.services.watch.changed(run.call_id);
    run.services.wake(judge_queue, run.tenant);
    co_return queue::Outcome::done();
}

/// What there is to know of the recording beside its words. Errors: those of audio::Decoder.
Task<Result<void>> measure(Run run, int fd, store::RenditionUpdate& renditions) {
    const auto& services = run.services;
    auto decode = [&services, fd] { return services.decoder.decode(fd, services.settings.decode); };
    auto decoding = co_await services.cpu.run(decode);
    if (!decoding) co_return std::unexpected(decoding.error());
    renditions.peaks = stored_peaks(decoding->peaks);
    renditions.layout = to_string(decoding->facts.layout);
    renditions.speech_ms = decoding->facts.speech_ms;
    renditions.facts_json = json::serialize(audio_facts_json(decoding->facts));
    co_return Result<void>{};
}

Task<queue::Outcome> transcribe(const Services& services, queue::JobContext context) {
    Run run{services, context, context.job.tenant, {}};
    const auto id = CallId::parse(context.job.subject);
    if (!id) {
        co_return queue::Outcome::from(
            {ErrorKind::internal, "job.invalid", "The job names no call.", std::nullopt});
    }
    run.call_id = *id;
    const auto unit = services.database.unit({.tenant = run.tenant, .role = pg::DbRole::worker});
    const auto call = co_await store::find_call(*unit, run.tenant, run.call_id);
    const auto media = co_await store::find_media(*unit, run.tenant, run.call_id);
    if (!call || !media) {
        co_return queue::Outcome::from(
            {ErrorKind::not_found, "call.not_found", "The call was deleted.", std::nullopt});
    }
    const auto names = co_await known_names(*unit, services.keys, run.tenant, *call);
    const auto key = stored_key(run.tenant, run.call_id, media->object_path, "original");
    auto fetch = [&services, key] { return services.blobs.fetch(key); };
    auto fetched = co_await services.disk.run(fetch);
    if (!fetched) co_return queue::Outcome::from(fetched.error());
    const Fd recording = *std::move(fetched);

    store::RenditionUpdate renditions;
    renditions.call_id = run.call_id;
    auto playback = co_await playback_of_call(run, key, recording.get());
    if (!playback) co_return queue::Outcome::from(playback.error());
    renditions.playback_path = playback->path;
    renditions.playback_sha256 = playback->sha256;
    renditions.playback_bytes = playback->bytes;

    const auto now = co_await store::find_call(*unit, run.tenant, run.call_id);
    if (given_meanwhile(run, now)) {
        const auto measured = co_await measure(run, recording.get(), renditions);
        if (!measured) co_return queue::Outcome::from(measured.error());
        std::optional<store::TranscriptInsert> none;
        co_return co_await commit_transcript(run, std::move(none), std::move(renditions));
    }
    HearOptions options{.language = call->language,
                        .preferred_language = call->customer_preferred_language.value_or(""),
                        .channel_map = call->channel_map,
                        .seed = low_bits(media->sha256),
                        .stop = context.stop,
                        .exchange = services.gate.exchange(run.tenant, run.call_id.str())};
    const auto started = std::chrono::steady_clock::now();
    auto heard = co_await hear_call(services.cpu,
                                    services.decoder,
                                    services.settings.decode,
                                    services.speech,
                                    services.judge.vocabulary_phrases(),
                                    recording.get(),
                                    std::move(options));
    std::optional<store::TranscriptInsert> insert;
    if (!heard && heard.error().code == "no_speech") {
        co_return co_await commit_transcript(run, std::move(insert), std::move(renditions));
    }
    if (!heard) co_return queue::Outcome::from(heard.error());
    renditions.peaks = stored_peaks(heard->peaks);
    renditions.layout = to_string(heard->facts.layout);
    renditions.speech_ms = heard->facts.speech_ms;
    renditions.facts_json = json::serialize(audio_facts_json(heard->facts));
    if (!holds_words(heard->transcript)) {
        co_return co_await commit_transcript(run, std::move(insert), std::move(renditions));
    }
    insert = transcript_insert(
        services, run.tenant, run.call_id, heard->transcript, heard->spotted, names);
    const auto took = std::chrono::steady_clock::now() - started;
    context.log.info(
        "call.transcribed",
        {{"audio_seconds", heard->facts.duration_ms / 1000},
         {"took_ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()},
         {"engine", insert->engine},
         {"turns", heard->transcript.turns.size()}});
    co_return co_await commit_transcript(run, std::move(insert), std::move(renditions));
}

} // namespace

Task<Result<HeardCall>> hear_call(CpuPool& cpu,
                                  const audio::Decoder& decoder,
                                  audio::DecodeLimits limits,
                                  providers::SpeechToText& speech,
                                  std::vector<std::string> phrases,
                                  int fd,
                                  HearOptions options) {
    auto decoding = co_await cpu.run([&decoder, limits, fd] { return decoder.decode(fd, limits); });
    CO_TRY(auto decoded, std::move(decoding));
    HeardCall heard;
    heard.facts = decoded.facts;
    heard.peaks = std::move(decoded.peaks);
    if (no_speech(heard.facts)) {
        co_return fail(ErrorKind::invalid, "no_speech", "Less than a second of speech was found.");
    }
    std::optional<audio::Diarisation> diarisation;
    if (decoded.tracks.size() == 1) {
        diarisation = co_await cpu.run([&decoded, seed = options.seed] {
            return audio::separate_speakers(
                decoded.tracks.front(), decoded.facts.channel_facts.front().speech, seed);
        });
    }
    providers::SpeechRequest request;
    request.tracks = speech_tracks(std::move(decoded), diarisation);
    request.language = options.language == "auto" ? "" : options.language;
    request.phrases = std::move(phrases);
    request.stop = options.stop;
    request.exchange = std::move(options.exchange);
    CO_TRY(auto spoken, co_await speech.transcribe(std::move(request)));
    JoinHints hints{options.language, options.preferred_language, options.channel_map};
    heard.transcript = join_speech(spoken, heard.facts, diarisation, hints);
    heard.spotted = std::move(spoken.spotted);
    assign_spotted(heard.spotted, heard.transcript);
    co_return heard;
}

queue::Handler transcribe_handler(Services services) {
    const auto shared = std::make_shared<const Services>(std::move(services));
    queue::Handler handler;
    handler.kind = transcribe_kind;
    handler.queue = speech_queue;
    handler.max_failures = max_failures;
    handler.hard_limit = std::chrono::minutes(30);
    handler.run = [shared](queue::JobContext context) {
        return transcribe(*shared, std::move(context));
    };
    handler.on_dead = fail_call(shared);
    return handler;
}

} // namespace hs::pipeline
