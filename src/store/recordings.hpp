/// Where recordings lie, and which uploads have become calls.
#pragma once

#include <optional>
#include <string>

#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

/// The recording of the call lies there now.
Task<void>
set_audio_locator(pg::Session& session, TenantId tenant, CallId call, std::string locator);

/// The call that a finished idempotency key stands for.
Task<std::optional<CallId>>
call_of_key(pg::Session& session, TenantId tenant, std::string scope, std::string key);

} // namespace hs::store
