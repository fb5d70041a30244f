/// From stored audio to a stored transcript: the job "transcribe".
#pragma once

#include "pipeline/services.hpp"

namespace hs::pipeline {

/// Audio -> tracks -> speech engine -> transcript, then one transaction: transcript, renditions,
/// call `transcribed`, job evaluate, this job done. A call without speech becomes `failed` with
/// `no_speech`, never scored.
[[nodiscard]] queue::Handler transcribe_handler(Services services);

/// The part of it without database and store: what `hacksmart judge FILE` does with a recording.
struct HeardCall {
    AudioFacts facts;
    audio::Peaks peaks;
    Transcript transcript;
    std::vector<SpottedPhrase> spotted;
};

struct HearOptions {
    std::string language = "auto";
    std::string preferred_language;
    std::string channel_map;
    std::uint64_t seed = 0; // low 64 bits of the audio's hash
    std::stop_token stop;
    std::shared_ptr<providers::Exchange> exchange{}; // journal and limits of paid requests
};

/// Errors: those of audio::Decoder and SpeechToText, invalid "no_speech".
Task<Result<HeardCall>> hear_call(CpuPool& cpu,
                                  const audio::Decoder& decoder,
                                  audio::DecodeLimits limits,
                                  providers::SpeechToText& speech,
                                  std::vector<std::string> phrases,
                                  int fd,
                                  HearOptions options);

} // namespace hs::pipeline
