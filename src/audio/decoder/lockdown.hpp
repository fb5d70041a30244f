/// Takes away everything a media parser does not need, before it sees the first foreign byte.
#pragma once

#include <cstdint>

namespace hs::audio::decoder {

struct LockdownLimits {
    std::uint64_t address_space_bytes = 512u << 20;
    std::uint64_t cpu_seconds = 60;
};

enum class Lockdown { complete, without_seccomp };

/// Limits, working directory, descriptors, no_new_privs, Landlock where the kernel has it, seccomp.
/// There is no way back. `seccomp` false acts as a kernel without it would.
[[nodiscard]] Lockdown lock_down(const LockdownLimits& limits, bool seccomp = true);

} // namespace hs::audio::decoder
