/// PostgreSQL's text forms of timestamps and arrays, read and written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace hs::pg {

/// "2026-02-03 08:35:12.480000+00"
[[nodiscard]] std::string timestamp_text(Time time);
/// Output of timestamptz with any numeric offset; "infinity" and "-infinity" give the ends of Time.
[[nodiscard]] std::optional<Time> parse_timestamp(std::string_view text);
/// `{a,"b c",NULL}`; NULL elements become empty. Empty input is an empty array.
[[nodiscard]] std::optional<std::vector<std::string>> parse_text_array(std::string_view text);

} // namespace hs::pg
