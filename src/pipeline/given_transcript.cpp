#include "pipeline/given_transcript.hpp"

#include <algorithm>
#include <utility>

#include "analysis/transcript_json.hpp"
#include "domain/transcript_json.hpp"
#include "pipeline/customer.hpp"
#include "pipeline/evaluate.hpp"
#include "pipeline/measure.hpp"
#include "store/call_changes.hpp"
#include "store/calls.hpp"
#include "store/idempotency.hpp"

namespace hs::pipeline {

namespace {

// A day of talk. Whoever redacts it has a core to itself for seconds.
constexpr std::uint64_t largest = 8u << 20;

bool holds_nul(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}

/// Escaped ones come out of the reading: no text of the database holds that character.
bool holds_nul(const Transcript& transcript) {
    return holds_nul(transcript.language) ||
           std::ranges::any_of(transcript.turns, [](const Turn& turn) {
               return holds_nul(turn.text) || holds_nul(turn.speaker) || holds_nul(turn.language);
           });
}

/// Judged at once; with the recording still to be measured, by the job that measures it.
Task<std::string> enqueue_next(pg::Session& session, TenantId tenant, CallId id, TranscriptId own) {
    const auto media = co_await store::find_media(session, tenant, id);
    const bool measured = !media || media->playback_path;
    if (!measured) {
        // Looked for, not left to the unique key: a measuring that ends waits for the call's lock,
        // which is ours, and an insert would wait for it. It judges by what is current then.
        const std::string kind = measure_kind;
        const bool coming = co_await store::has_live_job_of(session, tenant, id, kind);
        const auto job = measure_job(id);
        if (!coming) co_await queue::enqueue(session, tenant, job);
        co_return job.queue;
    }
    const std::string reason = "given";
    const auto job = evaluate_job(id, own, reason);
    co_await queue::enqueue(session, tenant, job);
    co_return std::string(judge_queue);
}

} // namespace

store::TranscriptInsert transcript_insert(const Services& services,
                                          TenantId tenant,
                                          CallId call_id,
                                          const Transcript& transcript,
                                          const std::vector<SpottedPhrase>& spotted,
                                          const analysis::KnownNames& names) {
    const auto spans = analysis::find_personal_data(transcript, names);
    const auto readable = analysis::redacted(transcript, spans);
    store::TranscriptInsert insert;
    insert.id = TranscriptId::make(services.clock.now());
    insert.call_id = call_id;
    insert.engine = transcript.engine;
    insert.model = transcript.model;
    insert.engine_version = transcript.engine_version;
    insert.language = transcript.language;
    insert.low_confidence = transcript.low_confidence;
    insert.turns_sealed = seal_transcript(services.keys, tenant, insert.id, transcript);
    insert.spotted_json = json::serialize(spotted_json(spotted));
    insert.redacted_json = json::serialize(transcript_json(readable));
    insert.redacted_text = plain_text(readable);
    insert.redaction_version = std::string(analysis::redaction_version);
    insert.sha256 = transcript_hash(transcript);
    return insert;
}

Result<Transcript> read_given_file(int fd, std::uint64_t size) {
    if (size > largest)
        return fail(
            ErrorKind::too_large, "transcript.too_large", "A transcript has at most 8 MiB.");
    std::string text(size, '\0');
    const std::span bytes(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
    if (!read_exactly(fd, 0, bytes))
        return fail(ErrorKind::unavailable, "storage.unavailable", "The spool file was cut.");
    TRY(auto call, analysis::read_given_text(text));
    if (holds_nul(text) || holds_nul(call.transcript))
        return fail(ErrorKind::invalid, "transcript.invalid", "A text holds a NUL character.");
    const bool spoken = std::ranges::any_of(call.transcript.turns,
                                            [](const Turn& turn) { return !turn.words.empty(); });
    if (!spoken)
        return fail(ErrorKind::invalid, "transcript.empty", "The transcript holds no words.");
    return std::move(call.transcript);
}

Task<Result<TranscriptId>>
give_transcript(const Services& services, Caller caller, CallId id, Transcript transcript) {
    const auto tenant = caller.tenant;
    const auto unit = services.database.unit({.tenant = tenant});
    const auto known = co_await store::find_call(*unit, tenant, id);
    if (!known) co_return fail(ErrorKind::not_found, "call.not_found", "There is no such call.");
    const auto names = co_await known_names(*unit, services.keys, tenant, *known);
    // A long one takes seconds: nobody's request and no lock waits for it.
    auto write_down = [&services, tenant, id, &transcript, &names] {
        return transcript_insert(services, tenant, id, transcript, {}, names);
    };
    auto insert = co_await services.cpu.run(write_down);
    auto transaction = co_await services.database.begin({.tenant = tenant});
    const auto locked = co_await store::lock_call(*transaction, tenant, id);
    if (!locked) co_return fail(ErrorKind::not_found, "call.not_found", "There is no such call.");
    const auto own = insert.id;
    store::AuditEntry entry;
    entry.principal = caller.name;
    entry.address = caller.address;
    entry.action = "transcript.give";
    entry.object = "call:" + id.str();
    entry.after_hash = insert.sha256;
    entry.request_id = caller.request_id;
    co_await store::mark_transcribed(*transaction, tenant, id, own);
    co_await store::insert_transcript(*transaction, tenant, std::move(insert));
    const auto queue = co_await enqueue_next(*transaction, tenant, id, own);
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    services.wake(queue, tenant);
    services.watch.changed(id);
    co_return own;
}

} // namespace hs::pipeline
