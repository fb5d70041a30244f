#include "pipeline/transcribe.hpp"

#include <algorithm>
#include <cstring>

#include "base/text.hpp"
#include "pipeline/customer.hpp"
#include "pipeline/evaluate.hpp"
#include "pipeline/given_transcript.hpp"
#include "pipeline/join_speech.hpp"
#include "pipeline/measure.hpp"
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

/// Ends the job before it has done anything: its work is not wanted any more.
Task<queue::Outcome> end_unneeded(Run run) {
    auto transaction =
        co_await run.services.database.begin({.tenant = run.tenant, .role = pg::DbRole::worker});
    if (!co_await queue::finish(*transaction, run.context.job)) {
        co_await transaction->rollback();
        co_return queue::Outcome::fenced();
    }
    co_await transaction->commit();
    run.services.watch.changed(run.call_id);
    run.context.log.info("call.words_given");
    co_return queue::Outcome::done();
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
    // The call's row before what refers to it, as in the evaluation: no lock is raised later.
    if (!keeps_given && heard) {
        const auto id = heard->id;
        co_await store::mark_transcribed(*transaction, run.tenant, run.call_id, id);
        co_await store::insert_transcript(*transaction, run.tenant, *std::move(heard));
        const auto next =
            evaluate_job(run.call_id, id, forced(run.context.job) ? "reprocess" : "first");
        co_await queue::enqueue(*transaction, run.tenant, next);
    } else if (!keeps_given) {
        co_await store::mark_failed(*transaction, run.tenant, run.call_id, "no_speech");
        run.context.log.info("call.without_speech");
    }
    co_await store::update_renditions(*transaction, run.tenant, std::move(renditions));
    co_await transaction->commit();
    run.services.watch.changed(run.call_id);
    run.services.wake(judge_queue, run.tenant);
    co_return queue::Outcome::done();
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
    // Who gave the words has queued what is still to be done.
    if (given_meanwhile(run, call)) co_return co_await end_unneeded(run);
    const auto names = co_await known_names(*unit, services.keys, run.tenant, *call);
    auto opened = co_await open_recording(services, run.tenant, run.call_id, *media);
    if (!opened) co_return queue::Outcome::from(opened.error());
    const Fd recording = std::move(opened->recording);
    auto renditions = std::move(opened->renditions);
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
    note_measured(renditions, heard->facts, heard->peaks);
    if (!holds_words(heard->transcript)) {
        co_return co_await commit_transcript(run, std::move(insert), std::move(renditions));
    }
    auto write_down = [&services, &run, &heard, &names] {
        return transcript_insert(
            services, run.tenant, run.call_id, heard->transcript, heard->spotted, names);
    };
    insert = co_await services.cpu.run(write_down);
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
