/// Anthropic's Messages API.
#pragma once

#include "base/secret.hpp"
#include "providers/llm/dialect.hpp"
#include "providers/llm/language_model.hpp"

namespace hs::providers {

struct AnthropicConfig {
    std::string base_url = "https://api.anthropic.com/v1";
    Secret api_key;
    std::string model;
    bool allow_private = false;
    std::chrono::milliseconds repeat_delay{500};
};

class Anthropic final : public LanguageModel {
public:
    explicit Anthropic(AnthropicConfig config);

    [[nodiscard]] std::string name() const override { return "anthropic"; }

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
    AnthropicConfig config_;
    LearntDialect dialect_;
};

} // namespace hs::providers
