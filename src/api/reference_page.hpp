/// The API reference as one page of HTML without scripts, made from the OpenAPI document.
#pragma once

#include <string>

#include "base/json.hpp"

namespace hs::api {

/// Where the page finds its style.
inline constexpr const char* reference_style_path = "/docs/reference.css";

/// `document`: OpenAPI 3.1 with components, paths and tags, as this project writes it. Parts it
/// does not know are left out; text of the document is escaped.
[[nodiscard]] std::string reference_page(const json::value& document);
[[nodiscard]] std::string reference_style();

} // namespace hs::api
