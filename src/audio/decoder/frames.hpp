/// Writes protocol frames to standard output.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "audio/decoder/protocol.hpp"

namespace hs::audio::decoder {

/// False when the reader has gone; there is nobody left to tell then.
[[nodiscard]] bool write_frame(FrameKind kind, std::span<const std::uint8_t> payload);
[[nodiscard]] bool write_facts(const StreamFacts& facts);
void write_end(Outcome outcome, std::uint64_t samples, std::string_view detail);

/// Collects interleaved samples and sends them in frames of a fixed size.
class PcmWriter {
public:
    PcmWriter();
    [[nodiscard]] bool add(std::span<const std::int16_t> samples);
    [[nodiscard]] bool flush();

private:
    std::vector<std::int16_t> pending_;
};

} // namespace hs::audio::decoder
