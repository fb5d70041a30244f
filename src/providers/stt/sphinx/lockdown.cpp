#include "providers/stt/sphinx/lockdown.hpp"

#include <cerrno>
#include <cstddef>

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace hs::providers::sphinx {
namespace {

/// The models need about 190 MB of address space; a runaway search stops here.
constexpr rlim_t address_space_bytes = rlim_t(1) << 30;
constexpr int niceness = 10;

#if defined(__x86_64__)
constexpr unsigned int architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned int architecture = AUDIT_ARCH_AARCH64;
#else
constexpr unsigned int architecture = 0;
#endif

/// No sockets, no other programs: these calls answer EPERM.
void filter_system_calls() {
    if (architecture == 0) return;
    constexpr auto deny = SECCOMP_RET_ERRNO | (EPERM & SECCOMP_RET_DATA);
    sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, deny),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_execve, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_ptrace, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, deny),
    };
    const sock_fprog program{static_cast<unsigned short>(sizeof rules / sizeof rules[0]), rules};
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

} // namespace

void restrict_self() {
    // Whatever the parent had open is none of our business: stdin, stdout and stderr are all.
    syscall(SYS_close_range, 3U, ~0U, 0U);
    const rlimit memory{address_space_bytes, address_space_bytes};
    setrlimit(RLIMIT_AS, &memory);
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none); // audio must not land in a core file
    setpriority(PRIO_PROCESS, 0, niceness);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    filter_system_calls();
}

} // namespace hs::providers::sphinx
