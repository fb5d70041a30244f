#include "analysis/rules/lexer.hpp"

#include <array>
#include <charconv>

namespace hs::analysis {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '@';
}

bool name_letter(char c) {
    return name_start(c) ? c != '@' : is_digit(c);
}

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<Lex> run() {
        while (skip_blanks()) {
            const auto offset = at_;
            auto item = next();
            item.offset = offset;
            items_.push_back(std::move(item));
            if (items_.back().kind == LexKind::bad) break;
        }
        items_.push_back({LexKind::end, {}, 0, false, text_.size()});
        return std::move(items_);
    }

private:
    [[nodiscard]] char here(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    bool skip_blanks() {
        while (at_ < text_.size()) {
            const char c = here();
            if (c == '#') {
                while (at_ < text_.size() && here() != '\n')
                    ++at_;
            } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
                ++at_;
            } else {
                return true;
            }
        }
        return false;
    }

    Lex next() {
        const char c = here();
        if (c == '"') return quoted();
        if (is_digit(c) || (c == '-' && is_digit(here(1)))) return number();
        if (name_start(c)) return name();
        return sign();
    }

    Lex quoted() {
        const auto end = text_.find('"', at_ + 1);
        if (end == std::string_view::npos) return {LexKind::bad, "a string without its end"};
        Lex item{LexKind::string, std::string(text_.substr(at_ + 1, end - at_ - 1))};
        at_ = end + 1;
        return item;
    }

    Lex number() {
        auto end = at_ + 1;
        while (end < text_.size() && is_digit(text_[end]))
            ++end;
        bool whole = true;
        // "0.5" has a fraction, "1..5" is a range.
        if (end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1])) {
            whole = false;
            for (++end; end < text_.size() && is_digit(text_[end]);)
                ++end;
        }
        Lex item{LexKind::number, std::string(text_.substr(at_, end - at_)), 0, whole};
        std::from_chars(item.text.data(), item.text.data() + item.text.size(), item.number);
        at_ = end;
        return item;
    }

    Lex name() {
        auto end = at_ + 1;
        while (end < text_.size()) {
            const char c = text_[end];
            const bool inner =
                (c == '.' || c == '-') && end + 1 < text_.size() && name_letter(text_[end + 1]);
            if (!name_letter(c) && !inner) break;
            ++end;
        }
        Lex item{LexKind::name, std::string(text_.substr(at_, end - at_))};
        at_ = end;
        return item;
    }

    Lex sign() {
        static constexpr std::array<std::string_view, 14> signs = {
            "..", "<=", ">=", "!=", "<", ">", "=", "(", ")", "[", "]", ",", "/", "%"};
        for (const auto text : signs) {
            if (!text_.substr(at_).starts_with(text)) continue;
            at_ += text.size();
            return {LexKind::sign, std::string(text)};
        }
        return {LexKind::bad, "a sign that has no meaning here"};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::vector<Lex> items_;
};

} // namespace

std::vector<Lex> lex(std::string_view text) {
    return Lexer(text).run();
}

} // namespace hs::analysis
