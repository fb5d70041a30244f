#include "providers/http_reply.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/text.hpp"

namespace hs::providers {

namespace {

using std::chrono::seconds;

template <typename Number>
std::optional<Number> number(std::string_view text) {
    Number value{};
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (trouble != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT"; the two obsolete forms are not read.
std::optional<Time> http_date(std::string_view text) {
    constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
    const auto month = std::ranges::find(months, text.substr(8, 3));
    const auto day = number<unsigned>(text.substr(5, 2));
    const auto year = number<int>(text.substr(12, 4));
    const auto hour = number<int>(text.substr(17, 2));
    const auto minute = number<int>(text.substr(20, 2));
    const auto second = number<int>(text.substr(23, 2));
    if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
    const auto month_number = static_cast<unsigned>(month - months.begin()) + 1;
    const std::chrono::year_month_day date{
        std::chrono::year(*year), std::chrono::month(month_number), std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return Time(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
           std::chrono::minutes(*minute) + seconds(*second);
}

/// "1s", "6m0s", "1h2m3.5s", "120ms", in seconds.
std::optional<double> compact_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        const auto digits = std::min(text.find_first_not_of("0123456789."), text.size());
        const auto amount = number<double>(text.substr(0, digits));
        text.remove_prefix(digits);
        const auto letters = std::min(text.find_first_of("0123456789."), text.size());
        const auto unit = text.substr(0, letters);
        text.remove_prefix(letters);
        if (!amount) return std::nullopt;
        if (unit == "ms") {
            total += *amount / 1000;
        } else if (unit == "s") {
            total += *amount;
        } else if (unit == "m") {
            total += *amount * 60;
        } else if (unit == "h") {
            total += *amount * 3600;
        } else {
            return std::nullopt;
        }
    }
    return total;
}

/// Seconds until the fuller of the provider's buckets that are empty has room again.
std::optional<double> bucket_reset(const InboundReply& reply) {
    std::optional<double> longest;
    for (const std::string bucket : {"requests", "tokens"}) {
        if (reply.header("x-ratelimit-remaining-" + bucket) != "0") continue;
        const auto reset = reply.header("x-ratelimit-reset-" + bucket);
        const auto wait = reset ? compact_duration(*reset) : std::nullopt;
        if (wait) longest = std::max(longest.value_or(0), *wait);
    }
    return longest;
}

std::optional<double> seconds_told(const InboundReply& reply, Time now) {
    if (const auto text = reply.header("retry-after-ms"))
        if (const auto millis = number<double>(*text)) return *millis / 1000;
    if (const auto text = reply.header("retry-after")) {
        if (const auto wait = number<double>(*text)) return *wait;
        if (const auto at = http_date(*text)) {
            const auto sent = http_date(reply.header("date").value_or(""));
            return std::chrono::duration<double>(*at - sent.value_or(now)).count();
        }
    }
    return bucket_reset(reply);
}

} // namespace

std::optional<seconds> retry_after(const InboundReply& reply, Time now) {
    const auto told = seconds_told(reply, now);
    if (!told || !std::isfinite(*told)) return std::nullopt;
    return seconds(static_cast<int>(std::ceil(std::clamp(*told, 0.0, 86400.0))));
}

Error status_error(const std::string& prefix, const InboundReply& reply, Time now) {
    const int status = reply.status;
    const auto message = "provider answered " + std::to_string(status);
    const auto wait = retry_after(reply, now);
    if (status == 401 || status == 403)
        return {ErrorKind::forbidden, prefix + ".denied", message, std::nullopt};
    if (status == 429) return {ErrorKind::rate_limited, prefix + ".rate_limited", message, wait};
    if (status == 408 || status == 409 || status == 425 || status >= 500)
        return {ErrorKind::unavailable, prefix + ".unavailable", message, wait};
    return {ErrorKind::upstream, prefix + ".refused", message, std::nullopt};
}

} // namespace hs::providers
