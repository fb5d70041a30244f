/// Recordings of the bundled corpus and small synthetic sounds, for tests that need to hear.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>

#include "audio/audio.hpp"
#include "base/files.hpp"
#include "base/json.hpp"

namespace hs::test {

using Wave = std::vector<std::int16_t>;

inline std::filesystem::path corpus(const std::string& name) {
    return std::filesystem::path(HS_SOURCE_DIR) / "tests/data/corpus" / name;
}

inline json::value corpus_json(const std::string& name) {
    return parse_json(read_file(corpus(name)).value()).value();
}

inline std::filesystem::path decoder_program() {
    return std::filesystem::path(HS_BINARY_DIR) / "hacksmart-decode";
}

inline Result<audio::Decoded> decode_file(const std::filesystem::path& path,
                                          const audio::DecodeLimits& limits = {}) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    return audio::Decoder(decoder_program()).decode(fd.get(), limits);
}

inline Wave silence(int ms) {
    return Wave(static_cast<std::size_t>(ms) * 16, 0);
}

/// White noise of the given RMS (of full scale); same seed, same noise.
inline Wave noise(int ms, double rms, std::uint32_t seed) {
    std::mt19937 random(seed);
    Wave wave(static_cast<std::size_t>(ms) * 16);
    for (auto& sample : wave) {
        const double uniform = static_cast<double>(random()) / 4294967296.0 * 2 - 1;
        sample = static_cast<std::int16_t>(uniform * std::sqrt(3.0) * rms * 32767);
    }
    return wave;
}

/// Held notes, each of the same strength.
inline Wave tones(int ms, const std::vector<double>& hertz, double amplitude) {
    Wave wave(static_cast<std::size_t>(ms) * 16);
    for (std::size_t i = 0; i < wave.size(); ++i) {
        double value = 0;
        for (const double hz : hertz)
            value += std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / 16000);
        wave[i] = static_cast<std::int16_t>(amplitude * 32767 * value /
                                            static_cast<double>(hertz.size()));
    }
    return wave;
}

inline Wave part(const Wave& wave, int from_ms, int to_ms) {
    return {wave.begin() + from_ms * 16, wave.begin() + to_ms * 16};
}

inline void mix_into(Wave& target, const Wave& source, int at_ms, double gain = 1.0) {
    for (std::size_t i = 0; i < source.size(); ++i) {
        const std::size_t at = static_cast<std::size_t>(at_ms) * 16 + i;
        if (at >= target.size()) return;
        const double sum = target[at] + gain * source[i];
        target[at] = static_cast<std::int16_t>(std::fmax(-32768, std::fmin(32767, sum)));
    }
}

} // namespace hs::test
