#include "domain/periods.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace hs {

namespace {

using std::chrono::sys_days;
using std::chrono::year;

// The one bucket of the grain "all".
constexpr Day epoch{year{1970}, std::chrono::January, std::chrono::day{1}};

std::optional<int> number(std::string_view digits) {
    int value = 0;
    if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return {};
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

void add(std::vector<BucketSpan>& spans, const char* grain, Day low, Day high) {
    if (sys_days(low) < sys_days(high)) spans.push_back({grain, low, high});
}

} // namespace

std::string day_text(Day day) {
    return fmt::format("{:04}-{:02}-{:02}",
                       static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

std::optional<Day> parse_day(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto years = number(text.substr(0, 4));
    const auto months = number(text.substr(5, 2));
    const auto days = number(text.substr(8, 2));
    if (!years || !months || !days || *years < 1) return std::nullopt;
    const Day day{year{*years},
                  std::chrono::month{static_cast<unsigned>(*months)},
                  std::chrono::day{static_cast<unsigned>(*days)}};
    return day.ok() ? std::optional(day) : std::nullopt;
}

Day month_start(Day day) {
    return {day.year(), day.month(), std::chrono::day{1}};
}

Day months_later(Day first_of_month, int months) {
    return first_of_month + std::chrono::months{months};
}

Day days_later(Day day, int days) {
    return {sys_days(day) + std::chrono::days{days}};
}

std::vector<BucketSpan> spans_of(const DayRange& range) {
    std::vector<BucketSpan> spans;
    if (range.open()) {
        add(spans, "all", epoch, days_later(epoch, 1));
        return spans;
    }
    const auto from = range.from.value_or(first_day);
    const auto to = range.to.value_or(last_day);
    const bool from_first = from == month_start(from);
    const auto whole_from = from_first ? from : months_later(month_start(from), 1);
    const auto whole_to = month_start(to);
    if (sys_days(whole_from) >= sys_days(whole_to)) {
        // No whole month lies inside.
        add(spans, "day", from, to);
        return spans;
    }
    add(spans, "day", from, whole_from);
    add(spans, "month", whole_from, whole_to);
    add(spans, "day", whole_to, to);
    return spans;
}

} // namespace hs
