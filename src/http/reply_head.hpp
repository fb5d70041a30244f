/// The head of a reply: status line, the headers every reply carries, framing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "http/message.hpp"

namespace hs::http {

/// Adds what a handler may set but need not: caching, security headers of the content's kind.
void add_default_headers(const Request& request, Response& response);

/// Status line and headers with the empty line. `length`: of the body a GET would have; unset: it
/// comes in chunks.
[[nodiscard]] std::string
reply_head(const Response& response, std::optional<std::uint64_t> length, bool keep_alive);

} // namespace hs::http
