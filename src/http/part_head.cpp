#include "http/part_head.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "http/grammar.hpp"

namespace hs::http {

namespace {

std::unexpected<Error> malformed(std::string why) {
    return fail(ErrorKind::invalid, "multipart.malformed", std::move(why));
}

/// Reads a quoted string whose opening quote was taken; false when it does not end.
bool take_quoted(std::string_view& rest, std::string& out) {
    while (!rest.empty()) {
        const char c = rest.front();
        rest.remove_prefix(1);
        if (c == '"') return true;
        // Only these two are escapes: some clients send paths with plain backslashes.
        if (c == '\\' && !rest.empty() && (rest.front() == '"' || rest.front() == '\\')) {
            out += rest.front();
            rest.remove_prefix(1);
        } else {
            out += c;
        }
    }
    return false;
}

/// A label, not a path: bytes that are no UTF-8 (old recorders) become "_".
std::string readable(std::string name) {
    if (valid_utf8(name)) return name;
    for (char& c : name)
        if (static_cast<unsigned char>(c) >= 0x80) c = '_';
    return name;
}

Result<void> read_disposition(std::string_view value, PartHead& head) {
    const auto type = trim(value.substr(0, value.find(';')));
    if (!iequals_ascii(type, "form-data"))
        return malformed("A part's Content-Disposition is not form-data.");
    TRY(auto name, header_parameter(value, "name"));
    if (!name || name->empty()) return malformed("A part has no name.");
    if (!valid_utf8(*name) || has_control_characters(*name))
        return fail(ErrorKind::invalid, "field.encoding", "A field's name is not valid UTF-8.");
    head.name = std::move(*name);
    TRY(auto filename, header_parameter(value, "filename"));
    if (filename) head.filename = readable(std::move(*filename));
    return {};
}

Result<void> read_line(std::string_view line, PartHead& head) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
        return malformed("A part has a malformed header.");
    const auto name = line.substr(0, colon);
    const auto value = trim(line.substr(colon + 1));
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        return malformed("A part has a malformed header.");
    if (iequals_ascii(name, "content-disposition")) {
        if (!head.name.empty()) return malformed("A part has two Content-Disposition headers.");
        return read_disposition(value, head);
    }
    if (iequals_ascii(name, "content-type")) head.content_type = value;
    if (iequals_ascii(name, "content-transfer-encoding") && !iequals_ascii(value, "binary") &&
        !iequals_ascii(value, "8bit") && !iequals_ascii(value, "7bit"))
        return malformed("Parts with a transfer encoding are not taken.");
    return {};
}

} // namespace

Result<std::optional<std::string>> header_parameter(std::string_view value, std::string_view name) {
    std::optional<std::string> found;
    auto rest = value.substr(std::min(value.find(';'), value.size()));
    while (!rest.empty()) {
        rest = trim(rest.substr(1)); // the semicolon
        if (rest.empty()) break;
        const auto equals = rest.find_first_of("=;");
        if (equals == std::string_view::npos || rest[equals] == ';')
            return malformed("A header's parameter has no value.");
        const auto key = trim(rest.substr(0, equals));
        rest = trim(rest.substr(equals + 1));
        std::string text;
        if (!rest.empty() && rest.front() == '"') {
            rest.remove_prefix(1);
            if (!take_quoted(rest, text)) return malformed("A quoted value does not end.");
            rest = trim(rest);
            if (!rest.empty() && rest.front() != ';')
                return malformed("Text follows a quoted value.");
        } else {
            const auto end = std::min(rest.find(';'), rest.size());
            text = trim(rest.substr(0, end));
            rest.remove_prefix(end);
        }
        if (!iequals_ascii(key, name)) continue;
        if (found) return malformed("A header's parameter is repeated.");
        found = std::move(text);
    }
    return found;
}

Result<PartHead> parse_part_head(std::string_view text) {
    PartHead head;
    while (!text.empty()) {
        const auto end = std::min(text.find("\r\n"), text.size());
        TRY_VOID(read_line(text.substr(0, end), head));
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    if (head.name.empty()) return malformed("A part has no Content-Disposition.");
    return head;
}

} // namespace hs::http
