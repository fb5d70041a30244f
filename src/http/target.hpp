/// The request target: path normal form, percent decoding, query.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace hs::http {

/// A target cut in two; both parts still percent-encoded.
struct Target {
    std::string path;      // "/x/y": one slash between segments, none at the end
    std::string query;     // without "?"
    std::string authority; // only when the target was sent in absolute form
};

/// Origin form ("/x?y") or absolute form ("http://host/x"). Errors: invalid "path.invalid".
[[nodiscard]] Result<Target> parse_target(std::string_view target);

/// nullopt when a "%" is not followed by two hex digits, or the result is no UTF-8 or holds NUL.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

/// Name and value pairs in the order sent; "+" is a blank. Errors: invalid "query.invalid".
[[nodiscard]] Result<std::vector<std::pair<std::string, std::string>>>
parse_query(std::string_view query);

} // namespace hs::http
