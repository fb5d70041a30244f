#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace hs {

double round_half_away(double value, int digits) {
    std::array<char, 400> buffer{};
    const auto end =
        std::to_chars(
            buffer.data(), buffer.data() + buffer.size(), std::abs(value), std::chars_format::fixed)
            .ptr;
    std::string text(buffer.data(), end);
    const auto point = text.find('.');
    const auto kept = point + 1 + static_cast<std::size_t>(std::max(digits, 0));
    if (!std::isfinite(value) || point == std::string::npos || text.size() <= kept) return value;
    const bool up = text[kept] >= '5';
    text.resize(kept);
    for (std::size_t i = text.size(); up; --i) {
        if (i == 0) {
            text.insert(text.begin(), '1');
            break;
        }
        char& digit = text[i - 1];
        if (digit == '.') continue;
        digit = digit == '9' ? '0' : static_cast<char>(digit + 1);
        if (digit != '0') break;
    }
    double rounded = 0;
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    return value < 0 ? -rounded : rounded;
}

} // namespace hs
