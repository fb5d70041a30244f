#include "api/json_members.hpp"

#include <algorithm>

namespace hs::api {

namespace {

/// The place after the string that begins at `at`.
std::size_t after_string(std::string_view text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return at + 1;
}

/// The place after the value that begins at `at`: of a comma or bracket that is not inside it.
std::size_t after_value(std::string_view text, std::size_t at) {
    for (int depth = 0; at < text.size();) {
        const char c = text[at];
        if (depth == 0 && (c == ',' || c == '}')) break;
        if (c == '{' || c == '[') ++depth;
        if (c == '}' || c == ']') --depth;
        at = c == '"' ? after_string(text, at) : at + 1;
    }
    return at;
}

} // namespace

std::string only_members(std::string_view object, const std::vector<std::string>& names) {
    std::string out = "{";
    for (std::size_t at = 1; at < object.size() && object[at] == '"';) {
        const auto key_end = after_string(object, at);
        const auto end = after_value(object, key_end + 1);
        const auto key = object.substr(at + 1, key_end - at - 2);
        if (std::ranges::find(names, key) != names.end()) {
            if (out.size() > 1) out += ',';
            out += object.substr(at, end - at);
        }
        at = end + 1;
    }
    return out + "}";
}

} // namespace hs::api
