#include "http/target.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hs::http {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string collapse_slashes(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    for (const char c : path)
        if (c != '/' || out.empty() || out.back() != '/') out += c;
    if (out.size() > 1 && out.back() == '/') out.pop_back();
    return out;
}

bool decodable(std::string_view path) {
    return percent_decode(path).has_value();
}

} // namespace

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_digit(text[i + 1]);
        const int low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    if (!valid_utf8(out) || out.find('\0') != std::string::npos) return std::nullopt;
    return out;
}

Result<Target> parse_target(std::string_view target) {
    const auto invalid = [] {
        return fail(ErrorKind::invalid, "path.invalid", "The request target is malformed.");
    };
    Target parts;
    if (const std::string_view scheme = "http://";
        iequals_ascii(target.substr(0, scheme.size()), scheme)) {
        target.remove_prefix(scheme.size());
        const auto end = std::min(target.find_first_of("/?"), target.size());
        parts.authority = target.substr(0, end);
        target.remove_prefix(end);
        if (parts.authority.empty() || parts.authority.find('@') != std::string::npos)
            return invalid();
        if (target.empty() || target.front() == '?') parts.path = "/";
    } else if (target.empty() || target.front() != '/') {
        return invalid();
    }
    if (target.find('#') != std::string_view::npos) return invalid();
    const auto mark = target.find('?');
    if (parts.path.empty()) parts.path = collapse_slashes(target.substr(0, mark));
    if (mark != std::string_view::npos) parts.query = target.substr(mark + 1);
    if (!decodable(parts.path)) return invalid();
    return parts;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    if (query.empty()) return pairs;
    for (const auto piece : split(query, '&')) {
        if (piece.empty()) continue;
        const auto equals = piece.find('=');
        std::string name(piece.substr(0, equals));
        std::string value(equals == std::string_view::npos ? "" : piece.substr(equals + 1));
        std::ranges::replace(name, '+', ' ');
        std::ranges::replace(value, '+', ' ');
        auto decoded_name = percent_decode(name);
        auto decoded_value = percent_decode(value);
        if (!decoded_name || !decoded_value)
            return fail(ErrorKind::invalid,
                        "query.invalid",
                        "The query is not valid percent-encoded UTF-8.");
        pairs.emplace_back(std::move(*decoded_name), std::move(*decoded_value));
    }
    return pairs;
}

} // namespace hs::http
