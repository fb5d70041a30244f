#include "audio/hold_audio.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "audio/spectrum.hpp"

namespace hs::audio {

namespace {

constexpr std::size_t window_frames = 150; // 3 s
constexpr std::size_t hop_frames = 10;
constexpr float audible_dbfs = -55;
/// Speech swings its envelope at 2 to 8 Hz by half its mean and more; held notes do not. The
/// threshold is tried on synthetic tones and chords and on the bundled calls only.
constexpr double most_syllabic = 0.20;
constexpr double tonal_flatness = 0.1;
constexpr double periodic_correlation = 0.8;

/// How strongly an envelope of 3 s moves at 2 to 8 Hz, relative to its mean: 0 steady, about 1
/// speech.
class SyllabicModulation {
public:
    SyllabicModulation() {
        for (std::size_t bin = 0; bin < bins; ++bin) {
            for (std::size_t i = 0; i < window_frames; ++i) {
                const double angle = 2 * std::numbers::pi * static_cast<double>(first_bin + bin) *
                                     static_cast<double>(i) / window_frames;
                cosines_[bin][i] = std::cos(angle);
                sines_[bin][i] = std::sin(angle);
            }
        }
    }

    [[nodiscard]] double of(std::span<const float> levels) const {
        std::array<double, window_frames> envelope{};
        double sum = 0;
        for (std::size_t i = 0; i < window_frames; ++i) {
            envelope[i] = std::pow(10.0, levels[i] / 20.0);
            sum += envelope[i];
        }
        double moving = 0;
        for (std::size_t bin = 0; bin < bins; ++bin) {
            double re = 0;
            double im = 0;
            for (std::size_t i = 0; i < window_frames; ++i) {
                re += envelope[i] * cosines_[bin][i];
                im += envelope[i] * sines_[bin][i];
            }
            moving += re * re + im * im;
        }
        return 2 * std::sqrt(moving) / sum;
    }

private:
    // Bins are 1/3 Hz apart in a window of 3 s: 6 is 2 Hz, 24 is 8 Hz.
    static constexpr std::size_t first_bin = 6;
    static constexpr std::size_t bins = 19;
    std::array<std::array<double, window_frames>, bins> cosines_{};
    std::array<std::array<double, window_frames>, bins> sines_{};
};

class Tonality {
public:
    explicit Tonality(Samples samples) : samples_(samples), spectrum_(2048) {}

    /// True when the 64 ms at `frame` have pitch: a peaky spectrum or a repeating wave.
    bool at(std::size_t frame) {
        constexpr std::size_t length = 1024;
        const std::size_t start = frame * frame_samples;
        if (start + length > samples_.size()) return false;
        std::array<float, length> wave{};
        for (std::size_t i = 0; i < length; ++i)
            wave[i] = samples_[start + i];
        const auto& power = spectrum_.power(wave);
        return flatness(power) < tonal_flatness || periodic();
    }

private:
    /// Within the telephone band: what a narrow-band file leaves empty above says nothing.
    double flatness(const std::vector<float>& power) const {
        double logs = 0;
        double sum = 0;
        int bins = 0;
        for (std::size_t bin = 0; bin < power.size(); ++bin) {
            const double hz = spectrum_.bin_hz(bin, 16000);
            if (hz < 200 || hz > 3400) continue;
            logs += std::log(power[bin] + 1e-3);
            sum += power[bin] + 1e-3;
            ++bins;
        }
        return std::exp(logs / bins) / (sum / bins);
    }

    bool periodic() {
        const auto& correlation = spectrum_.autocorrelation();
        // 60 to 400 Hz. The window makes the correlation fall with the lag: a perfect tone at
        // 100 Hz still reaches 0.9.
        const auto best = std::max_element(correlation.begin() + 40, correlation.begin() + 267);
        return correlation[0] > 0 && *best / correlation[0] > periodic_correlation;
    }

    Samples samples_;
    Spectrum spectrum_;
};

bool audible(std::span<const float> levels) {
    return std::ranges::all_of(levels, [](float level) { return level >= audible_dbfs; });
}

bool mostly_tonal(Tonality& tonality, std::size_t first) {
    int tonal = 0;
    int looked_at = 0;
    for (std::size_t frame = first; frame < first + window_frames; frame += 5) {
        tonal += tonality.at(frame) ? 1 : 0;
        ++looked_at;
    }
    return tonal * 10 >= looked_at * 8;
}

} // namespace

std::vector<Span> find_hold_audio(Samples samples, const Levels& levels) {
    std::vector<Span> found;
    const SyllabicModulation modulation;
    Tonality tonality(samples);
    for (std::size_t at = 0; at + window_frames <= levels.size(); at += hop_frames) {
        const auto window = std::span(levels).subspan(at, window_frames);
        if (!audible(window) || modulation.of(window) >= most_syllabic ||
            !mostly_tonal(tonality, at))
            continue;
        found.push_back(
            {static_cast<int>(at) * frame_ms, static_cast<int>(at + window_frames) * frame_ms});
    }
    return unite(std::move(found));
}

} // namespace hs::audio
