#include "providers/stt/sphinx/features.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include <sphinxbase/cmd_ln.h>
#include <sphinxbase/fe.h>

namespace hs::providers::sphinx {
namespace {

/// How many frames of an utterance weigh as much as the whole track's mean.
constexpr double prior_frames = 200;

std::vector<float> mean_of(const Frames& frames) {
    if (frames.empty()) return {};
    std::vector<double> sum(frames[0].size());
    for (const auto& frame : frames)
        for (std::size_t i = 0; i < sum.size(); ++i)
            sum[i] += double(frame[i]);
    std::vector<float> mean;
    for (const double value : sum)
        mean.push_back(float(value / double(frames.size())));
    return mean;
}

/// Bands that a telephone channel (3.4 kHz) leaves whole.
constexpr std::size_t narrow_bands = 19;

/// Audio resampled from 8 kHz has next to nothing in the uppermost bands.
bool is_narrow(const std::vector<float>& mean) {
    if (mean.size() <= narrow_bands + 3) return false;
    const double low =
        std::accumulate(mean.begin(), mean.begin() + narrow_bands, 0.0) / narrow_bands;
    const double high = std::accumulate(mean.end() - 3, mean.end(), 0.0) / 3;
    return high < low - 5;
}

fe_t* log_spectrum_front_end(cmd_ln_t* model) {
    char lower[32];
    char upper[32];
    char filters[32];
    std::snprintf(lower, sizeof lower, "%g", cmd_ln_float_r(model, "-lowerf"));
    std::snprintf(upper, sizeof upper, "%g", cmd_ln_float_r(model, "-upperf"));
    std::snprintf(filters, sizeof filters, "%ld", cmd_ln_int_r(model, "-nfilt"));
    cmd_ln_t* config = cmd_ln_init(nullptr,
                                   fe_get_args(),
                                   1,
                                   "-logspec",
                                   "yes",
                                   "-lowerf",
                                   lower,
                                   "-upperf",
                                   upper,
                                   "-nfilt",
                                   filters,
                                   "-remove_silence",
                                   "no",
                                   "-remove_noise",
                                   cmd_ln_boolean_r(model, "-remove_noise") ? "yes" : "no",
                                   nullptr);
    fe_t* fe = fe_init_auto_r(config);
    cmd_ln_free_r(config);
    return fe;
}

} // namespace

FeatureExtractor::FeatureExtractor(cmd_ln_t* config, const std::string& model_folder)
    : fe_(log_spectrum_front_end(config)),
      transform_(std::size_t(cmd_ln_int_r(config, "-nfilt")), int(cmd_ln_int_r(config, "-lifter"))),
      spread_(read_spread(model_folder)) {}

FeatureExtractor::~FeatureExtractor() {
    fe_free(fe_);
}

Frames FeatureExtractor::log_spectra(std::span<const std::int16_t> samples) {
    mfcc_t** block = nullptr;
    std::int32_t count = 0;
    Frames out;
    fe_start_stream(fe_);
    fe_start_utt(fe_);
    if (fe_process_utt(fe_, samples.data(), samples.size(), &block, &count) == 0) {
        for (std::int32_t i = 0; i < count; ++i)
            out.emplace_back(block[i], block[i] + transform_.bands());
        if (block != nullptr) fe_free_2d(block);
    }
    std::vector<mfcc_t> last(transform_.bands());
    std::int32_t more = 0;
    fe_end_utt(fe_, last.data(), &more);
    return out;
}

void FeatureExtractor::measure(std::span<const std::int16_t> speech) {
    const Frames spectra = log_spectra(speech);
    band_mean_ = mean_of(spectra);
    narrow_band_ = is_narrow(band_mean_);
    if (narrow_band_) imputation_ = BandImputation(transform_, spread_, narrow_bands);
    cepstral_mean_ = mean_of(to_cepstra(spectra));
}

Frames FeatureExtractor::to_cepstra(const Frames& spectra) const {
    Frames out;
    for (const auto& bands : spectra) {
        if (!narrow_band_) {
            out.push_back(transform_(bands));
            continue;
        }
        std::vector<float> deviation(bands.size());
        for (std::size_t b = 0; b < bands.size(); ++b)
            deviation[b] = bands[b] - band_mean_[b];
        imputation_.fill(deviation);
        out.push_back(transform_(deviation));
    }
    return out;
}

Frames FeatureExtractor::cepstra(std::span<const std::int16_t> samples) {
    Frames frames = to_cepstra(log_spectra(samples));
    const std::vector<float> own = mean_of(frames);
    if (own.empty()) return frames;
    const double share = cepstral_mean_.empty()
                             ? 1.0
                             : double(frames.size()) / (double(frames.size()) + prior_frames);
    for (auto& frame : frames)
        for (std::size_t k = 0; k < frame.size(); ++k) {
            const double track = cepstral_mean_.empty() ? 0 : double(cepstral_mean_[k]);
            frame[k] -= float(share * double(own[k]) + (1 - share) * track);
        }
    return frames;
}

} // namespace hs::providers::sphinx
