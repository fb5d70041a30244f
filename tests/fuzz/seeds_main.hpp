/// A main for fuzz targets that are built without libFuzzer (-DHS_FUZZ_SEEDS): runs every file of
/// the folders named on the command line, then random changes of them. The target must hold for
/// all; a crash prints the seed, and HS_FUZZ_SEED repeats it. HS_FUZZ_ROUNDS: changes of each file
/// (default 1000).
///
/// What a fuzzer found is kept as one more file in tests/fuzz/seeds.
#pragma once

#ifdef HS_FUZZ_SEEDS
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hs::fuzz {

inline void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

inline std::vector<std::string> files_of(int count, char** folders) {
    std::vector<std::filesystem::path> paths;
    for (int i = 1; i < count; ++i)
        for (const auto& entry : std::filesystem::directory_iterator(folders[i]))
            paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end()); // the order of a folder differs between machines
    std::vector<std::string> contents;
    for (const auto& path : paths) {
        std::ifstream in(path, std::ios::binary);
        contents.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    return contents;
}

/// One change: a byte replaced (often among the first hundred: headers decide most), some removed,
/// some doubled, or a piece of another file put in, which brings the syntax of the format along.
inline void change(std::string& input, const std::string& other, std::mt19937& random) {
    if (input.empty()) return;
    const auto reach = random() % 2 == 0 ? std::min<std::size_t>(input.size(), 100) : input.size();
    const auto at = random() % reach;
    switch (random() % 5) {
    case 0:
    case 1: input[at] = static_cast<char>(random()); break;
    case 2: input.erase(at, 1 + random() % 8); break;
    case 3: input.insert(at, input.substr(at, 1 + random() % 64)); break;
    default:
        if (!other.empty()) input.insert(at, other.substr(random() % other.size(), random() % 16));
    }
    if (random() % 32 == 0) input.resize(random() % (input.size() + 1));
}

inline unsigned number_or(const char* name, unsigned otherwise) {
    const char* given = std::getenv(name);
    return given == nullptr ? otherwise : static_cast<unsigned>(std::strtoul(given, nullptr, 10));
}

} // namespace hs::fuzz

int main(int count, char** folders) {
    const auto seed = hs::fuzz::number_or("HS_FUZZ_SEED", std::random_device{}());
    const auto rounds = hs::fuzz::number_or("HS_FUZZ_ROUNDS", 1000);
    std::printf("seed %u\n", seed);
    std::fflush(stdout);
    std::mt19937 random(seed);
    const auto files = hs::fuzz::files_of(count, folders);
    if (files.empty()) {
        std::fprintf(stderr, "no files to begin with\n");
        return 1;
    }
    for (const auto& original : files) {
        hs::fuzz::run(original);
        for (unsigned round = 0; round < rounds; ++round) {
            auto input = original;
            for (auto changes = 1 + random() % 8; changes > 0; --changes)
                hs::fuzz::change(input, files[random() % files.size()], random);
            hs::fuzz::run(input);
        }
    }
    std::printf("ok\n");
}
#endif
