#include "domain/figures.hpp"

#include <cstdlib>

namespace hs {

std::int64_t rounded_ratio(std::int64_t numerator, std::int64_t denominator) {
    if (denominator == 0) return 0;
    const auto magnitude = std::abs(numerator);
    // Not (2 * n + d) / (2 * d): products of sums come close to the end of the range.
    auto quotient = magnitude / denominator;
    const auto rest = magnitude % denominator;
    if (rest >= denominator - rest) ++quotient;
    return numerator < 0 ? -quotient : quotient;
}

std::string decimal_text(std::int64_t value, int digits) {
    auto text = std::to_string(std::abs(value));
    const auto wanted = static_cast<std::size_t>(digits);
    if (text.size() <= wanted) text.insert(0, wanted + 1 - text.size(), '0');
    text.insert(text.size() - wanted, 1, '.');
    while (text.back() == '0' && text[text.size() - 2] != '.')
        text.pop_back();
    return value < 0 ? "-" + text : text;
}

ScoreSum& ScoreSum::operator+=(const ScoreSum& other) {
    count += other.count;
    sum += other.sum;
    return *this;
}

Figures& Figures::operator+=(const Figures& other) {
    calls += other.calls;
    analysed += other.analysed;
    escalated += other.escalated;
    emergencies += other.emergencies;
    quality += other.quality;
    sop += other.sop;
    sentiment += other.sentiment;
    return *this;
}

std::string_view risk_level(const ScoreSum& score) {
    if (score.count == 0) return "unknown";
    const auto shown = score.hundredths();
    if (shown < 60) return "high";
    return shown > 80 ? "low" : "medium";
}

Trend trend_between(const ScoreSum& now, const ScoreSum& before) {
    if (before.count == 0 || now.points() == before.points()) return Trend::stable;
    return now.points() > before.points() ? Trend::up : Trend::down;
}

std::int64_t change_in_points(const ScoreSum& now, const ScoreSum& before) {
    if (now.count == 0 || before.count == 0) return 0;
    return rounded_ratio(now.sum * before.count - before.sum * now.count, now.count * before.count);
}

} // namespace hs
