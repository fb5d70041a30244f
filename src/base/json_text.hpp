/// Writing JSON text without a document: shared by JsonWriter and the log.
#pragma once

#include <string>
#include <string_view>

namespace hs {

/// Appends `text` with quotes. Control characters (C1 and the line separators too) are escaped, so
/// that the result is safe in a terminal and on one line; bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// The text of a `num`: shortest round-trip decimal with a fraction ("0.0", "0.77").
/// Throws std::domain_error for a value that JSON cannot hold.
[[nodiscard]] std::string json_number(double value);

} // namespace hs
