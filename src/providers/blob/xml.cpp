#include "providers/blob/xml.hpp"

#include <charconv>
#include <cstdint>

#include "base/text.hpp"

namespace hs::providers {

namespace {

constexpr int deepest = 16;

std::unexpected<Error> malformed() {
    return fail(ErrorKind::upstream, "storage.reply", "the object store sent no usable XML");
}

Result<char32_t> character(std::string_view entity) {
    if (entity == "lt") return U'<';
    if (entity == "gt") return U'>';
    if (entity == "amp") return U'&';
    if (entity == "quot") return U'"';
    if (entity == "apos") return U'\'';
    if (!entity.starts_with('#')) return malformed();
    const bool hexadecimal = entity.starts_with("#x");
    const auto digits = entity.substr(hexadecimal ? 2 : 1);
    std::uint32_t code = 0;
    const auto [end, trouble] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, hexadecimal ? 16 : 10);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (trouble != std::errc() || end != digits.data() + digits.size() || code == 0 ||
        code > 0x10FFFF || surrogate)
        return malformed();
    return static_cast<char32_t>(code);
}

Result<std::string> unescaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto ampersand = text.find('&');
        out += text.substr(0, ampersand);
        if (ampersand == std::string_view::npos) break;
        const auto end = text.find(';', ampersand);
        if (end == std::string_view::npos) return malformed();
        TRY(const auto point, character(text.substr(ampersand + 1, end - ampersand - 1)));
        out += utf8(std::u32string_view(&point, 1));
        text.remove_prefix(end + 1);
    }
    return out;
}

class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    Result<XmlElement> document() {
        TRY_VOID(skip_prolog());
        TRY(auto root, element(0));
        TRY_VOID(skip_prolog());
        if (!rest_.empty()) return malformed();
        return root;
    }

private:
    bool take(std::string_view start) {
        if (!rest_.starts_with(start)) return false;
        rest_.remove_prefix(start.size());
        return true;
    }

    /// What stands before `end`, which is taken too.
    Result<std::string_view> until(std::string_view end) {
        const auto at = rest_.find(end);
        if (at == std::string_view::npos) return malformed();
        const auto found = rest_.substr(0, at);
        rest_.remove_prefix(at + end.size());
        return found;
    }

    Result<void> skip_prolog() {
        for (;;) {
            rest_ = trim(rest_);
            if (take("<?")) {
                TRY_VOID(until("?>"));
            } else if (take("<!--")) {
                TRY_VOID(until("-->"));
            } else {
                return {};
            }
        }
    }

    Result<XmlElement> element(int depth) {
        if (depth > deepest || !take("<")) return malformed();
        TRY(auto tag, until(">"));
        const bool empty = tag.ends_with('/');
        if (empty) tag.remove_suffix(1);
        const auto full_name = tag.substr(0, tag.find_first_of(" \t\r\n"));
        if (full_name.empty() || full_name.front() == '!' || full_name.front() == '/')
            return malformed();
        XmlElement out;
        out.name = full_name.substr(full_name.find(':') + 1);
        if (!empty) TRY_VOID(content(out, full_name, depth));
        return out;
    }

    Result<void> content(XmlElement& out, std::string_view full_name, int depth) {
        for (;;) {
            const auto next = rest_.find('<');
            if (next == std::string_view::npos) return malformed();
            TRY(const auto text, unescaped(rest_.substr(0, next)));
            out.text += text;
            rest_.remove_prefix(next);
            if (take("</")) {
                TRY(const auto closing, until(">"));
                if (trim(closing) != full_name) return malformed();
                return {};
            }
            if (take("<!--")) {
                TRY_VOID(until("-->"));
            } else if (take("<![CDATA[")) {
                TRY(const auto plain, until("]]>"));
                out.text += plain;
            } else {
                TRY(auto child, element(depth + 1));
                out.children.push_back(std::move(child));
            }
        }
    }

    std::string_view rest_;
};

} // namespace

const XmlElement* XmlElement::child(std::string_view wanted) const {
    for (const auto& element : children)
        if (element.name == wanted) return &element;
    return nullptr;
}

std::string XmlElement::child_text(std::string_view wanted) const {
    const auto* found = child(wanted);
    return found == nullptr ? std::string() : found->text;
}

Result<XmlElement> parse_xml(std::string_view text) {
    if (!valid_utf8(text)) return malformed();
    return Reader(text).document();
}

std::string xml_escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '&': out += "&amp;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

} // namespace hs::providers
