#include "audio/sound_facts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include "audio/hold_audio.hpp"
#include "audio/layout.hpp"
#include "audio/loudness.hpp"
#include "audio/peaks.hpp"
#include "audio/spectrum.hpp"
#include "audio/voice_activity.hpp"

namespace hs::audio {

namespace {

/// One channel as it came, before any gating.
struct Listening {
    Levels levels;
    double threshold_dbfs = 0;
    std::vector<Span> hold;
    std::vector<Span> speech;
};

Listening listen(Samples samples) {
    Listening heard;
    heard.levels = frame_levels(samples);
    heard.threshold_dbfs = speech_threshold_dbfs(heard.levels);
    heard.hold = find_hold_audio(samples, heard.levels);
    heard.speech = subtract(active_spans(heard.levels, heard.threshold_dbfs), heard.hold);
    return heard;
}

/// Of everything, from the levels of its frames.
double rms_dbfs(const Levels& levels) {
    double energy = 0;
    for (const float level : levels)
        energy += std::pow(10.0, level / 10.0);
    const auto count = static_cast<double>(std::max<std::size_t>(levels.size(), 1));
    return std::max(lowest_dbfs, 10 * std::log10(energy / count + 1e-13));
}

/// Mean level of the frames inside `spans`.
double level_within(const Levels& levels, const std::vector<Span>& spans) {
    double energy = 0;
    int frames = 0;
    for (const Span& span : spans) {
        for (int frame = span.start_ms / frame_ms; frame * frame_ms < span.end_ms; ++frame) {
            if (static_cast<std::size_t>(frame) >= levels.size()) break;
            energy += std::pow(10.0, levels[static_cast<std::size_t>(frame)] / 10.0);
            ++frames;
        }
    }
    return frames == 0 ? lowest_dbfs : std::max(lowest_dbfs, 10 * std::log10(energy / frames));
}

ChannelFacts channel_facts(Samples samples, const Levels& levels, std::vector<Span> speech) {
    constexpr int full_scale = 32700;
    ChannelFacts facts;
    facts.rms_dbfs = rms_dbfs(levels);
    facts.noise_floor_dbfs = percentile(levels, 0.10);
    int peak = 0;
    std::int64_t sum = 0;
    std::size_t clipped = 0;
    for (const std::int16_t value : samples) {
        const int size = std::abs(int{value});
        peak = std::max(peak, size);
        sum += value;
        clipped += size >= full_scale ? 1 : 0;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(samples.size(), 1));
    if (peak > 0) facts.peak_dbfs = 20 * std::log10(peak / 32768.0);
    facts.clipped_ratio = static_cast<double>(clipped) / count;
    facts.dc_offset = static_cast<double>(sum) / count / 32768.0;
    facts.speech_ms = total_ms(speech);
    facts.silent = speech.empty();
    if (!speech.empty()) facts.snr_db = level_within(levels, speech) - facts.noise_floor_dbfs;
    facts.speech = std::move(speech);
    return facts;
}

/// Whether speech holds next to nothing above the telephone band. Looks at up to 500 frames.
bool narrow_band(Samples samples, const std::vector<Span>& speech) {
    constexpr double above_to_below = 1e-4; // -40 dB
    constexpr std::size_t length = 512;
    Spectrum spectrum(length);
    std::vector<float> wave(length);
    double low = 0;
    double high = 0;
    const int step_ms = std::max(frame_ms, total_ms(speech) / 500);
    for (const Span& span : speech) {
        for (int at_ms = span.start_ms; at_ms < span.end_ms; at_ms += step_ms) {
            const auto start = static_cast<std::size_t>(at_ms) * 16;
            if (start + length > samples.size()) break;
            std::ranges::copy(samples.subspan(start, length), wave.begin());
            const auto& power = spectrum.power(wave);
            for (std::size_t bin = 0; bin < power.size(); ++bin) {
                const double hz = spectrum.bin_hz(bin, speech_rate_hz);
                if (hz >= 300 && hz <= 3400) low += power[bin];
                if (hz >= 4200 && hz <= 7600) high += power[bin];
            }
        }
    }
    return low > 0 && high < low * above_to_below;
}

void downmix(std::vector<std::vector<std::int16_t>>& channels) {
    auto& mix = channels[0];
    for (std::size_t i = 0; i < mix.size(); ++i)
        mix[i] = static_cast<std::int16_t>((mix[i] + channels[1][i]) / 2);
    channels.pop_back();
}

/// Decides the layout and brings `channels` and what was heard in them into that form.
void settle_layout(AudioFacts& facts,
                   std::vector<std::vector<std::int16_t>>& channels,
                   std::vector<Listening>& heard) {
    const auto finding = find_layout({.first = channels[0],
                                      .second = channels[1],
                                      .first_speech = heard[0].speech,
                                      .second_speech = heard[1].speech,
                                      .first_rms_dbfs = rms_dbfs(heard[0].levels),
                                      .second_rms_dbfs = rms_dbfs(heard[1].levels)});
    facts.layout = finding.layout;
    facts.layout_confidence = finding.confidence;
    if (finding.layout == Layout::mono) {
        channels.erase(channels.begin() + 1 - finding.live_channel);
        heard.erase(heard.begin() + 1 - finding.live_channel);
    } else if (finding.layout == Layout::dual_mono) {
        downmix(channels);
        heard = {listen(channels[0])};
    } else if (finding.layout == Layout::cross_talk) {
        gate_cross_talk(channels[0], channels[1]);
        for (std::size_t i = 0; i < channels.size(); ++i) {
            // The threshold stays that of the ungated sound: holes are no noise floor.
            heard[i].levels = frame_levels(channels[i]);
            heard[i].speech =
                subtract(active_spans(heard[i].levels, heard[i].threshold_dbfs), heard[i].hold);
        }
    }
}

void join_channels(AudioFacts& facts, const std::vector<Listening>& heard) {
    std::vector<Span> speech;
    std::vector<Span> hold;
    for (const auto& channel : heard) {
        speech.insert(speech.end(), channel.speech.begin(), channel.speech.end());
        hold.insert(hold.end(), channel.hold.begin(), channel.hold.end());
    }
    facts.speech_ms = total_ms(unite(std::move(speech)));
    facts.hold_audio = unite(std::move(hold));
}

} // namespace

Decoded examine(AudioFacts facts, std::vector<std::vector<std::int16_t>> channels) {
    Decoded decoded;
    std::vector<Listening> heard;
    for (const auto& channel : channels)
        heard.push_back(listen(channel));
    if (channels.size() == 2) {
        settle_layout(facts, channels, heard);
    } else {
        facts.layout = Layout::mono;
        facts.layout_confidence = 1.0;
    }
    join_channels(facts, heard);
    std::vector<Samples> tracks(channels.begin(), channels.end());
    facts.loudness_lufs = loudness_lufs(tracks);
    bool narrow = facts.speech_ms > 0;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        narrow = narrow && (heard[i].speech.empty() || facts.sample_rate <= 8000 ||
                            narrow_band(channels[i], heard[i].speech));
        decoded.peaks.channels.push_back(peaks_of(channels[i], decoded.peaks.per_second));
        facts.channel_facts.push_back(
            channel_facts(channels[i], heard[i].levels, std::move(heard[i].speech)));
        const std::string name = channels.size() == 1 ? "mix" : "ch" + std::to_string(i);
        decoded.tracks.push_back({.name = name, .samples = std::move(channels[i])});
    }
    facts.telephone_band = narrow;
    decoded.facts = std::move(facts);
    return decoded;
}

} // namespace hs::audio
