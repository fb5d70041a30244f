/// The whole way of one file: sniff, demux, decode, resample, send.
#pragma once

#include <array>
#include <cstdint>

#include "audio/decoder/protocol.hpp"

namespace hs::audio::decoder {

enum class Mode { pcm, playback };

struct DecodeOrder {
    Mode mode = Mode::pcm;
    std::int64_t max_ms = 4 * 3600 * 1000;
    std::array<int, 2> picked = {-1, -1}; // pcm: only these channels; -1: all
};

/// Reads standard input (a seekable file), writes frames and the end record to standard output.
void decode_stdin(std::int64_t file_bytes, const DecodeOrder& order);

} // namespace hs::audio::decoder
