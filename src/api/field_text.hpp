/// Which characters a text that somebody sends may have (http-api 2).
#pragma once

#include <string_view>

namespace hs::api {

/// UTF-8 without control characters.
[[nodiscard]] bool printable_line(std::string_view text);
/// The same, but for line breaks and tabs: what people write at length has them.
[[nodiscard]] bool printable_lines(std::string_view text);

} // namespace hs::api
