/// What a provider's HTTP status and headers mean for us; shared by all adapters.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/http_client.hpp"

namespace hs::providers {

/// When the provider asks to come back: retry-after-ms, Retry-After in seconds or as a date, else
/// the reset of a used-up x-ratelimit-*. At most a day. `now` serves when the reply has no Date.
[[nodiscard]] std::optional<std::chrono::seconds> retry_after(const InboundReply& reply, Time now);

/// The error of a reply whose status is not 2xx; its body is never quoted.
///
/// prefix   "speech" or "model": the first word of the code
/// errors   forbidden "<prefix>.denied" (401, 403); rate_limited "<prefix>.rate_limited" (429);
///          unavailable "<prefix>.unavailable" (408, 409, 425, 5xx); upstream "<prefix>.refused"
[[nodiscard]] Error status_error(const std::string& prefix, const InboundReply& reply, Time now);

} // namespace hs::providers
