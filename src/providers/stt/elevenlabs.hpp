/// Speech through ElevenLabs' transcription API (Scribe).
#pragma once

#include <chrono>
#include <string>

#include "base/secret.hpp"
#include "providers/stt/http_speech.hpp"

namespace hs::providers {

struct ElevenLabsConfig {
    std::string base_url = "https://api.elevenlabs.io";
    Secret api_key;
    std::string model = "scribe_v1";
    bool allow_private = false; // base_url may lead to an internal address
    std::chrono::milliseconds repeat_delay{500};
};

class ElevenLabsSpeech final : public HttpSpeech {
public:
    ElevenLabsSpeech(ElevenLabsConfig config, Transport transport);

    [[nodiscard]] std::string name() const override { return "elevenlabs"; }

    [[nodiscard]] ProviderRequest prepare(const SpeechRequest& request,
                                          const SpeechPart& part) const override;

protected:
    [[nodiscard]] int longest_part_ms() const override;
    [[nodiscard]] Result<HeardPart> read(std::string_view body,
                                         const std::vector<Span>& speech) const override;

private:
    ElevenLabsConfig config_;
};

/// Errors: unavailable "speech.invalid_reply".
[[nodiscard]] Result<HeardPart> read_elevenlabs_reply(std::string_view body,
                                                      const std::vector<Span>& speech);

} // namespace hs::providers
