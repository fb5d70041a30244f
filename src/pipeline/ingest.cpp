#include "pipeline/ingest.hpp"

#include <algorithm>
#include <exception>

#include <fmt/format.h>
#include <sys/statvfs.h>

#include "base/text.hpp"
#include "pipeline/given_transcript.hpp"
#include "pipeline/measure.hpp"
#include "pipeline/objects.hpp"
#include "pipeline/request_keys.hpp"
#include "pipeline/upload_steps.hpp"
#include "store/calls.hpp"
#include "store/system.hpp"

namespace hs::pipeline {

namespace {

/// DEDUPE=reuse: how long the same audio of the same agent is the same call.
constexpr std::chrono::hours reuse_age{24};

std::unexpected<Refusal> refuse(Error error, std::string field = {}) {
    return std::unexpected(Refusal{std::move(error), std::move(field), {}, {}, std::nullopt});
}

std::unexpected<Refusal>
refuse(ErrorKind kind, std::string code, std::string message, std::string field = {}) {
    return refuse(Error{kind, std::move(code), std::move(message), std::nullopt}, std::move(field));
}

/// What makes two uploads the same request: their normalised fields and the bytes of their files.
/// Not the file's name, which clients choose anew.
Sha256 fingerprint_of(const NewCall& call, const Recording& recording) {
    auto fields = form_json(call);
    fields.erase("filename");
    const auto form = canonical_json(fields);
    Hasher hasher;
    hasher.update(bytes_of(form));
    hasher.update(recording.sha256);
    if (recording.given != nullptr) hasher.update(recording.given->sha256);
    return hasher.finish();
}

store::AuditEntry audit_entry(const Caller& caller, CallId call, std::string hash) {
    store::AuditEntry entry;
    entry.principal = caller.name;
    entry.address = caller.address;
    entry.object = "call:" + call.str();
    entry.after_hash = std::move(hash);
    entry.request_id = caller.request_id;
    return entry;
}

} // namespace

struct Ingest::Looked {
    store::Agent agent;
    store::City city;
    std::string issue_category;
};

struct Ingest::Accepted {
    Looked looked;
    NewCall call;
    AudioFacts facts;
    CallId call_id;
    Time created_at;
};

struct Ingest::Records {
    store::CallInsert call;
    store::MediaInsert media;
    std::optional<store::TranscriptInsert> words; // given with the recording
};

Task<std::expected<Ingest::Looked, Refusal>> Ingest::look_up(TenantId tenant, const NewCall& call) {
    const auto unit = services_.database.unit({.tenant = tenant});
    Looked looked;
    auto agents = co_await store::agents_named(*unit, tenant, call.agent_identifier);
    auto agent = choose_agent(agents);
    if (!agent) {
        auto refusal = agent.error();
        if (refusal.error.code == "agent.unknown") {
            refusal.suggestions =
                closest_names(call.agent_identifier, co_await agent_names(*unit, tenant));
        }
        co_return std::unexpected(std::move(refusal));
    }
    looked.agent = std::move(*agent);
    auto cities = co_await store::cities_named(*unit, tenant, call.city_identifier);
    auto city = choose_city(cities);
    if (!city) {
        auto refusal = city.error();
        if (refusal.error.code == "city.unknown") {
            refusal.suggestions =
                closest_names(call.city_identifier, co_await city_names(*unit, tenant));
        }
        co_return std::unexpected(std::move(refusal));
    }
    looked.city = std::move(*city);
    auto category = co_await choose_category(
        *unit, tenant, call.issue_category, services_.settings.strict_categories);
    if (!category) co_return std::unexpected(std::move(category).error());
    looked.issue_category = *std::move(category);
    co_return looked;
}

Task<std::expected<Ingested, Refusal>> Ingest::run(Caller caller,
                                                   NewCall call,
                                                   Recording recording,
                                                   std::optional<std::string> idempotency_key) {
    const auto tenant = caller.tenant;
    const auto now = services_.clock.now();
    Accepted accepted;
    accepted.call = std::move(call);
    accepted.call_id = CallId::make(now);
    accepted.created_at = now;
    if (!idempotency_key) {
        const std::optional<store::Reservation> none;
        co_return co_await take_in(caller, accepted, recording, none);
    }
    // Before anything is looked up: what was answered once is answered the same, whatever has
    // become of the directory since.
    const store::Reservation reservation{.scope = "POST /ingest/call",
                                         .key = *idempotency_key,
                                         .fingerprint = fingerprint_of(accepted.call, recording),
                                         .call_id = accepted.call_id,
                                         .created_at = now,
                                         .holder = Uuid::random()};
    const auto taken = co_await take_key(services_, tenant, reservation);
    if (auto refused = not_ours(taken)) co_return refuse(*std::move(refused));
    accepted.call_id = taken.call_id;
    accepted.created_at = taken.created_at;
    if (taken.state == store::ReservationState::replay) {
        const auto unit = services_.database.unit({.tenant = tenant});
        co_return co_await replayed(*unit, tenant, taken.call_id);
    }
    co_return co_await finish_reserved(caller, accepted, recording, reservation);
}

Task<std::expected<Ingested, Refusal>>
Ingest::take_in(const Caller& caller,
                Accepted& accepted,
                const Recording& recording,
                std::optional<store::Reservation> reservation) {
    auto looked = co_await look_up(caller.tenant, accepted.call);
    if (!looked) co_return std::unexpected(std::move(looked).error());
    accepted.looked = *std::move(looked);
    auto probe = [this, fd = recording.fd] {
        return services_.decoder.probe(fd, services_.settings.decode);
    };
    auto probed = co_await services_.cpu.run(probe);
    if (!probed) co_return refuse(std::move(probed).error(), "file");
    accepted.facts = *std::move(probed);
    auto& filename = accepted.call.filename;
    if (filename.empty()) filename = "recording." + accepted.facts.format;
    co_return co_await finish(caller, accepted, recording, std::move(reservation));
}

Task<std::expected<Ingested, Refusal>>
Ingest::finish_reserved(const Caller& caller,
                        Accepted& accepted,
                        const Recording& recording,
                        const store::Reservation& reservation) {
    std::expected<Ingested, Refusal> result;
    std::exception_ptr thrown;
    const std::optional<store::Reservation> held = reservation;
    try {
        result = co_await take_in(caller, accepted, recording, held);
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown || !result || result->replayed)
        co_await free_key(services_, caller.tenant, reservation);
    if (thrown) std::rethrow_exception(thrown);
    co_return result;
}

Task<std::expected<Ingested, Refusal>>
Ingest::finish(const Caller& caller,
               const Accepted& accepted,
               const Recording& recording,
               std::optional<store::Reservation> reservation) {
    const auto tenant = caller.tenant;
    const auto& facts = accepted.facts;
    Records records;
    auto& insert = records.call;
    insert = call_insert(
        caller, services_.keys, accepted.call_id, accepted.created_at, accepted.call, facts);
    insert.agent_id = accepted.looked.agent.id;
    insert.city_id = accepted.looked.city.id;
    insert.issue_category = accepted.looked.issue_category;
    const auto unit = services_.database.unit({.tenant = tenant});
    if (insert.call.external_id) {
        const auto known =
            co_await store::call_with_external_id(*unit, tenant, *insert.call.external_id);
        if (known && *known != insert.id) co_return external_id_exists(*known);
    }
    if (recording.given != nullptr) {
        auto write_down = [this, tenant, &accepted, given = recording.given] {
            const analysis::KnownNames names{.customer = accepted.call.customer_name.value_or(""),
                                             .agent = accepted.looked.agent.name};
            return transcript_insert(
                services_, tenant, accepted.call_id, given->transcript, {}, names);
        };
        records.words = co_await services_.cpu.run(write_down);
    }
    const auto key = object_key(
        tenant, insert.id, insert.created_at, recording.sha256, "original", facts.format);
    records.media = {.call_id = insert.id,
                     .object_path = key.path,
                     .sha256 = recording.sha256,
                     .bytes = recording.bytes,
                     .facts = facts};
    const auto earlier = co_await stands_for(tenant, records);
    if (earlier) co_return co_await replayed(*unit, tenant, *earlier);
    const auto same = co_await store::call_with_audio(
        *unit, tenant, recording.sha256, std::nullopt, std::nullopt);
    if (same && *same != insert.id) insert.flags.emplace_back("duplicate");
    insert.audio_url = services_.blobs.locator(key);
    if (auto kept = co_await keep(insert, recording, key); !kept) co_return refuse(kept.error());

    auto recorded = co_await record(caller, records, reservation);
    if (!recorded) co_return std::unexpected(std::move(recorded).error());
    services_.wake(records.words ? measure_queue : speech_queue, tenant);
    co_return Ingested{.call_id = insert.id,
                       .filename = insert.call.filename,
                       .duration_seconds = insert.duration_seconds,
                       .flags = insert.flags};
}

/// DEDUPE=reuse: the earlier call that this upload is. Its words have to be the same where some
/// were given: they would be lost otherwise.
Task<std::optional<CallId>> Ingest::stands_for(TenantId tenant, const Records& records) {
    if (services_.settings.dedupe != Dedupe::reuse) co_return std::nullopt;
    const auto unit = services_.database.unit({.tenant = tenant});
    const auto since = services_.clock.now() - reuse_age;
    const auto known = co_await store::call_with_audio(
        *unit, tenant, records.media.sha256, records.call.agent_id, since);
    if (!known || *known == records.call.id) co_return std::nullopt;
    if (!records.words) co_return known;
    const auto current = co_await store::current_transcript(*unit, tenant, *known);
    if (!current || current->sha256 != records.words->sha256) co_return std::nullopt;
    co_return known;
}

Task<Result<void>> Ingest::keep(const store::CallInsert& insert,
                                const Recording& recording,
                                const providers::BlobKey& key) {
    const auto form = json::serialize(form_json(insert.call));
    const providers::NewBlob object{key, recording.fd, recording.bytes, recording.sha256};
    auto put = [this, form, object] { return keep_upload(services_, object, form); };
    auto kept = co_await services_.disk.run(put);
    co_return kept;
}

Task<std::expected<void, Refusal>>
Ingest::record(const Caller& caller,
               const Records& records,
               const std::optional<store::Reservation>& reservation) {
    const auto& insert = records.call;
    for (int attempt = 1;; ++attempt) {
        std::optional<pg::DatabaseError> trouble;
        try {
            auto written = co_await write_records(caller, records, reservation);
            co_return written;
        } catch (const pg::DatabaseError& error) {
            trouble = error;
        }
        if (trouble->unique_violation() &&
            trouble->constraint().find("external_id") != std::string::npos) {
            const auto unit = services_.database.unit({.tenant = caller.tenant});
            const auto known = co_await store::call_with_external_id(
                *unit, caller.tenant, insert.call.external_id.value_or(""));
            co_return external_id_exists(known.value_or(CallId{}));
        }
        if (!trouble->connection_lost() || attempt == 3) throw *trouble;
        // The commit may have happened: look before repeating (reliability 3.4).
        const auto unit = services_.database.unit({.tenant = caller.tenant});
        if (co_await store::find_call(*unit, caller.tenant, insert.id)) {
            co_return std::expected<void, Refusal>{};
        }
    }
}

Task<std::expected<void, Refusal>>
Ingest::write_records(const Caller& caller,
                      const Records& records,
                      const std::optional<store::Reservation>& reservation) {
    const auto tenant = caller.tenant;
    const auto id = records.call.id;
    const auto& words = records.words;
    auto transaction = co_await services_.database.begin({.tenant = tenant});
    co_await store::insert_call(*transaction, tenant, records.call);
    co_await store::insert_media(*transaction, tenant, records.media);
    if (words) {
        co_await store::mark_transcribed(*transaction, tenant, id, words->id);
        co_await store::insert_transcript(*transaction, tenant, *words);
    }
    const auto job = words ? measure_job(id) : transcribe_job(id);
    co_await queue::enqueue(*transaction, tenant, job);
    if (reservation && !co_await store::finish_reservation(*transaction, tenant, *reservation)) {
        co_await transaction->rollback();
        co_return refuse(overtaken());
    }
    auto ingested = audit_entry(caller, id, hex(records.media.sha256));
    ingested.action = "call.ingest";
    co_await store::insert_audit(*transaction, tenant, std::move(ingested));
    if (words) {
        auto given = audit_entry(caller, id, words->sha256);
        given.action = "transcript.give";
        co_await store::insert_audit(*transaction, tenant, std::move(given));
    }
    co_await transaction->commit();
    co_return std::expected<void, Refusal>{};
}

Task<std::expected<Ingested, Refusal>>
Ingest::replayed(pg::Session& session, TenantId tenant, CallId id) {
    const auto call = co_await store::find_call(session, tenant, id);
    if (!call) {
        co_return refuse(ErrorKind::not_found, "call.not_found", "The call was deleted meanwhile.");
    }
    co_return Ingested{.call_id = id,
                       .filename = call->filename,
                       .duration_seconds = call->duration_seconds,
                       .flags = call->flags,
                       .replayed = true};
}

Task<Result<void>> Ingest::ready_for_upload(TenantId tenant) {
    struct statvfs disk{};
    const auto& settings = services_.settings;
    if (statvfs(settings.spool.c_str(), &disk) == 0) {
        const auto free_bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
        const auto total = static_cast<std::uint64_t>(disk.f_blocks) * disk.f_frsize;
        // Room for this upload and its stored copy, and never the last bytes of a small disk.
        if (free_bytes < 2 * settings.max_upload_bytes ||
            free_bytes < total / 100 * settings.least_free_percent) {
            co_return std::unexpected(Error{ErrorKind::unavailable,
                                            "storage.full",
                                            "The store for recordings is full.",
                                            std::chrono::seconds(60)});
        }
    }
    const auto now = std::chrono::steady_clock::now();
    if (services_.room.let_in(tenant, settings.max_queue_length, now)) co_return Result<void>{};
    const auto unit = services_.database.unit({.tenant = tenant});
    const auto jobs = co_await store::queue_length(*unit, tenant, settings.max_queue_length);
    if (jobs >= settings.max_queue_length) {
        co_return std::unexpected(Error{ErrorKind::unavailable,
                                        "queue.full",
                                        "Too many calls wait to be analysed.",
                                        std::chrono::seconds(30)});
    }
    services_.room.counted(tenant, jobs, now);
    co_return Result<void>{};
}

} // namespace hs::pipeline
