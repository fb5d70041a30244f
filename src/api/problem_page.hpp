/// What stands at the address in the `type` of every problem.
#pragma once

#include <string_view>

#include "http/message.hpp"

namespace hs::api {

/// JSON, or a small page for a browser; 404 for a code without a title of its own.
[[nodiscard]] http::Response problem_page(const http::Request& request);

/// Whether an Accept header names text/html and wants nothing of JSON's kind more.
[[nodiscard]] bool prefers_html(std::string_view accept);

} // namespace hs::api
