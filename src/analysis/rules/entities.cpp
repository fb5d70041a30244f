#include "analysis/rules/entities.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <unordered_map>

namespace hs::analysis {

namespace {

using Words = std::span<const std::string_view>;

constexpr std::array<std::string_view, 6> clock_words = {
    "am", "pm", "baje", "बजे", "oclock", "bajey"};
constexpr std::array<std::string_view, 13> day_times = {"noon",
                                                        "midnight",
                                                        "tonight",
                                                        "morning",
                                                        "evening",
                                                        "afternoon",
                                                        "night",
                                                        "shaam",
                                                        "sham",
                                                        "subah",
                                                        "dopahar",
                                                        "शाम",
                                                        "सुबह"};
constexpr std::array<std::string_view, 29> days = {
    "today",     "tomorrow", "monday",  "tuesday",   "wednesday", "thursday", "friday", "saturday",
    "sunday",    "kal",      "aaj",     "parso",     "कल",        "आज",       "परसों",   "somvar",
    "mangalvar", "budhvar",  "guruvar", "shukravar", "shanivar",  "ravivar",  "सोमवार", "मंगलवार",
    "बुधवार",     "गुरुवार",    "शुक्रवार",  "शनिवार",    "रविवार"};
constexpr std::array<std::string_view, 19> months = {"january",
                                                     "february",
                                                     "march",
                                                     "april",
                                                     "june",
                                                     "july",
                                                     "august",
                                                     "september",
                                                     "october",
                                                     "november",
                                                     "december",
                                                     "jan",
                                                     "feb",
                                                     "aug",
                                                     "sept",
                                                     "oct",
                                                     "nov",
                                                     "dec",
                                                     "जनवरी"};
constexpr std::array<std::string_view, 33> spans_of_time = {
    "second", "seconds", "minute", "minutes", "mins",  "min",    "hour",   "hours", "hrs",
    "day",    "days",    "week",   "weeks",   "month", "months", "year",   "years", "din",
    "dino",   "ghante",  "ghanta", "hafte",   "hafta", "mahine", "mahina", "दिन",   "दिनों",
    "घंटे",     "घंटा",     "मिनट",   "हफ्ते",     "महीने",  "सेकंड"};
constexpr std::array<std::string_view, 3> kinds_of_day = {"working", "business", "वर्किंग"};
constexpr std::array<std::string_view, 8> small_counts = {
    "a", "an", "half", "few", "couple", "aadhe", "aadha", "आधे"};

constexpr std::array<std::string_view, 4> ordinals = {"th", "st", "nd", "rd"};
constexpr std::array<std::string_view, 4> range_links = {"to", "se", "से", "or"};
constexpr std::array<std::string_view, 2> foreign_money = {"dollars", "bucks"};

enum Mark : std::uint16_t {
    clock_word = 1U << 0,
    day_time = 1U << 1,
    day_name = 1U << 2,
    month_name = 1U << 3,
    time_span = 1U << 4,
    kind_of_day = 1U << 5,
    small_count = 1U << 6,
    ordinal_end = 1U << 7,
    range_link = 1U << 8,
    money = 1U << 9,
    written_time = 1U << 10, // 10:30
    written_date = 1U << 11, // 12/03/2024
    mail_sign = 1U << 12,
};

std::uint16_t marks_of(const Token& token) {
    static const auto known = [] {
        std::unordered_map<std::string_view, std::uint16_t> table;
        const auto add = [&](Words words, Mark mark) {
            for (const auto word : words)
                table[word] = static_cast<std::uint16_t>(table[word] | mark);
        };
        add(clock_words, clock_word);
        add(day_times, day_time);
        add(days, day_name);
        add(months, month_name);
        add(spans_of_time, time_span);
        add(kinds_of_day, kind_of_day);
        add(small_counts, small_count);
        add(ordinals, ordinal_end);
        add(range_links, range_link);
        add(foreign_money, money);
        return table;
    }();
    const auto found = known.find(token.text);
    unsigned marks = found == known.end() ? 0U : found->second;
    if (token.keys->k1 == "rupees") marks |= money;
    const auto colon = token.text.find(':');
    if (colon != std::string::npos && colon > 0) marks |= written_time;
    if (std::ranges::count(token.text, '/') == 2) marks |= written_date;
    if (token.text.find('@') != std::string::npos) marks |= mail_sign;
    return static_cast<std::uint16_t>(marks);
}

/// Looks at the tokens of one turn; every function returns the last token of an entity that begins
/// at `i`, or -1.
class Reader {
public:
    Reader(const std::vector<Token>& tokens,
           const std::vector<std::uint16_t>& marks,
           int from,
           int to)
        : tokens_(tokens), marks_(marks), from_(from), to_(to) {}

    [[nodiscard]] int entity(const EntityClass& kind, int i) const {
        switch (kind.kind) {
        case EntityKind::number: return number(kind, i);
        case EntityKind::amount: return amount(i);
        case EntityKind::time: return time(i);
        case EntityKind::date: return date(i);
        case EntityKind::duration: return duration(i);
        case EntityKind::email: return is(i, mail_sign) ? i : -1;
        case EntityKind::phone: return phone(i);
        }
        return -1;
    }

private:
    [[nodiscard]] const Token& at(int i) const { return tokens_[static_cast<std::size_t>(i)]; }

