/// The evaluator of an existing deployment: it is handed the recording's address and the call's
/// facts, and answers with ready scores. The request and reply are the reference's own.
///
/// Unlike a model it is given the recording itself, unredacted: only an operator who names one gets
/// one.
#pragma once

#include "providers/llm/language_model.hpp"

namespace hs::providers {

struct ExternalAgentConfig {
    std::string url; // the whole address
    bool allow_private = false;
    std::chrono::milliseconds repeat_delay{500};
};

class ExternalAgent final : public LanguageModel {
public:
    explicit ExternalAgent(ExternalAgentConfig config) : config_(std::move(config)) {}

    [[nodiscard]] std::string name() const override { return "external"; }

    [[nodiscard]] std::string model() const override { return "agent"; }

    /// Sends request.form and nothing else of the request.
    [[nodiscard]] ProviderRequest prepare(const ModelRequest& request) const override;
    /// The text is the reply's "analysis" with its "transcript_text". Errors besides the
    /// interface's: upstream "model.declined" when the agent reports no success.
    [[nodiscard]] Result<ModelReply> parse(const InboundReply& reply) const override;

    [[nodiscard]] bool adapt(const InboundReply&) override { return false; }

    [[nodiscard]] bool would_adapt(const InboundReply&) const override { return false; }

    [[nodiscard]] std::chrono::milliseconds repeat_delay() const override {
        return config_.repeat_delay;
    }

private:
    ExternalAgentConfig config_;
};

} // namespace hs::providers
