/// Speech engines by the names that settings know them by.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.hpp"
#include "app/resources.hpp"
#include "base/error.hpp"
#include "base/http_client.hpp"
#include "providers/stt/speech_chain.hpp"

namespace hs::app {

/// The names in "deepgram -> openai -> embedded", in order. Errors: invalid "config.invalid".
[[nodiscard]] Result<std::vector<std::string>> speech_chain_names(std::string_view text);

/// STT_CHAIN, or STT_ENGINE alone when there is no chain. `skipped` is told of engines that a chain
/// passed over; it may be empty. Errors: invalid "config.invalid" (a key, file or program that the
/// engine needs is missing).
[[nodiscard]] Result<std::unique_ptr<providers::SpeechToText>>
make_speech_engine(const Config& config,
                   const Resources& resources,
                   HttpClient& client,
                   providers::SpeechChain::Skipped skipped = {});

/// Where recordings may be sent.
[[nodiscard]] std::vector<std::string> speech_places(const Config& config);

} // namespace hs::app
