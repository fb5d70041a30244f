#include "api/field_text.hpp"

#include <string>

#include "base/text.hpp"

namespace hs::api {

bool printable_line(std::string_view text) {
    return valid_utf8(text) && !has_control_characters(text);
}

bool printable_lines(std::string_view text) {
    std::string rest(text);
    std::erase_if(rest, [](char c) { return c == '\n' || c == '\r' || c == '\t'; });
    return printable_line(rest);
}

} // namespace hs::api
