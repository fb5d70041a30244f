/// What there is to know of a recording beside its words: the job "measure" of a call whose
/// transcript was given, and a part of the job "transcribe".
#pragma once

#include "pipeline/services.hpp"
#include "store/calls.hpp"

namespace hs::pipeline {

inline constexpr const char* measure_queue = "measure";
inline constexpr const char* measure_kind = "measure";

/// In a queue of its own: it waits for no speech engine.
[[nodiscard]] queue::NewJob measure_job(CallId call);

/// Makes the playback copy, measures the recording and has the call judged by its transcript.
[[nodiscard]] queue::Handler measure_handler(Services services);

struct OpenRecording {
    Fd recording;
    store::RenditionUpdate renditions; // with the playback copy
};

/// The stored recording, and its playback copy. Errors: those of the store and the encoder;
/// not_found "call.not_found" when the call was deleted meanwhile: the copy is taken back.
Task<Result<OpenRecording>>
open_recording(const Services& services, TenantId tenant, CallId id, store::Media media);

void note_measured(store::RenditionUpdate& renditions,
                   const AudioFacts& facts,
                   const audio::Peaks& peaks);

} // namespace hs::pipeline
