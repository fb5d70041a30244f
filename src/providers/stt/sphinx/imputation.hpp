/// Estimates the mel bands that a narrow channel has cut off.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace hs::providers::sphinx {

inline constexpr std::size_t cepstra_count = 13;

/// Log mel bands to liftered cepstra, as the acoustic model's front end does it.
class CepstralTransform {
public:
    CepstralTransform(std::size_t bands, int lifter);

    [[nodiscard]] std::vector<float> operator()(const std::vector<float>& bands) const;
    /// Weight of cepstrum `k` in band `b` when going back.
    [[nodiscard]] double inverse(std::size_t b, std::size_t k) const;

    [[nodiscard]] std::size_t bands() const { return bands_; }

private:
    std::size_t bands_;
    std::vector<std::array<double, cepstra_count>> basis_; // [band][cepstrum], lifter included
    std::array<double, cepstra_count> lifter_{};
};

/// Covariance of static cepstra over everything the acoustic model has heard, read from its
/// Gaussians. All zero when the files cannot be read.
struct CepstralSpread {
    std::array<std::array<double, cepstra_count>, cepstra_count> covariance{};
};

[[nodiscard]] CepstralSpread read_spread(const std::string& model_folder);

/// Best linear estimate of the upper bands from the lower ones: what the model's own spread of
/// sounds makes likely. Nothing is learnt from any recording.
class BandImputation {
public:
    BandImputation() = default;
    BandImputation(const CepstralTransform& transform,
                   const CepstralSpread& spread,
                   std::size_t seen);

    /// Overwrites the bands from `seen` on. Bands are deviations from their mean.
    void fill(std::vector<float>& deviation) const;

private:
    std::vector<std::vector<double>> gain_; // [missing band][seen band]
};

} // namespace hs::providers::sphinx
