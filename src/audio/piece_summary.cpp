#include "audio/piece_summary.hpp"

#include <algorithm>

#include "audio/sound_facts.hpp"

namespace hs::audio {

void PieceSummary::add(std::vector<std::vector<std::int16_t>> channels) {
    if (channels.empty() || channels.front().empty()) return;
    const auto samples = static_cast<std::int64_t>(channels.front().size());
    const int length_ms = static_cast<int>(samples * 1000 / speech_rate_hz);
    AudioFacts piece;
    piece.sample_rate = speech_rate_hz; // so that the band is measured, not read off the rate
    const auto facts = examine(std::move(piece), std::move(channels)).facts;
    speech_ms_ += facts.speech_ms;
    total_ms_ += length_ms;
    // A piece without speech says little of how the channels relate, but is better than nothing.
    votes_.at(static_cast<std::size_t>(facts.layout)) += facts.speech_ms + 0.001 * length_ms;
    double clipped = 0;
    for (const auto& channel : facts.channel_facts)
        clipped = std::max(clipped, channel.clipped_ratio);
    clipped_ += clipped * length_ms;
    if (facts.speech_ms > 0) narrow_ = narrow_ && facts.telephone_band;
    loudest_lufs_ = std::max(loudest_lufs_, facts.loudness_lufs);
}

void PieceSummary::conclude(AudioFacts& facts) const {
    const auto winner = std::ranges::max_element(votes_);
    double all = 0;
    for (const double vote : votes_)
        all += vote;
    facts.layout = static_cast<Layout>(winner - votes_.begin());
    facts.layout_confidence = all > 0 ? *winner / all : 0.5;
    facts.speech_ms = speech_ms_;
    facts.telephone_band = speech_ms_ > 0 && (narrow_ || facts.sample_rate <= 8000);
    facts.loudness_lufs = loudest_lufs_;
    ChannelFacts channel;
    channel.clipped_ratio = total_ms_ > 0 ? clipped_ / total_ms_ : 0;
    channel.speech_ms = speech_ms_;
    channel.silent = speech_ms_ == 0;
    facts.channel_facts = {channel};
}

} // namespace hs::audio
