/// Speech through the audio API that OpenAI made common: OpenAI itself, whisper.cpp's server,
/// speaches, vLLM and others. One request a track, so that speakers never mix; long tracks are cut
/// at pauses and stitched with the times of the whole.
///
/// Three steps, so that the pipeline can keep a paid reply before anybody reads it: prepare() makes
/// the request, an Exchange sends it, parse() reads the reply. No state between calls.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "providers/exchange.hpp"
#include "providers/stt/speech_to_text.hpp"

namespace hs::providers {

struct OpenAiSpeechConfig {
    std::string base_url = "https://api.openai.com/v1";
    Secret api_key; // empty: no Authorization header, for a server of one's own
    std::string model = "whisper-1";
    std::string response_format; // verbose_json | json | diarized_json; empty: what the model can
    bool allow_private = false;  // base_url may lead to an internal address
    std::uint64_t max_upload_bytes = 25u << 20;
    std::chrono::milliseconds repeat_delay{500}; // before a quick repeat
};

/// A stretch of one track that goes into one request.
struct SpeechPart {
    std::size_t track = 0; // of the SpeechRequest
    Span span;
};

/// What one part came to; times are of the whole track.
struct PartSpeech {
    std::vector<Utterance> utterances;
    std::string language;
    json::object usage; // as the provider reports it
};

class OpenAiSpeech final : public SpeechToText {
public:
    /// `transport` serves requests that bring no Exchange of their own.
    OpenAiSpeech(OpenAiSpeechConfig config, Transport transport);

    [[nodiscard]] std::string name() const override { return "openai"; }

    /// Errors: rate_limited "speech.rate_limited"; unavailable "speech.unavailable",
    /// "speech.invalid_reply", "egress.*"; forbidden "speech.denied", "egress.address_refused";
    /// upstream "speech.refused"; those of the request's Exchange.
    Task<Result<Speech>> transcribe(SpeechRequest request) override;

    /// Parts of all tracks, in order; tracks without speech have none.
    [[nodiscard]] std::vector<SpeechPart> parts(const SpeechRequest& request) const;
    [[nodiscard]] ProviderRequest prepare(const SpeechRequest& request,
                                          const SpeechPart& part) const;
    /// With at most two quick repeats of what may pass at once. `request` outlives the task.
    Task<Result<InboundReply>> send(std::shared_ptr<Exchange> exchange,
                                    const ProviderRequest& request) const;
    [[nodiscard]] Result<PartSpeech>
    parse(const SpeechRequest& request, const SpeechPart& part, const InboundReply& reply) const;

private:
    Task<Result<PartSpeech>> hear(std::shared_ptr<Exchange> exchange,
                                  const SpeechRequest& request,
                                  const SpeechPart& part) const;

    OpenAiSpeechConfig config_;
    std::shared_ptr<Exchange> straight_;
};

} // namespace hs::providers
