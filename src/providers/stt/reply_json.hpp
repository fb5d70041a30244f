/// Members of foreign JSON, read without trust: what is missing or of another type is absent.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/json.hpp"

namespace hs::providers {

[[nodiscard]] std::unexpected<Error> invalid_reply(const char* message);

/// The reply's object. Errors: unavailable "speech.invalid_reply".
[[nodiscard]] Result<json::object> reply_object(std::string_view body);

[[nodiscard]] std::string_view text_member(const json::object& object, std::string_view name);
[[nodiscard]] std::optional<double> number_member(const json::object& object,
                                                  std::string_view name);
[[nodiscard]] const json::array* array_member(const json::object& object, std::string_view name);
[[nodiscard]] const json::object* object_member(const json::object& object, std::string_view name);

/// Whole milliseconds of seconds as engines give them; nonsense is cut to [0, 1e6 s].
[[nodiscard]] int milliseconds_of(std::optional<double> seconds);

/// A tag for a language's English name or three-letter code; else the text in lower case.
[[nodiscard]] std::string language_tag_of(std::string_view name);

/// "en" of "en-IN"; empty when the tag does not begin with two letters.
[[nodiscard]] std::string two_letter_language(std::string_view tag);

} // namespace hs::providers
