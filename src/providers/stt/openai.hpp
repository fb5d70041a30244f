/// Speech through the audio API that OpenAI made common: OpenAI itself, whisper.cpp's server,
/// speaches, vLLM and others.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "providers/stt/http_speech.hpp"

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

class OpenAiSpeech final : public HttpSpeech {
public:
    OpenAiSpeech(OpenAiSpeechConfig config, Transport transport);

    [[nodiscard]] std::string name() const override { return "openai"; }

    [[nodiscard]] ProviderRequest prepare(const SpeechRequest& request,
                                          const SpeechPart& part) const override;

protected:
    [[nodiscard]] int longest_part_ms() const override;
    [[nodiscard]] Result<HeardPart> read(std::string_view body,
                                         const std::vector<Span>& speech) const override;

private:
    OpenAiSpeechConfig config_;
};

} // namespace hs::providers
