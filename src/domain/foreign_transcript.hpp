/// Finished transcripts in the forms of other programs: OpenAI's verbose_json and diarized_json,
/// Amazon Transcribe, its Call Analytics and Contact Lens, WebVTT and SubRip.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "domain/transcript.hpp"

namespace hs {

/// None when the document has none of the known forms.
/// Errors: invalid "transcript.invalid" with what is wrong.
[[nodiscard]] Result<std::optional<Transcript>>
read_foreign_transcript(const json::value& document);

/// Whether a text begins as WebVTT or SubRip does.
[[nodiscard]] bool looks_like_subtitles(std::string_view text);

/// A cue becomes a turn; "<v Agent>" or "Agent:" in front names the speaker. Markup is left out.
/// Errors: invalid "transcript.invalid" with the line that is wrong.
[[nodiscard]] Result<Transcript> read_subtitles(std::string_view text);

} // namespace hs
