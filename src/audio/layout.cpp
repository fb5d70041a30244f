#include "audio/layout.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace hs::audio {

namespace {

constexpr int decimation = 4; // 4 kHz is enough to line up two copies of a voice
constexpr int lag_reach = 20 * 16 / decimation;
constexpr std::size_t second_samples = 16000;
constexpr std::size_t gate_hop_samples = second_samples / 4;
constexpr std::size_t gate_window_samples = second_samples / 2;
constexpr std::size_t most_windows = 240; // sampled evenly over the call: enough for a median

constexpr double same_sound_rho = 0.95;
constexpr double same_level_db = 3;
constexpr double bleed_rho = 0.5;
constexpr double bleed_share = 0.15;
constexpr double bleed_level_db = 6;

struct Likeness {
    double rho = 0;      // largest normalised cross-correlation within +-20 ms
    double rho_abs = 0;  // the same, either polarity
    double level_db = 0; // first minus second
};

/// Averages of four: crude, but aliasing hits both channels alike.
std::vector<float> decimate(Samples samples) {
    std::vector<float> out(samples.size() / decimation);
    for (std::size_t i = 0; i < out.size(); ++i) {
        int sum = 0;
        for (std::size_t k = 0; k < decimation; ++k)
            sum += samples[i * decimation + k];
        out[i] = static_cast<float>(sum);
    }
    return out;
}

/// Eight sums side by side, so that the compiler may use vector registers without reordering.
float dot(const float* a, const float* b, std::size_t count) {
    float sums[8] = {};
    std::size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (std::size_t k = 0; k < 8; ++k)
            sums[k] += a[i + k] * b[i + k];
    float total = 0;
    for (; i < count; ++i)
        total += a[i] * b[i];
    for (const float sum : sums)
        total += sum;
    return total;
}

Likeness compare(Samples first, Samples second) {
    const auto a = decimate(first);
    const auto b = decimate(second);
    const float energy_a = dot(a.data(), a.data(), a.size());
    const float energy_b = dot(b.data(), b.data(), b.size());
    Likeness likeness;
    likeness.level_db = 10 * std::log10((double{energy_a} + 1) / (double{energy_b} + 1));
    const double scale = std::sqrt(double{energy_a} * double{energy_b});
    if (scale <= 0) return likeness;
    for (int lag = -lag_reach; lag <= lag_reach; ++lag) {
        const auto shift = static_cast<std::size_t>(std::abs(lag));
        if (shift >= a.size()) continue;
        const auto count = a.size() - shift;
        const double value = double{lag < 0 ? dot(a.data(), b.data() + shift, count)
                                            : dot(a.data() + shift, b.data(), count)} /
                             scale;
        likeness.rho = std::max(likeness.rho, value);
        likeness.rho_abs = std::max(likeness.rho_abs, std::abs(value));
    }
    return likeness;
}

/// Whole seconds in which anybody speaks, thinned out to at most most_windows.
std::vector<std::size_t> seconds_with_speech(const ChannelPair& pair) {
    std::vector<bool> spoken(pair.first.size() / second_samples, false);
    for (const auto* spans : {&pair.first_speech, &pair.second_speech}) {
        for (const Span& span : *spans)
            for (int second = span.start_ms / 1000; second * 1000 < span.end_ms; ++second)
                if (static_cast<std::size_t>(second) < spoken.size())
                    spoken[static_cast<std::size_t>(second)] = true;
    }
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < spoken.size(); ++i)
        if (spoken[i]) all.push_back(i);
    if (all.size() <= most_windows) return all;
    std::vector<std::size_t> thinned;
    for (std::size_t i = 0; i < most_windows; ++i)
        thinned.push_back(all[i * all.size() / most_windows]);
    return thinned;
}

double median(std::vector<double> values) {
    std::ranges::nth_element(values, values.begin() + static_cast<long>(values.size() / 2));
    return values[values.size() / 2];
}

/// 0.5 at the threshold, 1 at the far end of the statistic's range.
double scaled(double value, double threshold, double far_end) {
    return 0.5 + 0.5 * std::clamp((value - threshold) / (far_end - threshold), 0.0, 1.0);
}

std::optional<LayoutFinding> one_dead_channel(const ChannelPair& pair) {
    const int speech[] = {total_ms(pair.first_speech), total_ms(pair.second_speech)};
    const double rms[] = {pair.first_rms_dbfs, pair.second_rms_dbfs};
    for (const int dead : {0, 1}) {
        const int live = 1 - dead;
        if (speech[dead] * 100 < speech[live] && rms[dead] < -60)
            return LayoutFinding{.layout = Layout::mono,
                                 .confidence = scaled(rms[dead], -60, -90),
                                 .live_channel = live};
    }
    return std::nullopt;
}

} // namespace

LayoutFinding find_layout(const ChannelPair& pair) {
    if (const auto mono = one_dead_channel(pair)) return *mono;
    std::vector<double> rhos;
    std::vector<double> differences;
    std::size_t bleeding = 0;
    std::vector<double> bleeding_differences;
    for (const std::size_t second : seconds_with_speech(pair)) {
        const auto likeness = compare(pair.first.subspan(second * second_samples, second_samples),
                                      pair.second.subspan(second * second_samples, second_samples));
        rhos.push_back(likeness.rho);
        differences.push_back(std::abs(likeness.level_db));
        if (likeness.rho_abs < bleed_rho) continue;
        ++bleeding;
        bleeding_differences.push_back(std::abs(likeness.level_db));
    }
    if (rhos.empty()) return {};
    const double typical_rho = median(rhos);
    if (typical_rho >= same_sound_rho && median(differences) <= same_level_db)
        return {.layout = Layout::dual_mono, .confidence = scaled(typical_rho, same_sound_rho, 1)};
    const double share = static_cast<double>(bleeding) / static_cast<double>(rhos.size());
    if (share >= bleed_share && median(bleeding_differences) >= bleed_level_db)
        return {.layout = Layout::cross_talk, .confidence = 0.9 * scaled(share, bleed_share, 1)};
    return {.layout = Layout::true_stereo,
            .confidence = share < bleed_share ? scaled(share, bleed_share, 0) : 0.5};
}

void gate_cross_talk(std::vector<std::int16_t>& first, std::vector<std::int16_t>& second) {
    // Decisions first, on untouched sound; then the cuts.
    std::vector<int> quieter; // per hop: 0 or 1, -1 for neither
    for (std::size_t at = 0; at < first.size(); at += gate_hop_samples) {
        const auto half = (gate_window_samples - gate_hop_samples) / 2;
        const auto from = at < half ? 0 : at - half;
        const auto length = std::min(gate_window_samples, first.size() - from);
        const auto likeness =
            compare(Samples(first).subspan(from, length), Samples(second).subspan(from, length));
        const bool bleeds =
            likeness.rho_abs >= bleed_rho && std::abs(likeness.level_db) >= same_level_db;
        quieter.push_back(!bleeds ? -1 : likeness.level_db > 0 ? 1 : 0);
    }
    for (std::size_t hop = 0; hop < quieter.size(); ++hop) {
        if (quieter[hop] < 0) continue;
        auto& channel = quieter[hop] == 0 ? first : second;
        const auto from = hop * gate_hop_samples;
        const auto to = std::min(from + gate_hop_samples, channel.size());
        std::fill(channel.begin() + static_cast<long>(from),
                  channel.begin() + static_cast<long>(to),
                  std::int16_t{0});
    }
}

} // namespace hs::audio
