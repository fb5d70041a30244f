#include "providers/json_members.hpp"

#include <algorithm>

namespace hs::providers {

std::string_view text_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    return value->get_string();
}

std::optional<double> number_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

std::int64_t count_member(const json::object& object, std::string_view name) {
    constexpr double most = 1e9;
    return static_cast<std::int64_t>(
        std::clamp(number_member(object, name).value_or(0), 0.0, most));
}

const json::array* array_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr ? value->if_array() : nullptr;
}

const json::object* object_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr ? value->if_object() : nullptr;
}

} // namespace hs::providers
