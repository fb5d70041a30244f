/// What the replies of speech engines have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"
#include "providers/json_members.hpp"

namespace hs::providers {

[[nodiscard]] std::unexpected<Error> invalid_reply(const char* message);

/// The reply's object. Errors: unavailable "speech.invalid_reply".
[[nodiscard]] Result<json::object> reply_object(std::string_view body);

/// Whole milliseconds of seconds as engines give them; nonsense is cut to [0, 1e6 s].
[[nodiscard]] int milliseconds_of(std::optional<double> seconds);

/// A tag for a language's English name or three-letter code; else the text in lower case.
[[nodiscard]] std::string language_tag_of(std::string_view name);

/// "en" of "en-IN"; empty when the tag does not begin with two letters.
[[nodiscard]] std::string two_letter_language(std::string_view tag);

} // namespace hs::providers
