/// Any bytes through the real decoder program: it never hangs, and the answer is one of the list.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/mman.h>

#include "audio/audio.hpp"
#include "base/files.hpp"

namespace {

[[noreturn]] void complain(const std::string& what) {
    std::fprintf(stderr, "decode: %s\n", what.c_str());
    std::abort();
}

void check(const hs::Result<hs::audio::Decoded>& answer) {
    constexpr std::array<std::string_view, 5> codes = {"audio.empty",
                                                       "audio.unsupported_format",
                                                       "audio.invalid",
                                                       "audio.too_short",
                                                       "audio.too_long"};
    if (answer) {
        if (answer->tracks.empty() || answer->tracks.size() > 2) complain("number of tracks");
        if (answer->facts.duration_ms < 1000) complain("accepted under a second");
        return;
    }
    for (const auto code : codes)
        if (answer.error().code == code) return;
    complain("code " + answer.error().code);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const hs::audio::Decoder decoder(std::string(HS_BINARY_DIR) + "/hacksmart-decode");
    const hs::Fd file(::memfd_create("input", MFD_CLOEXEC));
    if (!hs::write_all(file.get(), {data, size})) return 0;
    constexpr std::chrono::seconds wall(20);
    const auto before = std::chrono::steady_clock::now();
    check(decoder.decode(file.get(), {.cpu = std::chrono::seconds(10), .wall = wall}));
    if (std::chrono::steady_clock::now() - before > wall + std::chrono::seconds(5))
        complain("took too long");
    return 0;
}

#include "seeds_main.hpp"
