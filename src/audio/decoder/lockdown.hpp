/// Takes away everything a media parser does not need, before it sees the first foreign byte.
#pragma once

#include <cstdint>
#include <vector>

namespace hs::audio::decoder {

struct LockdownLimits {
    std::uint64_t address_space_bytes = 512u << 20;
    std::uint64_t cpu_seconds = 60;
};

/// The system calls of a child, compiled. Empty on a kernel without seccomp.
class CallFilter {
public:
    [[nodiscard]] static CallFilter compile();

    /// False when the kernel did not take it.
    [[nodiscard]] bool load() const;

private:
    std::vector<std::uint64_t> instructions_; // each a sock_filter of 8 bytes
};

/// What hacksmart-decode gives up for itself and for all its children: paths (Landlock, where the
/// kernel has it), the working directory, descriptors above 2, new privileges, being traced.
void confine_host();

/// What a child gives up before the first foreign byte: everything but standard input and output,
/// resources beyond `limits`, and with `filter` all system calls that are not needed to decode.
/// There is no way back. False when the filter was not loaded; null acts as a kernel without one.
[[nodiscard]] bool lock_down(const LockdownLimits& limits, const CallFilter* filter);

} // namespace hs::audio::decoder
