/// Members of foreign JSON, read without trust: what is missing or of another type is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.hpp"

namespace hs::providers {

/// Empty when absent.
[[nodiscard]] std::string_view text_member(const json::object& object, std::string_view name);
[[nodiscard]] std::optional<double> number_member(const json::object& object,
                                                  std::string_view name);
/// 0 when absent or negative; at most a thousand million.
[[nodiscard]] std::int64_t count_member(const json::object& object, std::string_view name);
[[nodiscard]] const json::array* array_member(const json::object& object, std::string_view name);
[[nodiscard]] const json::object* object_member(const json::object& object, std::string_view name);

} // namespace hs::providers
