#include "pipeline/customer.hpp"

#include "domain/transcript_json.hpp"
#include "store/calls.hpp"

namespace hs::pipeline {

namespace {

std::string context_of(TranscriptId id) {
    return "transcripts.turns:" + id.str();
}

} // namespace

Task<analysis::KnownNames>
known_names(pg::Session& session, const MasterKey& keys, TenantId tenant, Call call) {
    analysis::KnownNames names;
    names.agent = call.agent_name;
    const auto sealed = co_await store::sealed_names(session, tenant, call.id);
    if (sealed.customer_name_sealed) {
        // A name that cannot be opened is not masked by name; the other detectors still work.
        auto opened = open_field(keys.tenant_key(tenant),
                                 "calls.customer_name:" + call.id.str(),
                                 *sealed.customer_name_sealed);
        if (opened) names.customer = *std::move(opened);
    }
    co_return names;
}

Bytes seal_transcript(const MasterKey& keys,
                      TenantId tenant,
                      TranscriptId id,
                      const Transcript& transcript) {
    const auto text = json::serialize(transcript_json(transcript));
    return seal_field(keys.tenant_key(tenant), keys.key_id(), context_of(id), text);
}

Result<Transcript>
open_transcript(const MasterKey& keys, TenantId tenant, TranscriptId id, ByteView sealed) {
    TRY(const auto text, open_field(keys.tenant_key(tenant), context_of(id), sealed));
    TRY(const auto document, parse_json(text));
    return read_transcript(document);
}

} // namespace hs::pipeline
