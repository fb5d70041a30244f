/// Attempts at what the lockdown forbids, so that a test can see each of them refused.
#pragma once

#include <string_view>

namespace hs::audio::decoder {

/// "unfiltered" and "unfiltered:PROBE" act as a kernel without seccomp would.
[[nodiscard]] bool without_filter(std::string_view probe);

/// Call it after lock_down. Ends with an end record whose detail is "refused: …" or "allowed";
/// "unknown" for an unknown name.
/// "loop" does not return: the processor limit ends it. "crash" does not return either.
/// "say" stands for a decoder that its input has taken over: it writes the bytes of its input as
/// they are, with no end record, and "say_and_loop" then keeps the line open.
void carry_out_probe(std::string_view name);

} // namespace hs::audio::decoder
