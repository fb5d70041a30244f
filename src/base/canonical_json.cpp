#include "base/canonical_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"

namespace hs {

namespace {

constexpr std::int64_t largest_exact = std::int64_t{1} << 53; // every integer to here is a double

/// What stands for a character inside quotes; empty when it stands for itself.
std::string_view short_escape(char c) {
    switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\b': return "\\b";
    case '\f': return "\\f";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return {};
    }
}

bool stands_for_itself(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

/// ECMAScript's Number::toString, which RFC 8785 prescribes.
std::string number_text(double value) {
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

void append_whole(std::string& out, std::int64_t value) {
    std::array<char, 24> buffer{};
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
    out.append(buffer.data(), end);
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

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool key_before(std::string_view a, std::string_view b) {
    return is_ascii(a) && is_ascii(b) ? a < b : utf16(a) < utf16(b);
}

void append_canonical(std::string& out, const json::value& value);

void append_canonical_object(std::string& out, const json::object& object) {
    std::vector<const json::key_value_pair*> members;
    members.reserve(object.size());
    for (const auto& member : object)
        members.push_back(&member);
    std::ranges::sort(members,
                      [](const auto* a, const auto* b) { return key_before(a->key(), b->key()); });
    out += '{';
    bool first = true;
    for (const auto* member : members) {
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
    case json::kind::int64: append_canonical_number(out, value.get_int64()); break;
    case json::kind::uint64:
        append_canonical_number(out, static_cast<double>(value.get_uint64()));
        break;
    case json::kind::double_: append_canonical_number(out, value.get_double()); break;
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

void append_canonical_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto plain = static_cast<std::size_t>(
            std::ranges::find_if_not(text, stands_for_itself) - text.begin());
        out += text.substr(0, plain);
        if (plain == text.size()) break;
        const char c = text[plain];
        if (const auto escape = short_escape(c); !escape.empty()) {
            out += escape;
        } else {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        }
        text.remove_prefix(plain + 1);
    }
    out += '"';
}

void append_canonical_number(std::string& out, double value) {
    // Most numbers are whole: no scientific form has to be taken apart again.
    if (std::abs(value) <= static_cast<double>(largest_exact) && value == std::trunc(value)) {
        append_whole(out, static_cast<std::int64_t>(value));
    } else {
        out += number_text(value);
    }
}

void append_canonical_number(std::string& out, std::int64_t value) {
    if (value >= -largest_exact && value <= largest_exact) {
        append_whole(out, value);
    } else {
        out += number_text(static_cast<double>(value));
    }
}

std::string canonical_json(const json::value& value) {
    std::string out;
    append_canonical(out, value);
    return out;
}

} // namespace hs
