#include "audio/loudness.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hs::audio {

namespace {

constexpr double rate_hz = 16000;
constexpr std::size_t step_samples = 1600; // blocks of 400 ms start every 100 ms
constexpr std::size_t steps_per_block = 4;
constexpr double absolute_gate_lufs = -70;
constexpr double relative_gate_lu = -10;

struct Biquad {
    double b0 = 1;
    double b1 = 0;
    double b2 = 0;
    double a1 = 0;
    double a2 = 0;
    double z1 = 0;
    double z2 = 0;

    double operator()(double x) {
        const double y = b0 * x + z1;
        z1 = b1 * x - a1 * y + z2;
        z2 = b2 * x - a2 * y;
        return y;
    }
};

/// BS.1770 tabulates its filters for 48 kHz; these are the analogue forms behind the tables,
/// turned into filters for our rate.
Biquad head_shelf() {
    const double k = std::tan(std::numbers::pi * 1681.974450955533 / rate_hz);
    const double q = 0.7071752369554196;
    const double gain = std::pow(10.0, 3.999843853973347 / 20);
    const double middle = std::pow(gain, 0.4996667741545416);
    const double norm = 1 + k / q + k * k;
    return {.b0 = (gain + middle * k / q + k * k) / norm,
            .b1 = 2 * (k * k - gain) / norm,
            .b2 = (gain - middle * k / q + k * k) / norm,
            .a1 = 2 * (k * k - 1) / norm,
            .a2 = (1 - k / q + k * k) / norm};
}

Biquad low_cut() {
    const double k = std::tan(std::numbers::pi * 38.13547087602444 / rate_hz);
    const double q = 0.5003270373238773;
    const double norm = 1 + k / q + k * k;
    return {
        .b0 = 1, .b1 = -2, .b2 = 1, .a1 = 2 * (k * k - 1) / norm, .a2 = (1 - k / q + k * k) / norm};
}

/// Adds the weighted energy of each 100 ms step of one track.
void add_steps(Samples track, std::vector<double>& steps) {
    Biquad shelf = head_shelf();
    Biquad cut = low_cut();
    for (std::size_t step = 0; step < steps.size(); ++step) {
        double energy = 0;
        for (const std::int16_t value : track.subspan(step * step_samples, step_samples)) {
            const double weighted = cut(shelf(value / 32768.0));
            energy += weighted * weighted;
        }
        steps[step] += energy / step_samples;
    }
}

double lufs(double energy) {
    return -0.691 + 10 * std::log10(energy + 1e-15);
}

double mean_above(const std::vector<double>& blocks, double gate_lufs) {
    double sum = 0;
    int count = 0;
    for (const double block : blocks) {
        if (lufs(block) <= gate_lufs) continue;
        sum += block;
        ++count;
    }
    return count == 0 ? 0 : sum / count;
}

} // namespace

double loudness_lufs(const std::vector<Samples>& tracks) {
    if (tracks.empty()) return absolute_gate_lufs;
    std::vector<double> steps(tracks.front().size() / step_samples, 0.0);
    for (const Samples track : tracks)
        add_steps(track, steps);
    std::vector<double> blocks;
    for (std::size_t i = 0; i + steps_per_block <= steps.size(); ++i)
        blocks.push_back((steps[i] + steps[i + 1] + steps[i + 2] + steps[i + 3]) / steps_per_block);
    const double first = mean_above(blocks, absolute_gate_lufs);
    if (first == 0) return absolute_gate_lufs;
    const double gated = mean_above(blocks, lufs(first) + relative_gate_lu);
    return std::max(absolute_gate_lufs, lufs(gated));
}

} // namespace hs::audio
