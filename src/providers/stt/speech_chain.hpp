/// Several engines, the best first: the next one hears what the one before it cannot.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "providers/stt/speech_to_text.hpp"

namespace hs::providers {

class SpeechChain final : public SpeechToText {
public:
    using Skipped = std::function<void(const std::string& engine, const Error& why)>;

    /// patience   a pause of an engine that calls wait for; a longer one passes them on
    /// skipped    is told of every engine that was passed over; may be empty
    SpeechChain(std::vector<std::unique_ptr<SpeechToText>> engines,
                std::chrono::seconds patience,
                Skipped skipped);

    /// "deepgram -> embedded".
    [[nodiscard]] std::string name() const override;

    /// Errors: those of the last engine, or of the first that is worth waiting for.
    Task<Result<Speech>> transcribe(SpeechRequest request) override;

private:
    std::vector<std::unique_ptr<SpeechToText>> engines_;
    std::chrono::seconds patience_;
    Skipped skipped_;
};

/// Whether the next engine should be asked after this error. `waits`: the caller comes back by
/// itself when the error passes (a job does, a command does not).
[[nodiscard]] bool
passes_on(const Error& error, std::chrono::seconds patience, bool waits) noexcept;

} // namespace hs::providers
