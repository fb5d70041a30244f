/// The small decisions of an upload, one function each: used by pipeline/ingest.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/ingest.hpp"

namespace hs::pipeline {

/// The best match wins; several of the same rank are ambiguous (409), none is unknown (400).
[[nodiscard]] std::expected<store::Agent, Refusal>
choose_agent(const std::vector<store::AgentMatch>& matches);
[[nodiscard]] std::expected<store::City, Refusal>
choose_city(const std::vector<store::CityMatch>& matches);

/// The category's name as it is configured, or `sent` itself: any text will do, unless categories
/// are `strict`, when a text on no list is refused (400) with names like it.
Task<std::expected<std::string, Refusal>>
choose_category(pg::Session& session, TenantId tenant, std::string sent, bool strict);

/// At most five names near `wanted`, nearest first.
[[nodiscard]] std::vector<std::string> closest_names(std::string_view wanted,
                                                     const std::vector<std::string>& names);
Task<std::vector<std::string>> agent_names(pg::Session& session, TenantId tenant);
Task<std::vector<std::string>> city_names(pg::Session& session, TenantId tenant);
Task<std::vector<std::string>> category_names(pg::Session& session, TenantId tenant);

[[nodiscard]] std::unexpected<Refusal> external_id_exists(CallId known);

/// The form fields as they were accepted: fingerprint and sidecar.
[[nodiscard]] json::object form_json(const NewCall& call);

/// The row of the call with its customer fields sealed; agent, city and locator are still to come.
[[nodiscard]] store::CallInsert call_insert(const Caller& caller,
                                            const MasterKey& keys,
                                            CallId id,
                                            Time created_at,
                                            const NewCall& call,
                                            const AudioFacts& facts);

/// Stores the recording with its sealed sidecar beside it.
[[nodiscard]] Result<void>
keep_upload(const Services& services, const providers::NewBlob& recording, const std::string& form);

[[nodiscard]] queue::NewJob transcribe_job(CallId call);
/// Asked for by name: what is heard takes the place of the transcript that is current now. One that
/// somebody gives later stays.
[[nodiscard]] queue::NewJob hear_again_job(CallId call, std::optional<TranscriptId> instead_of);

} // namespace hs::pipeline
