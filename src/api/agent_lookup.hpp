/// Agents named in a path or body by UUID, employee id or name (http-api 2, 4.2).
#pragma once

#include <expected>
#include <string>

#include "http/message.hpp"
#include "store/directory.hpp"

namespace hs::api {

/// The agent, or the reply that says why not: 404 "agent.not_found", 409 "agent.ambiguous" with
/// `candidates`. Outlived by `session` and `request`.
Task<std::expected<store::Agent, http::Response>>
agent_named(pg::Session& session, const http::Request& request, std::string identifier);

} // namespace hs::api
