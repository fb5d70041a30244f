#include "pg/text_format.hpp"

#include <charconv>

#include <fmt/format.h>

namespace hs::pg {

using namespace std::chrono;

std::string timestamp_text(Time time) {
    if (time == Time::max()) return "infinity";
    if (time == Time::min()) return "-infinity";
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00",
                       int(date.year()),
                       unsigned(date.month()),
                       unsigned(date.day()),
                       clock.hours().count(),
                       clock.minutes().count(),
                       clock.seconds().count(),
                       clock.subseconds().count());
}

namespace {

/// Reads decimal numbers and fixed characters off the front of a text.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool character(char wanted) {
        if (text_.empty() || text_.front() != wanted) return false;
        text_.remove_prefix(1);
        return true;
    }

    bool number(int& out) {
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), out);
        if (error != std::errc{} || out < 0) return false;
        text_.remove_prefix(std::size_t(end - text_.data()));
        return true;
    }

    /// Digits after the point, as microseconds.
    bool fraction(int& micros) {
        micros = 0;
        int digits = 0;
        while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9') {
            if (digits < 6) micros = micros * 10 + (text_.front() - '0');
            ++digits;
            text_.remove_prefix(1);
        }
        for (int i = digits; i < 6; ++i)
            micros *= 10;
        return digits > 0;
    }

    [[nodiscard]] bool done() const { return text_.empty(); }

private:
    std::string_view text_;
};

std::optional<seconds> scan_offset(Scanner& scan) {
    const bool minus = scan.character('-');
    if (!minus && !scan.character('+')) return std::nullopt;
    int parts[3] = {0, 0, 0};
    if (!scan.number(parts[0])) return std::nullopt;
    if (scan.character(':') && !scan.number(parts[1])) return std::nullopt;
    if (scan.character(':') && !scan.number(parts[2])) return std::nullopt;
    const auto offset = hours(parts[0]) + minutes(parts[1]) + seconds(parts[2]);
    return minus ? -offset : offset;
}

} // namespace

std::optional<Time> parse_timestamp(std::string_view text) {
    if (text == "infinity") return Time::max();
    if (text == "-infinity") return Time::min();
    Scanner scan(text);
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, us = 0;
    if (!scan.number(y) || !scan.character('-') || !scan.number(mo) || !scan.character('-') ||
        !scan.number(d) || !scan.character(' ') || !scan.number(h) || !scan.character(':') ||
        !scan.number(mi) || !scan.character(':') || !scan.number(s)) {
        return std::nullopt;
    }
    if (scan.character('.') && !scan.fraction(us)) return std::nullopt;
    const auto offset = scan_offset(scan);
    const year_month_day date{year(y), month(unsigned(mo)), day(unsigned(d))};
    if (!offset || !scan.done() || !date.ok()) return std::nullopt;
    return sys_days(date) + hours(h) + minutes(mi) + seconds(s) + microseconds(us) - *offset;
}

std::optional<std::vector<std::string>> parse_text_array(std::string_view text) {
    std::vector<std::string> out;
    if (text.empty() || text == "{}") return out;
    if (text.size() < 2 || text.front() != '{' || text.back() != '}') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    std::string element;
    bool quoted = false;
    bool was_quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\' && i + 1 < text.size()) {
            element += text[++i];
        } else if (c == '"') {
            quoted = !quoted;
            was_quoted = true;
        } else if (c == ',' && !quoted) {
            out.push_back(!was_quoted && element == "NULL" ? std::string() : element);
            element.clear();
            was_quoted = false;
        } else if (c == '{' && !quoted) {
            return std::nullopt;
        } else {
            element += c;
        }
    }
    if (quoted) return std::nullopt;
    out.push_back(!was_quoted && element == "NULL" ? std::string() : element);
    return out;
}

} // namespace hs::pg
