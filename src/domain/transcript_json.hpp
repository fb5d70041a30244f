/// The one JSON form of a transcript: stored (sealed or redacted), hashed and served.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "domain/transcript.hpp"

namespace hs {

/// All members, words included; times in milliseconds.
[[nodiscard]] json::object transcript_json(const Transcript& transcript);
/// Errors: invalid "transcript.invalid" with the place that is wrong.
[[nodiscard]] Result<Transcript> read_transcript(const json::value& document);

[[nodiscard]] json::array spotted_json(const std::vector<SpottedPhrase>& spotted);
[[nodiscard]] std::vector<SpottedPhrase> read_spotted(const json::value& document);

/// SHA-256 of the canonical JSON, hex.
[[nodiscard]] std::string transcript_hash(const Transcript& transcript);

} // namespace hs
