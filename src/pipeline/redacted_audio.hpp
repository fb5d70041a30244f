/// The playback copy with a tone over spoken personal data: made when it is first asked for, kept
/// as an object of its own, made anew when transcript or detector change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/redaction.hpp"
#include "audio/audio.hpp"
#include "pipeline/services.hpp"

namespace hs::pipeline {

struct RedactedAudio {
    providers::BlobKey key;
    std::uint64_t bytes = 0;
    Sha256 sha256{};
};

/// Where the copy of the call as it is now lies, or would lie. None while there is no recording or
/// no transcript.
Task<std::optional<providers::BlobKey>>
redacted_key(pg::Session& session, TenantId tenant, CallId call);

/// Errors: not_found "audio.not_ready" (no transcript yet), "audio.unavailable"; those of decoding
/// and of the store.
Task<Result<RedactedAudio>> redacted_audio(const Services& services, TenantId tenant, CallId call);

/// Where the tone goes: 150 ms around every span, 400 ms where word times are interpolated.
[[nodiscard]] std::vector<audio::AudioMask>
masks_of(const Transcript& transcript,
         const std::vector<analysis::PersonalSpan>& spans,
         const std::string& layout,
         int channels);

} // namespace hs::pipeline
