#include "audio/spectrum.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace hs::audio {

Spectrum::Spectrum(std::size_t size)
    : size_(size), twiddles_(size / 2), reversed_(size), work_(size), power_(size / 2 + 1) {
    constexpr double turn = 2 * std::numbers::pi;
    for (std::size_t k = 0; k < size / 2; ++k) {
        const double angle = -turn * static_cast<double>(k) / static_cast<double>(size);
        twiddles_[k] = {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
    }
    for (std::size_t i = 1, bit = 0; i < size; ++i) {
        std::size_t step = size >> 1;
        for (; (bit & step) != 0; step >>= 1)
            bit ^= step;
        bit ^= step;
        reversed_[i] = bit;
    }
}

void Spectrum::transform() {
    for (std::size_t i = 0; i < size_; ++i)
        if (i < reversed_[i]) std::swap(work_[i], work_[reversed_[i]]);
    for (std::size_t half = 1; half < size_; half *= 2) {
        const std::size_t stride = size_ / (2 * half);
        for (std::size_t block = 0; block < size_; block += 2 * half) {
            for (std::size_t k = 0; k < half; ++k) {
                // Written out: std::complex's product checks for infinities at every step.
                const auto w = twiddles_[k * stride];
                const auto b = work_[block + half + k];
                const std::complex<float> turned(b.real() * w.real() - b.imag() * w.imag(),
                                                 b.real() * w.imag() + b.imag() * w.real());
                work_[block + half + k] = work_[block + k] - turned;
                work_[block + k] += turned;
            }
        }
    }
}

const std::vector<float>& Spectrum::power(std::span<const float> frame) {
    if (window_.size() != frame.size()) {
        window_.resize(frame.size());
        for (std::size_t i = 0; i < frame.size(); ++i) {
            const double angle = 2 * std::numbers::pi * (static_cast<double>(i) + 0.5) /
                                 static_cast<double>(frame.size());
            window_[i] = static_cast<float>(0.5 - 0.5 * std::cos(angle));
        }
    }
    for (std::size_t i = 0; i < size_; ++i)
        work_[i] = i < frame.size() ? frame[i] * window_[i] : 0.0F;
    transform();
    for (std::size_t bin = 0; bin <= size_ / 2; ++bin)
        power_[bin] = work_[bin].real() * work_[bin].real() + work_[bin].imag() * work_[bin].imag();
    return power_;
}

const std::vector<float>& Spectrum::autocorrelation() {
    for (std::size_t i = 0; i < size_; ++i)
        work_[i] = power_[i <= size_ / 2 ? i : size_ - i];
    transform(); // the power spectrum is even: forward and inverse differ by a factor only
    correlation_.resize(size_);
    for (std::size_t i = 0; i < size_; ++i)
        correlation_[i] = work_[i].real() / static_cast<float>(size_);
    return correlation_;
}

} // namespace hs::audio
