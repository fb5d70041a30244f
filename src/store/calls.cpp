#include "store/calls.hpp"

#include <algorithm>

#include "store/queries.hpp"

namespace hs::store {

namespace {

Bytes to_bytes(const Sha256& hash) {
    return {hash.begin(), hash.end()};
}

Sha256 to_hash(const Bytes& bytes) {
    Sha256 hash{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    return hash;
}

template <typename IdType>
std::optional<IdType> optional_id(const pg::Row& row, std::string_view column) {
    const auto uuid = row.optional_uuid(column);
    return uuid ? std::optional(IdType{*uuid}) : std::nullopt;
}

Call read_call(const pg::Row& row) {
    Call call;
    call.id = CallId{row.uuid("id")};
    call.agent_id = optional_id<AgentId>(row, "agent_id");
    call.agent_name = row.text("agent_name");
    call.agent_employee_id = row.optional_text("employee_id");
    if (const auto city = row.optional_integer("city_id")) {
        call.city_id = CityId{static_cast<std::int32_t>(*city)};
    }
    call.city_name = row.text("city_name");
    call.city_state = row.optional_text("city_state");
    call.customer_preferred_language = row.optional_text("customer_preferred_language");
    call.audio_url = row.text("audio_url");
    call.duration_seconds = static_cast<int>(row.optional_integer("duration_seconds").value_or(0));
    call.call_timestamp = row.time("call_timestamp");
    call.call_context = row.text("call_context");
    call.primary_issue_category = row.optional_text("primary_issue_category");
    call.agent_manual_note = row.optional_text("agent_manual_note");
    call.processing_status = row.text("processing_status");
    call.failure_code = row.optional_text("failure_code");
    call.external_id = row.optional_text("external_id");
    call.metadata_json = row.optional_text("metadata");
    call.channel_map = row.text("channel_map");
    call.language = row.text("language");
    call.filename = row.text("filename");
    call.flags = row.text_array("flags");
    call.current_transcript_id = optional_id<TranscriptId>(row, "current_transcript_id");
    call.current_evaluation_id = optional_id<EvaluationId>(row, "current_evaluation_id");
    call.created_at = row.time("created_at");
    call.updated_at = row.time("updated_at");
    return call;
}

} // namespace

Task<void> insert_call(pg::Session& session, TenantId tenant, CallInsert insert) {
    const auto& call = insert.call;
    std::optional<std::string> metadata;
    if (call.metadata) metadata = json::serialize(*call.metadata);
    pg::Params params = pg::params(tenant,
                                   insert.id,
                                   insert.agent_id,
                                   insert.city_id,
                                   insert.customer_name_sealed,
                                   insert.customer_phone_sealed,
                                   insert.phone_token,
                                   call.customer_preferred_language,
                                   insert.audio_url,
                                   insert.duration_seconds,
                                   call.call_timestamp,
                                   call.call_context,
                                   insert.issue_category,
                                   call.agent_manual_note,
                                   call.external_id,
                                   metadata,
                                   call.channel_map,
                                   call.language,
                                   call.filename,
                                   insert.flags,
                                   insert.created_at);
    co_await session.run(sql::insert_call, std::move(params));
}

Task<void> insert_media(pg::Session& session, TenantId tenant, MediaInsert insert) {
    const auto& facts = insert.facts;
    pg::Params params = pg::params(tenant,
                                   insert.call_id,
                                   insert.object_path,
                                   to_bytes(insert.sha256),
                                   static_cast<std::int64_t>(insert.bytes),
                                   facts.format,
                                   facts.codec,
                                   facts.sample_rate,
                                   facts.channels,
                                   facts.bit_rate,
                                   to_string(facts.layout),
                                   facts.header_duration_ms,
                                   facts.duration_ms,
                                   facts.speech_ms,
                                   facts.truncated);
    co_await session.run(sql::insert_media, std::move(params));
}

Task<std::optional<Call>> find_call(pg::Session& session, TenantId tenant, CallId id) {
    const auto rows = co_await session.run(sql::find_call, pg::params(tenant, id));
    if (rows.empty()) co_return std::nullopt;
    co_return read_call(rows.front());
}

Task<std::optional<Media>> find_media(pg::Session& session, TenantId tenant, CallId id) {
    const auto rows = co_await session.run(sql::find_media, pg::params(tenant, id));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    Media media;
    media.object_path = row.text("object_path");
    media.sha256 = to_hash(row.bytes("sha256"));
    media.bytes = static_cast<std::uint64_t>(row.integer("bytes"));
    media.format = row.text("format");
    media.codec = row.text("codec");
    media.sample_rate = static_cast<int>(row.integer("sample_rate"));
    media.channels = static_cast<int>(row.integer("channels"));
    media.layout = row.text("layout");
    media.duration_ms = static_cast<int>(row.integer("duration_ms"));
    media.speech_ms = static_cast<int>(row.integer("speech_ms"));
    media.truncated = row.boolean("truncated");
    media.playback_path = row.optional_text("playback_path");
    media.playback_bytes =
        static_cast<std::uint64_t>(row.optional_integer("playback_bytes").value_or(0));
    if (!row.null("playback_sha256")) media.playback_sha256 = to_hash(row.bytes("playback_sha256"));
    co_return media;
}

Task<std::optional<StoredPeaks>> find_peaks(pg::Session& session, TenantId tenant, CallId id) {
    const auto rows = co_await session.run(sql::find_peaks, pg::params(tenant, id));
    if (rows.empty()) co_return std::nullopt;
    const auto row = rows.front();
    co_return StoredPeaks{.per_second = static_cast<int>(row.integer("peaks_per_second")),
                          .channels = static_cast<int>(row.integer("channels")),
                          .data = row.bytes("peaks")};
}

Task<std::string> find_facts(pg::Session& session, TenantId tenant, CallId id) {
    const auto rows = co_await session.run(sql::find_facts, pg::params(tenant, id));
    co_return rows.empty() ? std::string() : rows.front().text("facts");
}

Task<CallNames> sealed_names(pg::Session& session, TenantId tenant, CallId id) {
    const auto rows = co_await session.run(sql::sealed_names, pg::params(tenant, id));
    CallNames names;
    if (rows.empty()) co_return names;
    const auto row = rows.front();
    if (!row.null("customer_name_sealed")) {
        names.customer_name_sealed = row.bytes("customer_name_sealed");
    }
    if (!row.null("customer_phone_sealed")) {
        names.customer_phone_sealed = row.bytes("customer_phone_sealed");
    }
    co_return names;
}

Task<std::optional<CallId>>
call_with_external_id(pg::Session& session, TenantId tenant, std::string external_id) {
    const auto rows =
        co_await session.run(sql::call_with_external_id, pg::params(tenant, external_id));
    if (rows.empty()) co_return std::nullopt;
    co_return CallId{rows.front().uuid("id")};
}

Task<std::optional<CallId>> call_with_audio(pg::Session& session,
                                            TenantId tenant,
                                            Sha256 sha256,
                                            std::optional<AgentId> agent,
                                            std::optional<Time> since) {
    const auto rows = co_await session.run(sql::call_with_audio,
                                           pg::params(tenant, to_bytes(sha256), agent, since));
    if (rows.empty()) co_return std::nullopt;
    co_return CallId{rows.front().uuid("id")};
}

Task<void> update_renditions(pg::Session& session, TenantId tenant, RenditionUpdate update) {
    std::optional<Bytes> hash;
    if (update.playback_sha256) hash = to_bytes(*update.playback_sha256);
    co_await session.run(sql::update_renditions,
                         pg::params(tenant,
                                    update.call_id,
                                    update.playback_path,
                                    hash,
                                    static_cast<std::int64_t>(update.playback_bytes),
                                    update.peaks.data,
                                    update.peaks.per_second,
                                    update.layout,
                                    update.speech_ms,
                                    update.facts_json));
}

Task<void>
mark_transcribed(pg::Session& session, TenantId tenant, CallId id, TranscriptId transcript) {
    co_await session.run(sql::mark_transcribed, pg::params(tenant, id, transcript));
}

Task<void> mark_analyzed(pg::Session& session, TenantId tenant, CallId id) {
    co_await session.run(sql::mark_analyzed, pg::params(tenant, id));
}

Task<void> mark_failed(pg::Session& session, TenantId tenant, CallId id, std::string failure_code) {
    co_await session.run(sql::mark_failed, pg::params(tenant, id, failure_code));
}

Task<void> mark_requeued(pg::Session& session, TenantId tenant, CallId id) {
    co_await session.run(sql::mark_requeued, pg::params(tenant, id));
}

Task<std::vector<StoredObject>>
list_objects(pg::Session& session, TenantId tenant, std::optional<CallId> after, int limit) {
    const auto rows = co_await session.run(sql::list_objects, pg::params(tenant, after, limit));
    std::vector<StoredObject> objects;
    for (const auto row : rows) {
        StoredObject original{.call_id = CallId{row.uuid("call_id")},
                              .created_at = row.time("created_at"),
                              .path = row.text("object_path"),
                              .sha256 = to_hash(row.bytes("sha256")),
                              .bytes = static_cast<std::uint64_t>(row.integer("bytes")),
                              .variant = "original"};
        objects.push_back(original);
        if (row.null("playback_path")) continue;
        StoredObject playback = original;
        playback.path = row.text("playback_path");
        playback.sha256 = to_hash(row.bytes("playback_sha256"));
        playback.bytes = static_cast<std::uint64_t>(row.integer("playback_bytes"));
        playback.variant = "playback";
        objects.push_back(std::move(playback));
    }
    co_return objects;
}

Task<bool> object_is_known(pg::Session& session, TenantId tenant, std::string path) {
    const auto rows = co_await session.run(sql::object_is_known, pg::params(tenant, path));
    co_return rows.front().boolean("known");
}

Task<std::vector<CallId>> calls_without_job(pg::Session& session, TenantId tenant, int limit) {
    const auto rows = co_await session.run(sql::calls_without_job, pg::params(tenant, limit));
    std::vector<CallId> calls;
    for (const auto row : rows)
        calls.push_back(CallId{row.uuid("id")});
    co_return calls;
}

Task<bool> has_live_job(pg::Session& session, TenantId tenant, CallId call) {
    const auto rows = co_await session.run(sql::has_live_job, pg::params(tenant, call.str()));
    co_return rows.front().boolean("live");
}

Task<bool> has_live_job_of(pg::Session& session, TenantId tenant, CallId call, std::string kind) {
    const auto rows =
        co_await session.run(sql::has_live_job_of, pg::params(tenant, call.str(), kind));
    co_return rows.front().boolean("live");
}

Task<std::vector<TenantId>> list_tenants(pg::Session& session) {
    const auto rows = co_await session.run(sql::list_tenants, pg::Params{});
    std::vector<TenantId> tenants;
    for (const auto row : rows)
        tenants.push_back(TenantId{row.uuid("id")});
    co_return tenants;
}

} // namespace hs::store
