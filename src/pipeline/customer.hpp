/// Opens what is sealed, where it is needed and nowhere else: customer names for redaction, the
/// original words for judging.
#pragma once

#include "analysis/redaction.hpp"
#include "base/master_key.hpp"
#include "domain/call.hpp"
#include "domain/transcript.hpp"
#include "pg/session.hpp"

namespace hs::pipeline {

/// The names to mask in this call's words.
Task<analysis::KnownNames>
known_names(pg::Session& session, const MasterKey& keys, TenantId tenant, Call call);

[[nodiscard]] Bytes seal_transcript(const MasterKey& keys,
                                    TenantId tenant,
                                    TranscriptId id,
                                    const Transcript& transcript);
/// Errors: internal "crypto.tampered".
[[nodiscard]] Result<Transcript>
open_transcript(const MasterKey& keys, TenantId tenant, TranscriptId id, ByteView sealed);

} // namespace hs::pipeline