    [[nodiscard]] std::string_view text(int i) const {
        return i >= from_ && i < to_ ? std::string_view(at(i).text) : std::string_view();
    }

    [[nodiscard]] bool is_number(int i) const { return i >= from_ && i < to_ && at(i).is_number; }

    [[nodiscard]] bool is(int i, Mark mark) const {
        return i >= from_ && i < to_ && (marks_[static_cast<std::size_t>(i)] & mark) != 0;
    }

    [[nodiscard]] int number(const EntityClass& kind, int i) const {
        const auto digits = static_cast<int>(at(i).digits.size());
        const bool fits = digits >= kind.least_digits && digits <= kind.most_digits;
        return at(i).is_number && fits ? i : -1;
    }

    [[nodiscard]] int amount(int i) const {
        if (is_number(i) && is(i + 1, money)) return i + 1;
        if (is(i, money) && is_number(i + 1) && !is_number(i - 1)) return i + 1;
        return -1;
    }

    [[nodiscard]] int time(int i) const {
        if (is(i, written_time)) return is(i + 1, clock_word) ? i + 1 : i;
        if (is_number(i) && is(i + 1, clock_word)) return i + 1;
        if (is_number(i) && text(i + 1) == "o" && text(i + 2) == "clock") return i + 2;
        return is(i, day_time) && text(i - 1) != "good" ? i : -1;
    }

    [[nodiscard]] int date(int i) const {
        if (is(i, written_date)) return i;
        if (text(i) == "day" && text(i + 1) == "after" && text(i + 2) == "tomorrow") return i + 2;
        if (is(i, day_name)) return i;
        if (is_number(i)) {
            const int next = is(i + 1, ordinal_end) ? i + 2 : i + 1;
            if (is(next, month_name) || text(next) == "may") return next;
            return next == i + 2 ? i + 1 : -1;
        }
        if (!is(i, month_name) || is_number(i - 1) || is(i - 1, ordinal_end)) return -1;
        if (is_number(i + 1)) return is(i + 2, ordinal_end) ? i + 2 : i + 1;
        return i;
    }

    [[nodiscard]] int duration(int i) const {
        int next = -1;
        if (is_number(i)) {
            next = i + 1;
            if (is(next, range_link) && is_number(next + 1))
                next += 2;
            else if (is_number(next))
                ++next;
        } else if (is(i, small_count) && !is(i - 1, small_count)) {
            next = i + 1;
            while (is(next, small_count) || text(next) == "of")
                ++next;
        }
        if (next < 0) return -1;
        if (is(next, kind_of_day)) ++next;
        return is(next, time_span) ? next : -1;
    }

    [[nodiscard]] int phone(int i) const {
        std::string_view digits = at(i).digits;
        if (digits.size() == 12 && digits.starts_with("91")) digits.remove_prefix(2);
        if (digits.size() == 11 && digits.starts_with("0")) digits.remove_prefix(1);
        return digits.size() == 10 && digits[0] >= '6' ? i : -1;
    }

    const std::vector<Token>& tokens_;
    const std::vector<std::uint16_t>& marks_;
    int from_;
    int to_;
};

} // namespace

std::optional<EntityClass> parse_entity(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, EntityKind>, 7> kinds = {{
        {"num", EntityKind::number},
        {"amount", EntityKind::amount},
        {"time", EntityKind::time},
        {"date", EntityKind::date},
        {"duration", EntityKind::duration},
        {"email", EntityKind::email},
        {"phone", EntityKind::phone},
    }};
    for (const auto& [name, kind] : kinds)
        if (text == name) return EntityClass{kind};
    if (!text.starts_with("num:")) return std::nullopt;
    text.remove_prefix(4);
    EntityClass digits;
    const auto low = std::from_chars(text.begin(), text.end(), digits.least_digits);
    if (low.ec != std::errc{}) return std::nullopt;
    if (low.ptr == text.end()) {
        digits.most_digits = digits.least_digits;
        return digits;
    }
    const auto rest = std::string_view(low.ptr, text.end());
    if (!rest.starts_with("..")) return std::nullopt;
    const auto high = std::from_chars(rest.begin() + 2, rest.end(), digits.most_digits);
    if (high.ec != std::errc{} || high.ptr != rest.end()) return std::nullopt;
    if (digits.least_digits > digits.most_digits) return std::nullopt;
    return digits;
}

std::vector<std::uint16_t> entity_marks(const std::vector<Token>& tokens) {
    constexpr int unseen = -1;
    std::vector<std::uint16_t> marks;
    std::vector<int> known; // per lexeme
    marks.reserve(tokens.size());
    for (const auto& token : tokens) {
        const auto lexeme = static_cast<std::size_t>(token.lexeme);
        if (lexeme >= known.size()) known.resize(lexeme + 1, unseen);
        if (known[lexeme] == unseen) known[lexeme] = marks_of(token);
        marks.push_back(static_cast<std::uint16_t>(known[lexeme]));
    }
    return marks;
}

void find_entities(const std::vector<Token>& tokens,
                   const std::vector<std::uint16_t>& marks,
                   int from,
                   int to,
                   const EntityClass& kind,
                   std::vector<TokenSpan>& out) {
    const Reader reader(tokens, marks, from, to);
    for (int i = from; i < to; ++i)
        if (const int last = reader.entity(kind, i); last >= 0) out.push_back({i, last});
}

} // namespace hs::analysis
