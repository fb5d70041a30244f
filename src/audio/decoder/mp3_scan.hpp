/// Finds where mp3 frames begin and what the first of them says about the length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace hs::audio::decoder {

struct Mp3Start {
    std::size_t offset = 0;
    std::optional<std::int64_t> header_duration_ms; // from a Xing, Info or VBRI frame
};

/// First place with three consistent layer III frames in a row.
[[nodiscard]] std::optional<Mp3Start> find_mp3(std::span<const std::uint8_t> bytes);

} // namespace hs::audio::decoder
