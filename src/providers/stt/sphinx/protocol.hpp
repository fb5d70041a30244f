/// What the program and its hacksmart-sphinx child say to each other over two pipes.
///
/// Every message is a header and a body. The parent asks, the child answers with any number of
/// messages and ends with `done` or `failed`; nothing is sent unasked, so neither side can block
/// the other on a full pipe.
#pragma once

#include <cstdint>

namespace hs::providers::sphinx {

enum class Message : std::uint32_t {
    // to the child
    vocabulary = 'V', // lines: 'p' phrase | 'f' fragment of the language model | 'k' to spot
    track = 'T',      // int16 PCM: speech of the track to measure its channel on; forgets the last
    segment = 'S',    // int16 PCM of one stretch of speech, at most max_segment_samples
    // to the parent
    progress = 'P', // empty: a second of audio was heard
    word = 'W',     // WordHeader + text
    spotted = 'K',  // WordHeader + text
    done = 'D',     // the answer is complete; for the first one: library version
    failed = 'X',   // text: why
};

struct Header {
    Message kind;
    std::uint32_t size; // of the body, bytes
};

struct WordHeader {
    std::int32_t start_ms; // from the start of the segment
    std::int32_t end_ms;
    float confidence; // words: 0..1; spotted phrases: 0
};

inline constexpr std::uint32_t rate_hz = 16000;
inline constexpr std::uint32_t max_segment_samples = 40 * rate_hz;
inline constexpr std::uint32_t max_body_bytes = 16u << 20;

} // namespace hs::providers::sphinx
