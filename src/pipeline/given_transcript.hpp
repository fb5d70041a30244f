/// A transcript that somebody else has made becomes the call's: judged without hearing the call.
#pragma once

#include <string>
#include <vector>

#include "analysis/redaction.hpp"
#include "pipeline/ingest.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

/// The row of a transcript: sealed as it is, redacted for everybody else.
[[nodiscard]] store::TranscriptInsert transcript_insert(const Services& services,
                                                        TenantId tenant,
                                                        CallId call_id,
                                                        const Transcript& transcript,
                                                        const std::vector<SpottedPhrase>& spotted,
                                                        const analysis::KnownNames& names);

/// Blocks and computes. Reads it in any form that analysis::read_given_text knows. Errors: invalid
/// "json.invalid", "transcript.invalid", "transcript.empty"; too_large "transcript.too_large".
[[nodiscard]] Result<Transcript> read_given_file(int fd, std::uint64_t size);

/// A new version of the call's transcript, by which it is judged: at once, or as soon as the job
/// that makes its playback copy has measured the recording. Errors: not_found "call.not_found".
Task<Result<TranscriptId>>
give_transcript(const Services& services, Caller caller, CallId id, Transcript transcript);

} // namespace hs::pipeline
