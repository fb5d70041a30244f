/// The whole way of one file: sniff, demux, decode, resample, send.
#pragma once

#include <cstdint>

#include "audio/decoder/protocol.hpp"

namespace hs::audio::decoder {

/// Reads standard input (a seekable file), writes frames and the end record to standard output.
void decode_stdin(std::int64_t file_bytes, const Order& order);

} // namespace hs::audio::decoder
