/// Decode and resample as a multiple of real time: fork of the child, sandbox and pipe included.
///
///     bench_decode [DECODER [FILE…]]
///
/// Without files: every mp3 of the bundled corpus, and a long call made of them, because the fork
/// of a process weighs on calls of under a minute. Best of five runs, one line a file:
/// seconds of sound | child and pipe alone | everything (layout, voice activity, peaks, loudness);
/// multiples of real time by the clock and by processor time (a busy machine shows in the first).
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "audio/audio.hpp"
#include "audio/decoder_host.hpp"
#include "base/files.hpp"

namespace {

using hs::Fd;

struct Took {
    double wall = 1e9; // seconds
    double cpu = 1e9;
};

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    double sum = 0;
    for (const timeval& time : {usage.ru_utime, usage.ru_stime})
        sum += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    return sum;
}

template <typename Work>
Took best_of_five(Work work) {
    Took best;
    for (int i = 0; i < 5; ++i) {
        const auto before = std::chrono::steady_clock::now();
        const double cpu_before = cpu_seconds();
        work();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
        best.wall = std::min(best.wall, took.count());
        best.cpu = std::min(best.cpu, cpu_seconds() - cpu_before);
    }
    return best;
}

/// Gives the processor seconds of the child, which is not ours to wait for.
double decode_only(hs::audio::DecoderHost& host, int fd) {
    const auto end =
        host.run({}, fd, std::chrono::seconds(120), [](auto, auto) { return hs::Result<void>(); });
    if (end.value().outcome != hs::audio::decoder::Outcome::ok) throw std::runtime_error("decode");
    return end.value().cpu_us / 1e6;
}

void measure(const std::filesystem::path& program, const std::string& name, int fd) {
    const hs::audio::Decoder decoder(program);
    hs::audio::DecoderHost host(program);
    const auto facts = decoder.decode(fd, {}).value().facts;
    const double child = decode_only(host, fd);
    auto alone = best_of_five([&] { decode_only(host, fd); });
    auto all = best_of_five([&] { static_cast<void>(decoder.decode(fd, {}).value()); });
    alone.cpu += child;
    all.cpu += child;
    const double seconds = facts.duration_ms / 1000.0;
    std::cout << fmt::format("{:<28} {:>5} Hz x{} {:8.2f} s | {:7.1f} ms {:5.0f}x cpu {:5.0f}x | "
                             "{:7.1f} ms {:5.0f}x cpu {:5.0f}x\n",
                             name,
                             facts.sample_rate,
                             facts.channels,
                             seconds,
                             1000 * alone.wall,
                             seconds / alone.wall,
                             seconds / alone.cpu,
                             1000 * all.wall,
                             seconds / all.wall,
                             seconds / all.cpu);
}

/// The same call over and over: frames of a constant-rate copy follow each other without a seam.
Fd repeated(const std::filesystem::path& program, const std::filesystem::path& call, int times) {
    const Fd source(::open(call.c_str(), O_RDONLY | O_CLOEXEC));
    const auto folder = std::filesystem::temp_directory_path();
    const Fd copy = hs::open_unnamed(folder).value();
    hs::audio::Decoder(program).encode_playback(source.get(), copy.get(), {}).value();
    std::vector<std::uint8_t> bytes(hs::file_size(copy.get()));
    if (!hs::read_exactly(copy.get(), 0, bytes)) throw std::runtime_error("copy");
    Fd out = hs::open_unnamed(folder).value();
    for (int i = 0; i < times; ++i)
        hs::write_all(out.get(), bytes).value();
    return out;
}

} // namespace

int main(int count, char** values) {
    const std::filesystem::path program =
        count > 1 ? values[1] : std::string(HS_BINARY_DIR) + "/hacksmart-decode";
    const std::filesystem::path calls = HS_SOURCE_DIR "/tests/data/corpus/calls";
    std::vector<std::filesystem::path> files(values + std::min(count, 2), values + count);
    const bool whole_corpus = files.empty();
    if (whole_corpus) {
        for (const auto& entry : std::filesystem::directory_iterator(calls))
            if (entry.path().extension() == ".mp3") files.push_back(entry.path());
        std::ranges::sort(files);
    }
    for (const auto& file : files) {
        const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
        measure(program, file.filename().string(), fd.get());
    }
    if (!whole_corpus) return 0;
    const auto mono = repeated(program, calls / "c03_legal_threat.mp3", 6);
    measure(program, "mono, 5 minutes", mono.get());
    const auto stereo = repeated(program, calls / "c01_perfect_swap.mp3", 3);
    measure(program, "stereo, under 3 minutes", stereo.get());
    const auto longest = repeated(program, calls / "c03_legal_threat.mp3", 290);
    measure(program, "mono, nearly 4 hours", longest.get());
}
