#include "audio/piece_summary.hpp"

#include <algorithm>
#include <cmath>

#include "audio/hold_audio.hpp"
#include "audio/voice_activity.hpp"

namespace hs::audio {

namespace {

/// Speech of one channel of a piece. Hold audio is looked for only where sound goes on long enough
/// to be some: the look is what costs.
std::vector<Span> speech_in(Samples samples, const Levels& levels) {
    constexpr int shortest_hold_ms = 3000;
    auto spans = active_spans(levels, speech_threshold_dbfs(levels));
    const bool long_sound = std::ranges::any_of(
        spans, [](const Span& span) { return span.end_ms - span.start_ms >= shortest_hold_ms; });
    return long_sound ? subtract(spans, find_hold_audio(samples, levels)) : spans;
}

double clipped_share(Samples samples) {
    constexpr int full_scale = 32700;
    const auto clipped = std::ranges::count_if(
        samples, [](std::int16_t value) { return value >= full_scale || value <= -full_scale; });
    return static_cast<double>(clipped) /
           static_cast<double>(std::max<std::size_t>(samples.size(), 1));
}

/// Whether both channels carry one sound: correlation without a shift, at nearly equal level.
bool same_sound(Samples first, Samples second) {
    double product = 0;
    double first_energy = 1;
    double second_energy = 1;
    for (std::size_t i = 0; i < first.size(); ++i) {
        const double a = first[i];
        const double b = second[i];
        product += a * b;
        first_energy += a * a;
        second_energy += b * b;
    }
    const double ratio = first_energy / second_energy;
    return product / std::sqrt(first_energy * second_energy) >= 0.95 && ratio > 0.5 && ratio < 2;
}

} // namespace

void PieceSummary::add(std::vector<std::vector<std::int16_t>> channels) {
    if (channels.empty() || channels.front().empty()) return;
    const int length_ms = static_cast<int>(static_cast<std::int64_t>(channels.front().size()) *
                                           1000 / speech_rate_hz);
    std::vector<Span> speech;
    double clipped = 0;
    for (const auto& channel : channels) {
        const auto spans = speech_in(channel, frame_levels(channel));
        speech.insert(speech.end(), spans.begin(), spans.end());
        clipped = std::max(clipped, clipped_share(channel));
    }
    const int speech_ms = total_ms(unite(std::move(speech)));
    auto layout = channels.size() == 2 ? Layout::true_stereo : Layout::mono;
    if (channels.size() == 2 && same_sound(channels[0], channels[1])) layout = Layout::dual_mono;
    speech_ms_ += speech_ms;
    total_ms_ += length_ms;
    clipped_ += clipped * length_ms;
    // A piece without speech says little of how the channels relate, but is better than nothing.
    votes_.at(static_cast<std::size_t>(layout)) += speech_ms + 0.001 * length_ms;
}

void PieceSummary::conclude(AudioFacts& facts) const {
    const auto winner = std::ranges::max_element(votes_);
    double all = 0;
    for (const double vote : votes_)
        all += vote;
    facts.layout = static_cast<Layout>(winner - votes_.begin());
    facts.layout_confidence = all > 0 ? *winner / all : 0.5;
    facts.speech_ms = speech_ms_;
    ChannelFacts channel;
    channel.clipped_ratio = total_ms_ > 0 ? clipped_ / total_ms_ : 0;
    channel.speech_ms = speech_ms_;
    channel.silent = speech_ms_ == 0;
    facts.channel_facts = {channel};
}

} // namespace hs::audio
