/// Attempts at what the lockdown forbids, so that a test can see each of them refused.
#pragma once

#include <string>
#include <string_view>

namespace hs::audio::decoder {

/// Call it after lock_down. Returns "refused: …" or "allowed"; "unknown" for an unknown name.
/// "loop" does not return: the processor limit ends it.
[[nodiscard]] std::string attempt(std::string_view name);

} // namespace hs::audio::decoder
