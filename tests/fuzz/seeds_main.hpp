/// A main for fuzz targets that are built without libFuzzer (-DHS_FUZZ_SEEDS): runs every file
/// named on the command line, then random changes of it for HS_FUZZ_ROUNDS rounds (default 1000).
#pragma once

#ifdef HS_FUZZ_SEEDS
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hs::fuzz {

inline void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// Some bytes anywhere, as many among the first hundred (headers decide most), sometimes a cut.
inline void change(std::string& input, std::mt19937& random) {
    if (input.empty()) return;
    for (auto hits = 1 + random() % 16; hits > 0; --hits) {
        const auto reach = hits % 2 == 0 ? std::min<std::size_t>(input.size(), 100) : input.size();
        input[random() % reach] = static_cast<char>(random());
    }
    if (random() % 4 == 0) input.resize(random() % input.size());
}

} // namespace hs::fuzz

int main(int count, char** files) {
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    const char* wanted = std::getenv("HS_FUZZ_ROUNDS");
    const int rounds = wanted == nullptr ? 1000 : std::atoi(wanted);
    for (int i = 1; i < count; ++i) {
        std::ifstream in(files[i], std::ios::binary);
        const std::string original(std::istreambuf_iterator<char>(in), {});
        hs::fuzz::run(original);
        for (int round = 0; round < rounds; ++round) {
            auto input = original;
            hs::fuzz::change(input, random);
            hs::fuzz::run(input);
        }
    }
    std::printf("ok\n");
}
#endif
