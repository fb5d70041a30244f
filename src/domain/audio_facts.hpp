/// What is known of a recording after decoding it once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hs {

enum class Layout { mono, true_stereo, dual_mono, cross_talk };

[[nodiscard]] const char* to_string(Layout layout);

struct Span {
    int start_ms = 0;
    int end_ms = 0;
};

struct ChannelFacts {
    double rms_dbfs = -120;
    double peak_dbfs = -120;
    double noise_floor_dbfs = -120;
    double snr_db = 0;
    double clipped_ratio = 0;
    double dc_offset = 0;
    int speech_ms = 0;
    bool silent = true;
    std::vector<Span> speech; // voice activity, hold audio excluded
};

struct AudioFacts {
    int duration_ms = 0; // decoded: authoritative
    std::optional<int> header_duration_ms;
    bool truncated = false; // decoded < 0.9 x header
    int sample_rate = 0;    // of the file
    int channels = 0;
    std::string format; // mp3 | wav | ogg | opus | flac | m4a | webm
    std::string codec;
    std::int64_t bit_rate = 0;
    Layout layout = Layout::mono;
    double layout_confidence = 1.0;
    std::vector<ChannelFacts> channel_facts; // the tracks judged: 1 (mono, dual_mono) or 2
    std::vector<Span> hold_audio;            // steady tone or music, never speech
    bool telephone_band = false;
    double loudness_lufs = -70;
    int speech_ms = 0; // union over tracks
};

/// True when less than 1.0 s of speech was found in total: the call cannot be judged.
[[nodiscard]] inline bool no_speech(const AudioFacts& facts) {
    return facts.speech_ms < 1000;
}

} // namespace hs
