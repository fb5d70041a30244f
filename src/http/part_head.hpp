/// Headers of one part of multipart/form-data.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "http/multipart.hpp"

namespace hs::http {

/// `text`: header lines without the empty line that ends them. Errors: invalid
/// "multipart.malformed", "field.encoding".
[[nodiscard]] Result<PartHead> parse_part_head(std::string_view text);

/// Value of parameter `name` of "type/sub; a=b; c=\"d\"", quotes and escapes resolved; nullopt when
/// absent. Errors: invalid "multipart.malformed" when the parameters cannot be read.
[[nodiscard]] Result<std::optional<std::string>> header_parameter(std::string_view value,
                                                                  std::string_view name);

} // namespace hs::http
