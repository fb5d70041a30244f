#include "audio/decoder/lockdown.hpp"

#include <cerrno>
#include <cstring>
#include <initializer_list>

#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hs::audio::decoder {

namespace {

void set_limit(__rlimit_resource_t resource, std::uint64_t value) {
    const rlimit limit{value, value};
    static_cast<void>(::setrlimit(resource, &limit));
}

void set_limits(const LockdownLimits& limits) {
    set_limit(RLIMIT_AS, limits.address_space_bytes);
    set_limit(RLIMIT_CPU, limits.cpu_seconds);
    set_limit(RLIMIT_FSIZE, 0);
    set_limit(RLIMIT_NPROC, 0);
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_NOFILE, 16);
}

/// A rule set without a single rule: no path can be opened any more. Kernels without Landlock are
/// covered by seccomp, which refuses every call that takes a path.
void forbid_paths() {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return;
    // Access bits were added at the end with versions 2 (refer) and 3 (truncate).
    const int bits = version >= 3 ? 15 : version == 2 ? 14 : 13;
    landlock_ruleset_attr attributes{};
    attributes.handled_access_fs = (std::uint64_t{1} << bits) - 1;
    const long rules =
        ::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0);
    if (rules < 0) return;
    static_cast<void>(::syscall(SYS_landlock_restrict_self, rules, 0));
    ::close(static_cast<int>(rules));
}

/// All that decoding needs. Reading is pread and read of a descriptor that is already open; there
/// is no call that takes a path, an address, a process or a signal for somebody else.
constexpr int allowed_calls[] = {
    SCMP_SYS(read),      SCMP_SYS(pread64),      SCMP_SYS(lseek),           SCMP_SYS(write),
    SCMP_SYS(writev),    SCMP_SYS(brk),          SCMP_SYS(munmap),          SCMP_SYS(mremap),
    SCMP_SYS(madvise),   SCMP_SYS(futex),        SCMP_SYS(clock_gettime),   SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),  SCMP_SYS(sched_yield),
    SCMP_SYS(exit),      SCMP_SYS(exit_group),   SCMP_SYS(restart_syscall),
};

scmp_filter_ctx describe_filter() {
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (filter == nullptr) return nullptr;
    bool complete = true;
    for (const int call : allowed_calls)
        complete = complete && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
    // Memory may be mapped and re-protected, but never executable: no new code in this process.
    for (const int call : {SCMP_SYS(mmap), SCMP_SYS(mprotect)})
        complete =
            complete &&
            seccomp_rule_add(
                filter, SCMP_ACT_ALLOW, call, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) == 0;
    if (complete) return filter;
    seccomp_release(filter);
    return nullptr;
}

} // namespace

CallFilter CallFilter::compile() {
    CallFilter out;
    scmp_filter_ctx filter = describe_filter();
    if (filter == nullptr) return out;
    // The library writes the program to a descriptor only.
    const int file = ::memfd_create("filter", MFD_CLOEXEC);
    const bool exported = file >= 0 && seccomp_export_bpf(filter, file) == 0;
    seccomp_release(filter);
    const off_t bytes = exported ? ::lseek(file, 0, SEEK_END) : 0;
    static_assert(sizeof(sock_filter) == sizeof(std::uint64_t));
    out.instructions_.resize(static_cast<std::size_t>(bytes) / sizeof(sock_filter));
    if (::pread(file, out.instructions_.data(), static_cast<std::size_t>(bytes), 0) != bytes)
        out.instructions_.clear();
    ::close(file);
    return out;
}

bool CallFilter::load() const {
    if (instructions_.empty()) return false;
    std::vector<sock_filter> program(instructions_.size());
    std::memcpy(program.data(), instructions_.data(), program.size() * sizeof(sock_filter));
    const sock_fprog description{static_cast<unsigned short>(program.size()), program.data()};
    return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &description) == 0;
}

void confine_host() {
    static_cast<void>(::prctl(PR_SET_DUMPABLE, 0));
    // Not fatal: what comes next forbids every path anyway.
    [[maybe_unused]] const int moved = ::chdir("/");
    static_cast<void>(::syscall(SYS_close_range, 3u, ~0u, 0u));
    static_cast<void>(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    forbid_paths();
}

bool lock_down(const LockdownLimits& limits, const CallFilter* filter) {
    static_cast<void>(::syscall(SYS_close_range, 3u, ~0u, 0u));
    set_limits(limits);
    return filter != nullptr && filter->load();
}

} // namespace hs::audio::decoder
