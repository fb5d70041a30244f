/// The long-lived part of hacksmart-decode: loads the media libraries once and forks a child for
/// every recording. It stays single-threaded and never reads a recording itself.
#pragma once

#include "audio/decoder/lockdown.hpp"
#include "audio/decoder/protocol.hpp"

namespace hs::audio::decoder {

/// What the child does with its order; its standard input and output are the order's descriptors.
using CarryOut = void (*)(const Order& order, const CallFilter& filter);

/// Serves orders from `line` until the other end is closed. Children end with this process.
void serve_orders(int line, CarryOut carry_out);

} // namespace hs::audio::decoder
