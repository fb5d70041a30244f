/// What the server and its hacksmart-decode say to each other.
///
/// One hacksmart-decode runs for many recordings and never touches the bytes of any. Over its line
/// it gets one packet a recording, an Order with two descriptors: the recording, read-only, and
/// where to write. It forks a child for it, which locks itself down, and answers with a Receipt
/// and a pidfd of the child.
///
/// The child writes a stream of frames: FrameHead, then `length` bytes. Order: at most one facts
/// frame, any number of pcm or encoded frames, one end frame. The server treats all of it as
/// hostile. Plain integers of this machine: both ends are built together and live on one host.
#pragma once

#include <cstdint>

namespace hs::audio::decoder {

inline constexpr std::uint32_t protocol_version = 3;

enum class Mode : std::uint32_t { pcm = 1, playback = 2 };

/// A stretch of a playback copy that is covered with a tone.
struct Mask {
    std::int32_t start_ms = 0;
    std::int32_t end_ms = 0;
    std::int32_t channel = -1; // -1: all of them
};

inline constexpr std::uint32_t max_masks = 256;

/// To hacksmart-decode, with the descriptors of input and output.
struct Order {
    std::uint32_t version = protocol_version;
    Mode mode = Mode::pcm;
    std::uint64_t cpu_seconds = 60;
    std::uint64_t address_space_bytes = 512u << 20;
    std::int64_t max_ms = 4 * 3600 * 1000;
    std::int32_t picked[2] = {-1, -1}; // pcm: only these channels; -1: all
    std::uint32_t allow_unsandboxed = 0;
    std::uint32_t mask_count = 0; // playback only
    Mask masks[max_masks] = {};
    char probe[32] = {}; // tests only, see probes.hpp; zero-terminated
};

/// From hacksmart-decode, with a pidfd of the child that carries the order out. `version` differs
/// from the order's, and there is no child, when the two programs do not fit.
struct Receipt {
    std::uint32_t version = protocol_version;
    std::uint32_t started = 0;
};

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
    std::uint32_t cpu_us;  // processor time of the child, for benchmarks
    std::uint64_t samples; // per channel, at pcm_rate_hz
    char detail[112];      // for the log and the probes, zero-terminated
};

} // namespace hs::audio::decoder
