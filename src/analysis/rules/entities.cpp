#include "analysis/rules/entities.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

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

bool among(Words words, std::string_view text) {
    return std::ranges::find(words, text) != words.end();
}

/// Looks at the tokens of one turn; every function returns the last token of an entity that begins
/// at `i`, or -1.
class Reader {
public:
    Reader(const std::vector<Token>& tokens, int from, int to)
        : tokens_(tokens), from_(from), to_(to) {}

    [[nodiscard]] int entity(const EntityClass& kind, int i) const {
        switch (kind.kind) {
        case EntityKind::number: return number(kind, i);
        case EntityKind::amount: return amount(i);
        case EntityKind::time: return time(i);
        case EntityKind::date: return date(i);
        case EntityKind::duration: return duration(i);
        case EntityKind::email: return at(i).text.find('@') != std::string::npos ? i : -1;
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

    [[nodiscard]] bool currency(int i) const {
        if (i < from_ || i >= to_) return false;
        return at(i).keys.k1 == "rupees" || at(i).text == "dollars" || at(i).text == "bucks";
    }

    [[nodiscard]] int number(const EntityClass& kind, int i) const {
        const auto digits = static_cast<int>(at(i).digits.size());
        const bool fits = digits >= kind.least_digits && digits <= kind.most_digits;
        return at(i).is_number && fits ? i : -1;
    }

    [[nodiscard]] int amount(int i) const {
        if (is_number(i) && currency(i + 1)) return i + 1;
        if (currency(i) && is_number(i + 1) && !is_number(i - 1)) return i + 1;
        return -1;
    }

    [[nodiscard]] int time(int i) const {
        const auto colon = text(i).find(':');
        if (colon != std::string_view::npos && colon > 0)
            return among(clock_words, text(i + 1)) ? i + 1 : i;
        if (is_number(i) && among(clock_words, text(i + 1))) return i + 1;
        if (is_number(i) && text(i + 1) == "o" && text(i + 2) == "clock") return i + 2;
        return among(day_times, text(i)) && text(i - 1) != "good" ? i : -1;
    }

    [[nodiscard]] int date(int i) const {
        if (std::ranges::count(text(i), '/') == 2) return i;
        if (text(i) == "day" && text(i + 1) == "after" && text(i + 2) == "tomorrow") return i + 2;
        if (among(days, text(i))) return i;
        if (is_number(i)) {
            const int next = ordinal(i + 1) ? i + 2 : i + 1;
            if (among(months, text(next)) || text(next) == "may") return next;
            return next == i + 2 ? i + 1 : -1;
        }
        if (!among(months, text(i)) || is_number(i - 1) || ordinal(i - 1)) return -1;
        if (is_number(i + 1)) return ordinal(i + 2) ? i + 2 : i + 1;
        return i;
    }

    [[nodiscard]] bool ordinal(int i) const {
        const auto word = text(i);
        return word == "th" || word == "st" || word == "nd" || word == "rd";
    }

    [[nodiscard]] int duration(int i) const {
        int next = -1;
        if (is_number(i)) {
            next = i + 1;
            const auto link = text(next);
            if ((link == "to" || link == "se" || link == "से" || link == "or") &&
                is_number(next + 1))
                next += 2;
            else if (is_number(next))
                ++next;
        } else if (among(small_counts, text(i)) && !among(small_counts, text(i - 1))) {
            next = i + 1;
            while (among(small_counts, text(next)) || text(next) == "of")
                ++next;
        }
        if (next < 0) return -1;
        if (among(kinds_of_day, text(next))) ++next;
        return among(spans_of_time, text(next)) ? next : -1;
    }

    [[nodiscard]] int phone(int i) const {
        std::string_view digits = at(i).digits;
        if (digits.size() == 12 && digits.starts_with("91")) digits.remove_prefix(2);
        if (digits.size() == 11 && digits.starts_with("0")) digits.remove_prefix(1);
        return digits.size() == 10 && digits[0] >= '6' ? i : -1;
    }

    const std::vector<Token>& tokens_;
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

void find_entities(const std::vector<Token>& tokens,
                   int from,
                   int to,
                   const EntityClass& kind,
                   std::vector<TokenSpan>& out) {
    const Reader reader(tokens, from, to);
    for (int i = from; i < to; ++i)
        if (const int last = reader.entity(kind, i); last >= 0) out.push_back({i, last});
}

} // namespace hs::analysis
