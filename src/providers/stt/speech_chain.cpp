#include "providers/stt/speech_chain.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace hs::providers {

namespace {

/// What waiting does not mend, although each of them lets a job with one engine come back.
constexpr std::array<std::string_view, 8> lasting{"speech.denied",
                                                  "speech.invalid_reply",
                                                  "speech.engine_unavailable",
                                                  "speech.engine_crashed",
                                                  "speech.too_slow",
                                                  "egress.address_refused",
                                                  "egress.request",
                                                  "egress.timeout"};

} // namespace

bool passes_on(const Error& error, std::chrono::seconds patience, bool waits) noexcept {
    if (!may_retry(error.kind) || !waits) return true;
    // Whose budget it is has chosen to wait for money, however long that takes.
    if (error.code == "budget.wait") return false;
    if (std::ranges::find(lasting, error.code) != lasting.end()) return true;
    return error.retry_after && *error.retry_after > patience;
}

SpeechChain::SpeechChain(std::vector<std::unique_ptr<SpeechToText>> engines,
                         std::chrono::seconds patience,
                         Skipped skipped)
    : engines_(std::move(engines)), patience_(patience), skipped_(std::move(skipped)) {}

std::string SpeechChain::name() const {
    std::string out;
    for (const auto& engine : engines_)
        out += (out.empty() ? "" : " -> ") + engine->name();
    return out;
}

Task<Result<Speech>> SpeechChain::transcribe(SpeechRequest request) {
    const bool waits = request.exchange != nullptr;
    for (std::size_t i = 0;; ++i) {
        auto copy = request;
        auto speech = co_await engines_[i]->transcribe(std::move(copy));
        const bool last = i + 1 == engines_.size();
        if (speech || last || request.stop.stop_requested()) co_return speech;
        if (!passes_on(speech.error(), patience_, waits)) co_return speech;
        if (skipped_) skipped_(engines_[i]->name(), speech.error());
    }
}

} // namespace hs::providers
