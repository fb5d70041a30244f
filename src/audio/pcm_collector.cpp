#include "audio/pcm_collector.hpp"

#include <algorithm>
#include <cstring>

namespace hs::audio {

namespace {

std::unexpected<Error> lost_way() {
    return fail(ErrorKind::invalid, "audio.invalid", "the decoder lost its way");
}

template <std::size_t N>
bool plain_text(const char (&text)[N]) {
    const auto* end = std::find(text, text + N, '\0');
    return end != text + N && std::all_of(text, end, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

} // namespace

PcmCollector::PcmCollector(std::int64_t max_duration_ms, int keep_at_most, std::int64_t reserve_ms)
    : max_samples_(max_duration_ms * speech_rate_hz / 1000), keep_at_most_(keep_at_most),
      reserve_ms_(reserve_ms) {}

Result<void> PcmCollector::take(decoder::FrameKind kind, std::span<const std::uint8_t> payload) {
    if (kind == decoder::FrameKind::facts) return take_facts(payload);
    if (kind == decoder::FrameKind::pcm) return take_pcm(payload);
    return lost_way();
}

Result<void> PcmCollector::take_facts(std::span<const std::uint8_t> payload) {
    decoder::StreamFacts facts{};
    if (facts_ || payload.size() != sizeof facts) return lost_way();
    std::memcpy(&facts, payload.data(), sizeof facts);
    if (!plain_text(facts.format) || !plain_text(facts.codec) || facts.channels < 1 ||
        facts.channels > decoder::max_channels || facts.sent_channels < 1 ||
        facts.sent_channels > facts.channels || facts.sample_rate < 1000 ||
        facts.sample_rate > 384000 || facts.bit_rate < 0)
        return lost_way();
    facts_ = facts;
    const auto sent = static_cast<std::size_t>(facts.sent_channels);
    energies_.assign(sent, 0.0);
    if (facts.sent_channels > keep_at_most_) return {};
    channels_.resize(sent);
    // The header's word is good enough to save copying while the tracks grow.
    const auto expected = std::clamp<std::int64_t>(facts.header_duration_ms, 0, reserve_ms_);
    for (auto& channel : channels_)
        channel.reserve(static_cast<std::size_t>(expected + 1000) * speech_rate_hz / 1000);
    return {};
}

Result<void> PcmCollector::take_pcm(std::span<const std::uint8_t> payload) {
    if (!facts_ || payload.size() % sizeof(std::int16_t) != 0) return lost_way();
    const auto count = payload.size() / sizeof(std::int16_t);
    const auto width = energies_.size();
    if (count == 0) return {};
    values_ += count;
    if (values_ > (static_cast<std::uint64_t>(max_samples_) + 1) * width)
        return fail(ErrorKind::invalid, "audio.too_long", "the recording is longer than allowed");
    if (stored() && next_channel_ == 0 && count % width == 0) {
        store_whole(payload.data(), count / width);
        return {};
    }
    for (std::size_t i = 0; i < count; ++i) {
        std::int16_t value = 0;
        std::memcpy(&value, payload.data() + i * sizeof value, sizeof value);
        if (stored())
            channels_[next_channel_].push_back(value);
        else
            energies_[next_channel_] += static_cast<double>(int{value} * value);
        next_channel_ = next_channel_ + 1 == width ? 0 : next_channel_ + 1;
    }
    return {};
}

/// What nearly every frame is: as many samples of each channel.
void PcmCollector::store_whole(const std::uint8_t* values, std::size_t samples) {
    constexpr auto bytes = sizeof(std::int16_t);
    const auto stride = channels_.size() * bytes;
    for (std::size_t channel = 0; channel < channels_.size(); ++channel) {
        auto& track = channels_[channel];
        const auto before = track.size();
        track.resize(before + samples);
        auto* out = track.data() + before;
        const auto* in = values + channel * bytes;
        for (std::size_t i = 0; i < samples; ++i)
            std::memcpy(out + i, in + i * stride, bytes);
    }
}

std::optional<std::vector<std::vector<std::int16_t>>>
PcmCollector::take_piece(std::size_t samples) {
    if (!stored() || next_channel_ != 0 || channels_.front().size() < samples) return std::nullopt;
    std::vector<std::vector<std::int16_t>> piece(channels_.size());
    piece.swap(channels_);
    return piece;
}

std::uint64_t PcmCollector::samples() const {
    return next_channel_ == 0 && !energies_.empty() ? values_ / energies_.size() : 0;
}

} // namespace hs::audio
