/// A small radix-2 Fourier transform: all the spectral work here is short frames.
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace hs::audio {

class Spectrum {
public:
    explicit Spectrum(std::size_t size); ///< a power of two

    /// |X|^2 of bins 0..size/2 of the frame times a Hann window; a short frame is padded with 0.
    [[nodiscard]] const std::vector<float>& power(std::span<const float> frame);

    /// Circular autocorrelation that belongs to the last power(); index = lag. The caller keeps
    /// lags below size minus frame length.
    [[nodiscard]] const std::vector<float>& autocorrelation();

    [[nodiscard]] double bin_hz(std::size_t bin, int rate_hz) const {
        return static_cast<double>(bin) * rate_hz / static_cast<double>(size_);
    }

private:
    void transform();

    std::size_t size_;
    std::vector<std::complex<float>> twiddles_;
    std::vector<std::size_t> reversed_;
    std::vector<std::complex<float>> work_;
    std::vector<float> window_;
    std::vector<float> power_;
    std::vector<float> correlation_;
};

} // namespace hs::audio
