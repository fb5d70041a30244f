/// Speech through Deepgram's pre-recorded API.
#pragma once

#include <chrono>
#include <string>

#include "base/secret.hpp"
#include "providers/stt/http_speech.hpp"

namespace hs::providers {

struct DeepgramConfig {
    std::string base_url = "https://api.deepgram.com";
    Secret api_key;
    std::string model = "nova-3";
    bool allow_private = false; // base_url may lead to an internal address
    std::chrono::milliseconds repeat_delay{500};
};

class DeepgramSpeech final : public HttpSpeech {
public:
    DeepgramSpeech(DeepgramConfig config, Transport transport);

    [[nodiscard]] std::string name() const override { return "deepgram"; }

    [[nodiscard]] ProviderRequest prepare(const SpeechRequest& request,
                                          const SpeechPart& part) const override;

protected:
    [[nodiscard]] int longest_part_ms() const override;
    [[nodiscard]] Result<HeardPart> read(std::string_view body,
                                         const std::vector<Span>& speech) const override;

private:
    DeepgramConfig config_;
};

/// Errors: unavailable "speech.invalid_reply".
[[nodiscard]] Result<HeardPart> read_deepgram_reply(std::string_view body,
                                                    const std::vector<Span>& speech);

} // namespace hs::providers
