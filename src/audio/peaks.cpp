#include "audio/peaks.hpp"

#include <algorithm>

#include "audio/audio.hpp"

namespace hs::audio {

std::vector<std::int8_t> peaks_of(std::span<const std::int16_t> samples, int per_second) {
    const auto step = static_cast<std::size_t>(speech_rate_hz / per_second);
    std::vector<std::int8_t> row;
    row.reserve(2 * (samples.size() / step + 1));
    for (std::size_t at = 0; at < samples.size(); at += step) {
        const auto part = samples.subspan(at, std::min(step, samples.size() - at));
        const auto [low, high] = std::ranges::minmax_element(part);
        // Shifting keeps the sign and never leaves int8.
        row.push_back(static_cast<std::int8_t>(*low >> 8));
        row.push_back(static_cast<std::int8_t>(*high >> 8));
    }
    return row;
}

std::vector<std::int8_t> peaks_at(const std::vector<std::int8_t>& row, int points) {
    const std::size_t pairs = row.size() / 2;
    const auto wanted = static_cast<std::size_t>(std::max(points, 1));
    std::vector<std::int8_t> out;
    if (pairs == 0) return out;
    out.reserve(2 * wanted);
    for (std::size_t i = 0; i < wanted; ++i) {
        const std::size_t from = i * pairs / wanted;
        const std::size_t to = std::max(from + 1, (i + 1) * pairs / wanted);
        std::int8_t low = row[2 * from];
        std::int8_t high = row[2 * from + 1];
        for (std::size_t k = from; k < to; ++k) {
            low = std::min(low, row[2 * k]);
            high = std::max(high, row[2 * k + 1]);
        }
        out.push_back(low);
        out.push_back(high);
    }
    return out;
}

} // namespace hs::audio
