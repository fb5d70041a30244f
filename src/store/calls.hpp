/// Calls and their recordings.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "domain/audio_facts.hpp"
#include "domain/call.hpp"
#include "pg/session.hpp"

namespace hs::store {

/// Everything a new call row holds beside what was sent: who, where, and the sealed customer
/// fields.
struct CallInsert {
    CallId id;
    Time created_at;
    NewCall call;
    std::optional<AgentId> agent_id;
    std::optional<CityId> city_id;
    std::string issue_category; // canonical spelling when it is a known one
    std::optional<Bytes> customer_name_sealed;
    std::optional<Bytes> customer_phone_sealed;
    std::optional<Bytes> phone_token;
    std::string audio_url;
    int duration_seconds = 0;
    std::vector<std::string> flags;
};

struct MediaInsert {
    CallId call_id;
    std::string object_path;
    Sha256 sha256{};
    std::uint64_t bytes = 0;
    AudioFacts facts;
};

struct Media {
    std::string object_path;
    Sha256 sha256{};
    std::uint64_t bytes = 0;
    std::string format;
    std::string codec;
    int sample_rate = 0;
    int channels = 0;
    std::string layout;
    int duration_ms = 0;
    int speech_ms = 0;
    bool truncated = false;
    std::optional<std::string> playback_path;
    std::uint64_t playback_bytes = 0;
    std::optional<Sha256> playback_sha256;
};

struct StoredPeaks {
    int per_second = 100;
    int channels = 1;
    Bytes data; // channel after channel, pairs (min, max) of int8
};

struct CallNames { // opened only where they are needed: masking and unmasking
    std::optional<Bytes> customer_name_sealed;
    std::optional<Bytes> customer_phone_sealed;
};

Task<void> insert_call(pg::Session& session, TenantId tenant, CallInsert insert);
Task<void> insert_media(pg::Session& session, TenantId tenant, MediaInsert insert);

Task<std::optional<Call>> find_call(pg::Session& session, TenantId tenant, CallId id);
Task<std::optional<Media>> find_media(pg::Session& session, TenantId tenant, CallId id);
Task<std::optional<StoredPeaks>> find_peaks(pg::Session& session, TenantId tenant, CallId id);
/// AudioFacts as JSON; empty before the recording was transcribed.
Task<std::string> find_facts(pg::Session& session, TenantId tenant, CallId id);
Task<CallNames> sealed_names(pg::Session& session, TenantId tenant, CallId id);
Task<std::optional<CallId>>
call_with_external_id(pg::Session& session, TenantId tenant, std::string external_id);
/// The newest call with these bytes; `since` and `agent` narrow it (DEDUPE=reuse).
Task<std::optional<CallId>> call_with_audio(pg::Session& session,
                                            TenantId tenant,
                                            Sha256 sha256,
                                            std::optional<AgentId> agent,
                                            std::optional<Time> since);

/// What the worker found out while decoding: playback copy and peaks.
struct RenditionUpdate {
    CallId call_id;
    std::optional<std::string> playback_path;
    std::optional<Sha256> playback_sha256;
    std::uint64_t playback_bytes = 0;
    StoredPeaks peaks;
    std::string layout; // of the whole recording; ingest judged it piece by piece. Empty: unchanged
    int speech_ms = 0;
    std::string facts_json;
};

Task<void> update_renditions(pg::Session& session, TenantId tenant, RenditionUpdate update);

/// processing_status never goes back while a current evaluation exists (settlement 21).
Task<void>
mark_transcribed(pg::Session& session, TenantId tenant, CallId id, TranscriptId transcript);
Task<void> mark_analyzed(pg::Session& session, TenantId tenant, CallId id);
Task<void> mark_failed(pg::Session& session, TenantId tenant, CallId id, std::string failure_code);
/// From `failed` back to the last good step, because a new run was asked for.
Task<void> mark_requeued(pg::Session& session, TenantId tenant, CallId id);

/// For fsck and the sweeper, in order of call id.
struct StoredObject {
    CallId call_id;
    Time created_at;
    std::string path;
    Sha256 sha256{};
    std::uint64_t bytes = 0;
    std::string variant; // original | playback
};

Task<std::vector<StoredObject>>
list_objects(pg::Session& session, TenantId tenant, std::optional<CallId> after, int limit);
Task<bool> object_is_known(pg::Session& session, TenantId tenant, std::string path);
/// Calls that are pending or transcribed and have no live job.
Task<std::vector<CallId>> calls_without_job(pg::Session& session, TenantId tenant, int limit);
Task<bool> has_live_job(pg::Session& session, TenantId tenant, CallId call);
Task<bool> has_live_job_of(pg::Session& session, TenantId tenant, CallId call, std::string kind);
Task<std::vector<TenantId>> list_tenants(pg::Session& session);

} // namespace hs::store
