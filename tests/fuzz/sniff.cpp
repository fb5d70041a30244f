/// The decoder's own reading of foreign bytes (format, tags, first frames), in this process so that
/// sanitizers see it.
#include "audio/decoder/sniff.hpp"

#include <cstdint>
#include <cstdlib>

#include <sys/mman.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hs::audio::decoder;
    const int file = ::memfd_create("input", MFD_CLOEXEC);
    const bool written = ::write(file, data, size) == static_cast<ssize_t>(size);
    const auto found = sniff(file, static_cast<std::int64_t>(size));
    ::close(file);
    if (!written || found.outcome != Outcome::ok) return 0;
    const auto length = static_cast<std::int64_t>(size);
    if (found.start < 0 || found.start >= length) std::abort();
    if (found.header_duration_ms && *found.header_duration_ms < 0) std::abort();
    return 0;
}

#include "seeds_main.hpp"
