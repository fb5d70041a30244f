/// Transcripts as JSON: the form of the bundled corpus and of `judge`'s input.
#pragma once

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

} // namespace hs::analysis
