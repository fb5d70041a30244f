#include "audio/cepstrum.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "audio/spectrum.hpp"

namespace hs::audio {

namespace {

constexpr std::size_t window_samples = 512;
constexpr std::size_t bands = 26;
constexpr double lowest_hz = 300;
constexpr double highest_hz = 3400;
constexpr float pre_emphasis = 0.97F;

double mel(double hz) {
    return 2595 * std::log10(1 + hz / 700);
}

double hertz(double mels) {
    return 700 * (std::pow(10.0, mels / 2595) - 1);
}

/// Triangles evenly spaced in mel, and the cosine table that turns band energies into coefficients.
class MelBank {
public:
    explicit MelBank(const Spectrum& spectrum) {
        const double low = mel(lowest_hz);
        const double step = (mel(highest_hz) - low) / (bands + 1);
        for (std::size_t band = 0; band < bands; ++band) {
            const double left = hertz(low + static_cast<double>(band) * step);
            const double top = hertz(low + static_cast<double>(band + 1) * step);
            const double right = hertz(low + static_cast<double>(band + 2) * step);
            for (std::size_t bin = 0; bin <= window_samples / 2; ++bin) {
                const double hz = spectrum.bin_hz(bin, 16000);
                const double weight =
                    hz <= top ? (hz - left) / (top - left) : (right - hz) / (right - top);
                weights_[band][bin] = static_cast<float>(std::max(0.0, weight));
            }
        }
        for (std::size_t k = 0; k < cepstral_size; ++k)
            for (std::size_t band = 0; band < bands; ++band)
                cosines_[k][band] = static_cast<float>(
                    std::cos(std::numbers::pi * static_cast<double>(k + 1) *
                             (static_cast<double>(band) + 0.5) / static_cast<double>(bands)));
    }

    [[nodiscard]] Cepstrum coefficients(const std::vector<float>& power) const {
        std::array<float, bands> logs{};
        for (std::size_t band = 0; band < bands; ++band) {
            float energy = 0;
            for (std::size_t bin = 0; bin < power.size(); ++bin)
                energy += weights_[band][bin] * power[bin];
            logs[band] = std::log(energy + 1.0F);
        }
        Cepstrum out{};
        for (std::size_t k = 0; k < cepstral_size; ++k)
            for (std::size_t band = 0; band < bands; ++band)
                out[k] += cosines_[k][band] * logs[band];
        return out;
    }

private:
    std::array<std::array<float, window_samples / 2 + 1>, bands> weights_{};
    std::array<std::array<float, bands>, cepstral_size> cosines_{};
};

} // namespace

std::vector<Cepstrum> cepstra(Samples samples, const std::vector<Span>& within) {
    std::vector<Cepstrum> frames(samples.size() / frame_samples);
    Spectrum spectrum(window_samples);
    const MelBank bank(spectrum);
    std::vector<float> wave(window_samples);
    for (const Span& span : within) {
        const auto first = static_cast<std::size_t>(span.start_ms / frame_ms);
        const auto end = std::min(static_cast<std::size_t>(span.end_ms / frame_ms), frames.size());
        for (std::size_t frame = first; frame < end; ++frame) {
            const std::size_t start = frame * frame_samples;
            for (std::size_t i = 0; i < window_samples; ++i) {
                const std::size_t at = start + i;
                const float value = at < samples.size() ? samples[at] : 0.0F;
                const float before = at > 0 && at <= samples.size() ? samples[at - 1] : 0.0F;
                wave[i] = value - pre_emphasis * before;
            }
            frames[frame] = bank.coefficients(spectrum.power(wave));
        }
    }
    return frames;
}

} // namespace hs::audio
