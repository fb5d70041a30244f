/// What stands at the address in the `type` of every problem.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace hs::api {

/// What docs/reference/errors.md says of a code, without its marks.
struct CodeHelp {
    std::string meaning;
    std::string remedy;
};

using CodeHelps = std::map<std::string, CodeHelp, std::less<>>;

/// The rows `| code | status | meaning | what to do |` of that page.
[[nodiscard]] CodeHelps read_code_helps(std::string_view markdown);

/// JSON, or a small page for a browser; 404 for a code without a title of its own.
[[nodiscard]] http::Response problem_page(const http::Request& request, const CodeHelps& helps);

/// Whether an Accept header names text/html and wants nothing of JSON's kind more.
[[nodiscard]] bool prefers_html(std::string_view accept);

} // namespace hs::api
