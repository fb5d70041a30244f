#include "base/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs {

namespace {

/// Bytes that can be copied as they are.
bool plain(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

void append_escaped(std::string& out, char32_t point) {
    switch (point) {
    case U'"': out += "\\\""; return;
    case U'\\': out += "\\\\"; return;
    case U'\b': out += "\\b"; return;
    case U'\f': out += "\\f"; return;
    case U'\n': out += "\\n"; return;
    case U'\r': out += "\\r"; return;
    case U'\t': out += "\\t"; return;
    default: break;
    }
    const bool control =
        point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0x2028 || point == 0x2029;
    if (control) {
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(point));
    } else {
        out += utf8({&point, 1});
    }
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        std::size_t run = 0;
        while (run < text.size() && plain(text[run]))
            ++run;
        out += text.substr(0, run);
        text.remove_prefix(run);
        std::size_t odd = 0;
        while (odd < text.size() && !plain(text[odd]))
            ++odd;
        for (const auto point : code_points(text.substr(0, odd)))
            append_escaped(out, point);
        text.remove_prefix(odd);
    }
    out += '"';
}

std::string json_number(double value) {
    if (!std::isfinite(value)) throw std::domain_error("JSON holds no infinite numbers");
    if (value == 0) return "0.0"; // negative zero too
    std::array<char, 400> text{};
    const double size = std::abs(value);
    const auto form =
        size >= 1e-6 && size < 1e21 ? std::chars_format::fixed : std::chars_format::scientific;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, form).ptr;
    std::string out(text.data(), end);
    if (out.find('.') == std::string::npos) out.insert(std::min(out.find('e'), out.size()), ".0");
    return out;
}

} // namespace hs
