/// Reads the fields of an upload: every rule of the form in one place, all faults found at once.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/call.hpp"
#include "http/message.hpp"

namespace hs::api {

/// The call as sent, every field in its stored form; or all faults of the form.
/// `now` bounds call_timestamp; `region` reads phone numbers without a country code.
[[nodiscard]] std::expected<NewCall, std::vector<http::FieldError>>
read_call_form(const http::Form& form, Time now, std::string_view region);

/// Base name as sent: no path, no control characters, at most 255 bytes; may be empty.
[[nodiscard]] std::string safe_filename(std::string_view sent);

} // namespace hs::api
