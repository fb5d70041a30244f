/// What hacksmart-decode writes to its standard output, and what its parent reads.
///
/// A stream of frames: FrameHead, then `length` bytes. Order: at most one facts frame, any number
/// of pcm or encoded frames, one end frame. Plain integers of this machine: both ends are built
/// together and live on one host. The parent treats all of it as hostile.
#pragma once

#include <cstdint>

namespace hs::audio::decoder {

enum class FrameKind : std::uint32_t { facts = 1, pcm = 2, encoded = 3, end = 4 };

enum class Outcome : std::uint32_t {
    ok = 0,
    empty = 1,
    unsupported_format = 2,
    invalid = 3,
    too_long = 4,
    sandbox_unavailable = 5,
    usage = 6,
};

struct FrameHead {
    FrameKind kind;
    std::uint32_t length;
};

inline constexpr std::uint32_t max_frame_bytes = 1u << 17;
inline constexpr int max_channels = 8;
inline constexpr std::int32_t pcm_rate_hz = 16000;

/// Sent once, when the first sound has been decoded. Text is zero-terminated.
struct StreamFacts {
    char format[8];
    char codec[16];
    std::int32_t sample_rate;
    std::int32_t channels;      // of the file
    std::int32_t sent_channels; // interleaved in the pcm frames that follow
    std::int32_t reserved;
    std::int64_t header_duration_ms; // -1: the file does not say, or nothing to be trusted
    std::int64_t bit_rate;           // 0: unknown
};

struct EndRecord {
    Outcome outcome;
    std::uint32_t reserved;
    std::uint64_t samples; // per channel, at pcm_rate_hz
    char detail[112];      // for the log and the probes, zero-terminated
};

} // namespace hs::audio::decoder
