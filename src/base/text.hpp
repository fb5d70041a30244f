/// Text: UTF-8 checks, normal forms and small string work.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hs {

[[nodiscard]] bool valid_utf8(std::string_view text);
[[nodiscard]] bool
has_control_characters(std::string_view text); ///< C0, DEL, C1; tab and newline too
[[nodiscard]] std::size_t character_count(std::string_view text); ///< code points
[[nodiscard]] std::string nfc(std::string_view text);             ///< text must be valid UTF-8
[[nodiscard]] std::string nfkc(std::string_view text);
/// Unicode lower case, runs of blanks joined, trimmed: the form of `name_key` columns.
[[nodiscard]] std::string name_key(std::string_view text);
[[nodiscard]] std::string to_lower(std::string_view text); ///< Unicode
[[nodiscard]] std::string_view trim(std::string_view text);
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);
[[nodiscard]] bool iequals_ascii(std::string_view a, std::string_view b);
/// At most `limit` bytes, never cutting a code point.
[[nodiscard]] std::string_view truncate_utf8(std::string_view text, std::size_t limit);
/// Code points of valid UTF-8.
[[nodiscard]] std::u32string code_points(std::string_view text);
[[nodiscard]] std::string utf8(std::u32string_view points);
/// Damerau-Levenshtein distance of two short texts, in code points.
[[nodiscard]] std::size_t edit_distance(std::u32string_view a, std::u32string_view b);

} // namespace hs
