/// Transcripts as JSON: the form of the bundled corpus and of `judge`'s input.
#pragma once

#include <string_view>

#include "analysis/judge.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

/// A call as given: {language, duration?, machine?, transcript: [{turn?, speaker, start, end,
/// text, language?, confidence?}]} with times in seconds; `speaker` is agent, customer or a label.
struct GivenCall {
    Transcript transcript;
    CallContext context; // issue_category, call_context, preferred_language
};

/// Errors: invalid "transcript.invalid" naming the field.
[[nodiscard]] Result<GivenCall> read_given_call(const json::value& document);

/// Whether a text begins as a transcript does: a JSON object, WebVTT or SubRip. By content.
[[nodiscard]] bool looks_like_transcript(std::string_view beginning);

/// A finished transcript in any form we know: ours, the one we serve, and those of
/// domain/foreign_transcript.hpp. Errors: invalid "json.invalid", "transcript.invalid".
[[nodiscard]] Result<GivenCall> read_given_text(std::string_view text);

} // namespace hs::analysis
