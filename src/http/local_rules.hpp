/// Local mode: the caller is the local admin, so pages of other sites, rebound host names and
/// proxies must not reach us. Every rule here is about where a request comes from.
#pragma once

#include <cstdint>
#include <optional>

#include "base/error.hpp"
#include "http/cors.hpp"
#include "http/message.hpp"

namespace hs::http {

/// Errors: "proxy.refused" and "origin.refused" 403,
/// "host.unknown" 421.
[[nodiscard]] std::optional<Error>
local_refusal(const Request& request, std::uint16_t port, const Cors& cors);

} // namespace hs::http
