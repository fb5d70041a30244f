/// Request ids: the client's when it is well formed, else a ULID of ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hs::http {

/// `sent`: value of X-Request-Id, if any. 1-128 characters of [A-Za-z0-9._-] are echoed.
[[nodiscard]] std::string request_id(std::optional<std::string_view> sent);

/// 26 characters that sort by time: 48 bits of milliseconds, 80 random bits.
[[nodiscard]] std::string make_ulid();

/// The trace id of a valid W3C traceparent.
[[nodiscard]] std::optional<std::string> trace_id(std::string_view traceparent);

} // namespace hs::http
