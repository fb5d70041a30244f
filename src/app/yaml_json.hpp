/// YAML 1.2 (core schema) as JSON: what api/openapi.yaml and its examples are read with.
#pragma once

#include <filesystem>
#include <string>

#include "base/json.hpp"

namespace hs::app {

/// Throws std::runtime_error on text that is no YAML, and on a key that stands twice in a map.
[[nodiscard]] json::value json_of_yaml(const std::string& text);
[[nodiscard]] json::value json_of_yaml_file(const std::filesystem::path& file);

} // namespace hs::app
