/// Chat completions as OpenAI made them common: OpenAI, Azure OpenAI, OpenRouter, vLLM, Ollama,
/// llama.cpp's server, LiteLLM. What one of them does not take is learnt once and remembered.
#pragma once

#include "base/secret.hpp"
#include "providers/llm/dialect.hpp"
#include "providers/llm/language_model.hpp"

namespace hs::providers {

struct OpenAiChatConfig {
    std::string base_url = "https://api.openai.com/v1";
    Secret api_key; // empty: no key is sent, for a server of one's own
    std::string model;
    std::string api_version;    // Azure: base_url ends in the deployment, the key in its own header
    bool allow_private = false; // base_url may lead to an internal address
    std::chrono::milliseconds repeat_delay{500};
};

class OpenAiChat final : public LanguageModel {
public:
    explicit OpenAiChat(OpenAiChatConfig config);

    [[nodiscard]] std::string name() const override { return "openai"; }

    [[nodiscard]] std::string model() const override { return config_.model; }

    [[nodiscard]] ProviderRequest prepare(const ModelRequest& request) const override;
    [[nodiscard]] Result<ModelReply> parse(const InboundReply& reply) const override;

    [[nodiscard]] bool adapt(const InboundReply& reply) override { return dialect_.learn(reply); }

    [[nodiscard]] bool would_adapt(const InboundReply& reply) const override {
        return dialect_.would_change(reply);
    }

    [[nodiscard]] std::chrono::milliseconds repeat_delay() const override {
        return config_.repeat_delay;
    }

private:
    OpenAiChatConfig config_;
    LearntDialect dialect_;
};

} // namespace hs::providers
