/// The facts of a recording as JSON: kept with its row, so that a later judgement measures the same
/// conversation without decoding again.
#pragma once

#include <optional>

#include "base/json.hpp"
#include "domain/audio_facts.hpp"

namespace hs {

[[nodiscard]] json::object audio_facts_json(const AudioFacts& facts);
/// Nullopt when the document is not one of ours.
[[nodiscard]] std::optional<AudioFacts> read_audio_facts(const json::value& document);

} // namespace hs
