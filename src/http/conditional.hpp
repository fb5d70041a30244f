/// Conditional requests and ranges (RFC 9110 sections 13 and 14).
#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace hs::http {

/// Whether an If-None-Match value names `etag` (weak comparison) or is "*".
[[nodiscard]] bool if_none_match(std::string_view header, std::string_view etag);

/// Whether a change that was made for `etag` may go ahead: no If-Match, "*", or one that names it.
[[nodiscard]] bool if_match(const Request& request, std::string_view etag);

/// Turns a fresh GET or HEAD reply into 304 when the client's copy is current.
void answer_not_modified(const Request& request, Response& response);

/// A file as reply: 200, 206 for one Range (honouring If-Range), or 416. Several ranges and other
/// units are answered with the whole. `etag` must be strong: "\"…\"".
[[nodiscard]] Response
ranged(const Request& request, StreamBody whole, std::string content_type, std::string etag);

} // namespace hs::http
