#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs {

double round_half_away(double value, int digits) {
    std::array<char, 400> buffer{};
    const auto end =
        std::to_chars(
            buffer.data(), buffer.data() + buffer.size(), std::abs(value), std::chars_format::fixed)
            .ptr;
    std::string text(buffer.data(), end);
    const auto point = text.find('.');
    const auto kept = point + 1 + static_cast<std::size_t>(std::max(digits, 0));
    if (!std::isfinite(value) || point == std::string::npos || text.size() <= kept) return value;
    const bool up = text[kept] >= '5';
    text.resize(kept);
    for (std::size_t i = text.size(); up; --i) {
        if (i == 0) {
            text.insert(text.begin(), '1');
            break;
        }
        char& digit = text[i - 1];
        if (digit == '.') continue;
        digit = digit == '9' ? '0' : static_cast<char>(digit + 1);
        if (digit != '0') break;
    }
    double rounded = 0;
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    return value < 0 ? -rounded : rounded;
}

namespace {

/// ECMAScript's Number::toString, which RFC 8785 prescribes.
std::string canonical_number(double value) {
    if (value == 0) return "0";
    std::array<char, 64> buffer{};
    const auto end = std::to_chars(buffer.data(),
                                   buffer.data() + buffer.size(),
                                   std::abs(value),
                                   std::chars_format::scientific)
                         .ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const auto e = text.find('e');
    std::string digits;
    std::ranges::copy_if(
        text.substr(0, e), std::back_inserter(digits), [](char c) { return c != '.'; });
    int exponent = 0;
    const auto* from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
    std::from_chars(from, end, exponent);
    const int count = static_cast<int>(digits.size());
    const int n = exponent + 1; // places before the decimal point
    const std::string sign = value < 0 ? "-" : "";
    if (count <= n && n <= 21)
        return sign + digits + std::string(static_cast<std::size_t>(n - count), '0');
    if (0 < n && n <= 21) return sign + digits.insert(static_cast<std::size_t>(n), ".");
    if (-6 < n && n <= 0)
        return sign + "0." + std::string(static_cast<std::size_t>(-n), '0') + digits;
    if (count > 1) digits.insert(1, ".");
    return fmt::format("{}{}e{}{}", sign, digits, n > 0 ? "+" : "-", std::abs(n - 1));
}

void append_canonical_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
        case '"': out += "\\\""; break;
        case '\\': out += "\\\\"; break;
        case '\b': out += "\\b"; break;
        case '\f': out += "\\f"; break;
        case '\n': out += "\\n"; break;
        case '\r': out += "\\r"; break;
        case '\t': out += "\\t"; break;
        default:
            if (static_cast<unsigned char>(c) < 0x20) {
                out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
            } else {
                out += c;
            }
        }
    }
    out += '"';
}

/// The order RFC 8785 asks for: by UTF-16 code units, so U+1F600 comes before U+FB33.
std::u16string utf16(std::string_view text) {
    std::u16string out;
    for (const auto point : code_points(text)) {
        if (point < 0x10000) {
            out += static_cast<char16_t>(point);
        } else {
            out += static_cast<char16_t>(0xD7C0 + (point >> 10));
            out += static_cast<char16_t>(0xDC00 + (point & 0x3FF));
        }
    }
    return out;
}

void append_canonical(std::string& out, const json::value& value);

void append_canonical_object(std::string& out, const json::object& object) {
    std::vector<std::pair<std::u16string, const json::key_value_pair*>> members;
    for (const auto& member : object)
        members.emplace_back(utf16(member.key()), &member);
    std::ranges::sort(members, {}, [](const auto& entry) -> const auto& { return entry.first; });
    out += '{';
    bool first = true;
    for (const auto& [sort_key, member] : members) {
        if (!first) out += ',';
        first = false;
        append_canonical_string(out, member->key());
        out += ':';
        append_canonical(out, member->value());
    }
    out += '}';
}

void append_canonical(std::string& out, const json::value& value) {
    switch (value.kind()) {
    case json::kind::null: out += "null"; break;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case json::kind::int64: out += canonical_number(static_cast<double>(value.get_int64())); break;
    case json::kind::uint64:
        out += canonical_number(static_cast<double>(value.get_uint64()));
        break;
    case json::kind::double_: out += canonical_number(value.get_double()); break;
    case json::kind::string: append_canonical_string(out, value.get_string()); break;
    case json::kind::array: {
        out += '[';
        bool first = true;
        for (const auto& item : value.get_array()) {
            if (!first) out += ',';
            first = false;
            append_canonical(out, item);
        }
        out += ']';
        break;
    }
    case json::kind::object: append_canonical_object(out, value.get_object()); break;
    }
}

} // namespace

std::string canonical_json(const json::value& value) {
    std::string out;
    append_canonical(out, value);
    return out;
}

} // namespace hs
