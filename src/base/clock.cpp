#include "base/clock.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace hs {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::milliseconds;

std::string rfc3339(Time time) {
    const auto day = floor<days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(floor<milliseconds>(time - day));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}+00:00",
                       static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()),
                       clock.hours().count(),
                       clock.minutes().count(),
                       clock.seconds().count(),
                       clock.subseconds().count());
}

namespace {

/// Reads a text from the left; every failure leaves `ok` false.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool ok = true;

    int number(std::size_t digits) {
        if (rest_.size() < digits) ok = false;
        int value = 0;
        for (std::size_t i = 0; ok && i < digits; ++i) {
            if (rest_[i] < '0' || rest_[i] > '9') ok = false;
            value = value * 10 + (rest_[i] - '0');
        }
        if (ok) rest_.remove_prefix(digits);
        return value;
    }

    void expect(std::string_view any_of) {
        if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) ok = false;
        if (ok) rest_.remove_prefix(1);
    }

    bool take(std::string_view any_of) {
        if (!ok || rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos)
            return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// Digits after a decimal point as microseconds; further digits are dropped.
    std::int64_t fraction() {
        std::int64_t value = 0;
        std::int64_t scale = 100000;
        std::size_t count = 0;
        for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count) {
            value += (rest_[count] - '0') * scale;
            scale /= 10;
        }
        if (count == 0) ok = false;
        rest_.remove_prefix(count);
        return value;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

    [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }

private:
    std::string_view rest_;
};

/// Minutes east of UTC.
int offset_minutes(Reader& in) {
    if (in.take("Zz")) return 0;
    const int sign = in.front() == '-' ? -1 : 1;
    in.expect("+-");
    const int hours = in.number(2);
    in.expect(":");
    const int minutes = in.number(2);
    if (hours > 23 || minutes > 59) in.ok = false;
    return sign * (hours * 60 + minutes);
}

} // namespace

std::optional<Time> parse_rfc3339(std::string_view text, bool* offset_missing) {
    if (offset_missing) *offset_missing = false;
    Reader in(text);
    const int year = in.number(4);
    in.expect("-");
    const int month = in.number(2);
    in.expect("-");
    const int day = in.number(2);
    in.expect("Tt ");
    const int hour = in.number(2);
    in.expect(":");
    const int minute = in.number(2);
    in.expect(":");
    const int second = in.number(2); // 60 is a leap second: the first of the next minute for us
    const auto micros = in.take(".") ? in.fraction() : 0;
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!in.ok || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    if (in.at_end()) {
        if (offset_missing) *offset_missing = true;
        return std::nullopt;
    }
    const int offset = offset_minutes(in);
    if (!in.ok || !in.at_end()) return std::nullopt;
    return Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
           std::chrono::minutes(minute - offset) + std::chrono::seconds(second) +
           microseconds(micros);
}

} // namespace hs
