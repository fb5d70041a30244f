/// States and union territories of India.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hs {

/// ISO 3166-2 code ("IN-MH") of a state by its name, former names and "&" for "and" included.
[[nodiscard]] std::optional<std::string_view> state_code(std::string_view name);

/// Its present name by that code, in capitals as given.
[[nodiscard]] std::optional<std::string> state_name(std::string_view code);

} // namespace hs
