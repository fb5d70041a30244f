/// Choosing members of an object that is written already.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hs::api {

/// The named members of `object`, their bytes as they stand, in the order they stand in. `object`
/// is as JsonWriter writes it: valid, without blanks between its parts.
[[nodiscard]] std::string only_members(std::string_view object,
                                       const std::vector<std::string>& names);

} // namespace hs::api
