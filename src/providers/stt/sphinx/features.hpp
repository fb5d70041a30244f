/// From PCM to the cepstra the acoustic model wants, with the channel of the whole track removed.
///
/// The library normalises the channel over one utterance, which is poor for a "yes": here the mean
/// of the track is blended with the utterance's own. Narrow-band audio (telephone, 8 kHz) lacks the
/// upper mel bands the model was trained with; they are estimated from those that are there.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "providers/stt/sphinx/imputation.hpp"

struct cmd_ln_s;
struct fe_s;

namespace hs::providers::sphinx {

using Frames = std::vector<std::vector<float>>;

class FeatureExtractor {
public:
    /// `config`: of an initialised decoder, so that it holds the model's own parameters.
    FeatureExtractor(cmd_ln_s* config, const std::string& model_folder);
    ~FeatureExtractor();
    FeatureExtractor(const FeatureExtractor&) = delete;
    FeatureExtractor& operator=(const FeatureExtractor&) = delete;

    /// Measures band width and channel on speech of a track.
    void measure(std::span<const std::int16_t> speech);

    /// One row of cepstra each 10 ms.
    [[nodiscard]] Frames cepstra(std::span<const std::int16_t> samples);

    [[nodiscard]] bool narrow_band() const { return narrow_band_; }

private:
    [[nodiscard]] Frames log_spectra(std::span<const std::int16_t> samples);
    [[nodiscard]] Frames to_cepstra(const Frames& spectra) const;

    fe_s* fe_ = nullptr;
    CepstralTransform transform_;
    CepstralSpread spread_; // of the model's Gaussians
    BandImputation imputation_;
    bool narrow_band_ = false;
    std::vector<float> band_mean_;     // of the track
    std::vector<float> cepstral_mean_; // of the track
};

} // namespace hs::providers::sphinx
