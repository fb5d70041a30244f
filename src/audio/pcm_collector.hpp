/// Takes the decoder's frames apart: facts once, then interleaved PCM into tracks.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "audio/audio.hpp"
#include "audio/decoder/protocol.hpp"

namespace hs::audio {

class PcmCollector {
public:
    /// `keep_at_most` channels are stored; with more in the file only their energies are.
    /// `reserve_ms` bounds the memory set aside on the header's word.
    PcmCollector(std::int64_t max_duration_ms, int keep_at_most, std::int64_t reserve_ms);

    /// Errors: invalid "audio.invalid" (protocol broken), "audio.too_long".
    [[nodiscard]] Result<void> take(decoder::FrameKind kind, std::span<const std::uint8_t> payload);

    /// Null until the facts have come.
    [[nodiscard]] const std::optional<decoder::StreamFacts>& facts() const { return facts_; }

    [[nodiscard]] bool stored() const { return !channels_.empty(); }

    /// Samples per channel; 0 when the last sample frame came incomplete.
    [[nodiscard]] std::uint64_t samples() const;

    [[nodiscard]] const std::vector<double>& energies() const { return energies_; }

    [[nodiscard]] std::vector<std::vector<std::int16_t>> release() { return std::move(channels_); }

    /// Gives away what is stored when it has at least `samples` a channel, else nothing. For
    /// readers that look at a recording piece by piece.
    [[nodiscard]] std::optional<std::vector<std::vector<std::int16_t>>>
    take_piece(std::size_t samples);

private:
    [[nodiscard]] Result<void> take_facts(std::span<const std::uint8_t> payload);
    [[nodiscard]] Result<void> take_pcm(std::span<const std::uint8_t> payload);
    void store_whole(const std::uint8_t* values, std::size_t samples);

    std::int64_t max_samples_;
    int keep_at_most_;
    std::int64_t reserve_ms_;
    std::optional<decoder::StreamFacts> facts_;
    std::vector<std::vector<std::int16_t>> channels_;
    std::vector<double> energies_;
    std::size_t next_channel_ = 0;
    std::uint64_t values_ = 0;
};

} // namespace hs::audio
