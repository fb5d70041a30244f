/// The drawing of a recording: smallest and largest sample of each hundredth of a second.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hs::audio {

[[nodiscard]] std::vector<std::int8_t> peaks_of(std::span<const std::int16_t> samples,
                                                int per_second);

} // namespace hs::audio
