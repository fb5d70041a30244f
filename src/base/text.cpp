#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include <utf8proc.h>

namespace hs {

namespace {

const utf8proc_uint8_t* raw(std::string_view text) {
    return reinterpret_cast<const utf8proc_uint8_t*>(text.data());
}

bool ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Takes the first code point off `rest`; a byte that starts none comes back as -1.
std::int32_t next_point(std::string_view& rest) {
    utf8proc_int32_t point = -1;
    const auto size =
        utf8proc_iterate(raw(rest), static_cast<utf8proc_ssize_t>(rest.size()), &point);
    rest.remove_prefix(size > 0 ? static_cast<std::size_t>(size) : 1);
    return size > 0 ? point : -1;
}

void append_point(std::string& out, std::int32_t point) {
    std::array<utf8proc_uint8_t, 4> bytes{};
    const auto size = utf8proc_encode_char(point, bytes.data());
    out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(size));
}

std::string mapped(std::string_view text, unsigned options) {
    if (ascii(text)) return std::string(text);
    utf8proc_uint8_t* result = nullptr;
    const auto size = utf8proc_map(raw(text),
                                   static_cast<utf8proc_ssize_t>(text.size()),
                                   &result,
                                   static_cast<utf8proc_option_t>(options));
    const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(result, &std::free);
    if (size < 0) throw std::invalid_argument("text is not valid UTF-8");
    return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(size)};
}

bool ascii_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool blank(std::int32_t point) {
    if (point < 0x80) return point >= 0 && ascii_blank(static_cast<char>(point));
    if (point == 0x85 || point == 0x2028 || point == 0x2029) return true;
    return utf8proc_category(point) == UTF8PROC_CATEGORY_ZS;
}

} // namespace

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        if (static_cast<unsigned char>(text.front()) < 0x80) {
            text.remove_prefix(1);
        } else if (next_point(text) < 0) {
            return false;
        }
    }
    return true;
}

bool has_control_characters(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        if (byte != 0xC2 || i + 1 == text.size()) continue;
        const auto next = static_cast<unsigned char>(text[i + 1]);
        if (next >= 0x80 && next <= 0x9F) return true;
    }
    return false;
}

std::size_t character_count(std::string_view text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string nfc(std::string_view text) {
    return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string nfkc(std::string_view text) {
    return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
}

std::string to_lower(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto before = text;
        const auto point = next_point(text);
        if (point < 0) {
            out += before.front();
        } else {
            append_point(out, utf8proc_tolower(point));
        }
    }
    return out;
}

std::string name_key(std::string_view text) {
    const auto composed = nfc(text);
    std::string_view rest = composed;
    std::string out;
    bool pending_blank = false;
    while (!rest.empty()) {
        const auto point = next_point(rest);
        if (blank(point)) {
            pending_blank = !out.empty();
            continue;
        }
        if (pending_blank) out += ' ';
        pending_blank = false;
        append_point(out, utf8proc_tolower(point));
    }
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && ascii_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && ascii_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    for (;;) {
        const auto at = text.find(separator);
        out.push_back(text.substr(0, at));
        if (at == std::string_view::npos) return out;
        text.remove_prefix(at + 1);
    }
}

bool iequals_ascii(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view truncate_utf8(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text;
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80)
        --limit;
    return text.substr(0, limit);
}

std::u32string code_points(std::string_view text) {
    std::u32string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto point = next_point(text);
        out += point < 0 ? U'\uFFFD' : static_cast<char32_t>(point);
    }
    return out;
}

std::string utf8(std::u32string_view points) {
    std::string out;
    out.reserve(points.size());
    for (const auto point : points)
        append_point(out, static_cast<std::int32_t>(point));
    return out;
}

std::size_t edit_distance(std::u32string_view a, std::u32string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        above[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, above);
        std::swap(above, row);
    }
    return above[b.size()];
}

} // namespace hs
