#include "pipeline/redacted_audio.hpp"

#include <algorithm>
#include <utility>

#include "base/crypto.hpp"
#include "pipeline/customer.hpp"
#include "pipeline/objects.hpp"
#include "store/calls.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

namespace {

constexpr int guard_ms = 150;
constexpr int guard_of_interpolated_ms = 400;

/// Everything the copy hangs on, so that a change of any of it leads to another object.
providers::BlobKey key_of(TenantId tenant,
                          CallId call,
                          const store::Media& media,
                          const std::string& transcript_sha256) {
    const auto hash = sha256_hex("redacted audio 1|" + hex(media.sha256) + "|" + transcript_sha256 +
                                 "|" + std::string(analysis::redaction_version));
    auto path =
        media.object_path.substr(0, media.object_path.rfind('/') + 1) + hash + ".redacted.mp3";
    return stored_key(tenant, call, std::move(path), "redacted");
}

/// -1 when the voice may be heard on every channel.
int channel_of(const Turn& turn, const std::string& layout, int channels) {
    if (layout != "true_stereo" || channels != 2) return -1;
    if (turn.speaker == "ch0") return 0;
    return turn.speaker == "ch1" ? 1 : -1;
}

Result<RedactedAudio> make_copy(const Services& services,
                                const providers::BlobKey& original,
                                const providers::BlobKey& key,
                                const std::vector<audio::AudioMask>& masks) {
    TRY(const auto recording, services.blobs.fetch(original));
    TRY(const auto spool, open_unnamed(services.settings.spool));
    TRY_VOID(services.decoder.encode_playback(
        recording.get(), spool.get(), services.settings.decode, masks));
    RedactedAudio copy{key, file_size(spool.get()), {}};
    Hasher hasher;
    Bytes chunk;
    for (std::uint64_t at = 0; at < copy.bytes; at += chunk.size()) {
        chunk.resize(std::min<std::uint64_t>(256 * 1024, copy.bytes - at));
        if (!read_exactly(spool.get(), at, chunk))
            return fail(ErrorKind::unavailable, "storage.unavailable", "The spool file was cut.");
        hasher.update(chunk);
    }
    copy.sha256 = hasher.finish();
    const auto put = services.blobs.put({key, spool.get(), copy.bytes, copy.sha256});
    if (put) return copy;
    // Two who asked at once made the same copy.
    if (put.error().code != "storage.conflict") return std::unexpected(put.error());
    TRY(const auto stat, services.blobs.stat(key));
    return RedactedAudio{key, stat.size, stat.sha256};
}

} // namespace

std::vector<audio::AudioMask> masks_of(const Transcript& transcript,
                                       const std::vector<analysis::PersonalSpan>& spans,
                                       const std::string& layout,
                                       int channels) {
    const int guard = transcript.words_timed == "asr" ? guard_ms : guard_of_interpolated_ms;
    std::vector<audio::AudioMask> masks;
    for (const auto& span : spans) {
        const auto turn = std::ranges::find(transcript.turns, span.turn, &Turn::index);
        const int channel =
            turn == transcript.turns.end() ? -1 : channel_of(*turn, layout, channels);
        masks.push_back({{std::max(0, span.start_ms - guard), span.end_ms + guard}, channel});
    }
    return audio::joined_masks(std::move(masks));
}

Task<std::optional<providers::BlobKey>>
redacted_key(pg::Session& session, TenantId tenant, CallId call) {
    const auto media = co_await store::find_media(session, tenant, call);
    if (!media) co_return std::nullopt;
    const auto stored = co_await store::current_transcript(session, tenant, call);
    if (!stored) co_return std::nullopt;
    co_return key_of(tenant, call, *media, stored->sha256);
}

Task<Result<RedactedAudio>> redacted_audio(const Services& services, TenantId tenant, CallId id) {
    const auto unit = services.database.unit({.tenant = tenant});
    const auto call = co_await store::find_call(*unit, tenant, id);
    const auto media = co_await store::find_media(*unit, tenant, id);
    if (!call || !media)
        co_return fail(ErrorKind::not_found, "audio.unavailable", "There is no recording.");
    const auto stored = co_await store::current_transcript(*unit, tenant, id);
    if (!stored)
        co_return fail(ErrorKind::not_found,
                       "audio.not_ready",
                       "The redacted copy is made from the transcript; try again soon.");
    const auto key = key_of(tenant, id, *media, stored->sha256);
    auto look = [&services, key] { return services.blobs.stat(key); };
    const auto known = co_await services.disk.run(look);
    if (known) co_return RedactedAudio{key, known->size, known->sha256};
    if (known.error().code != "storage.not_found") co_return std::unexpected(known.error());
    const auto names = co_await known_names(*unit, services.keys, tenant, *call);
    CO_TRY(const auto transcript,
           open_transcript(services.keys, tenant, stored->id, stored->turns_sealed));
    const auto spans = analysis::find_personal_data(transcript, names);
    const auto masks = masks_of(transcript, spans, media->layout, media->channels);
    const auto original = stored_key(tenant, id, media->object_path, "original");
    auto make = [&services, original, key, masks] {
        return make_copy(services, original, key, masks);
    };
    auto made = co_await services.cpu.run(make);
    if (!made) co_return std::unexpected(made.error());
    // A call that was erased meanwhile takes its copy with it.
    const auto still = co_await store::find_call(*unit, tenant, id);
    if (still) co_return *std::move(made);
    auto remove = [&services, key] { return services.blobs.remove(key); };
    static_cast<void>(co_await services.disk.run(remove));
    co_return fail(ErrorKind::not_found, "call.not_found", "The call was deleted.");
}

} // namespace hs::pipeline
