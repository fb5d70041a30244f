/// Chance that is the same everywhere: the standard library's distributions differ by compiler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hs::app {

class Chance {
public:
    explicit Chance(std::uint64_t seed) : state_(seed) {}

    /// splitmix64, by Sebastiano Vigna (public domain).
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        auto mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31U);
    }

    /// Below 1.
    double share() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }

    bool happens(double probability) { return share() < probability; }

    std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }

    int between(int least, int most) {
        return least + static_cast<int>(below(static_cast<std::size_t>(most - least + 1)));
    }

    template <typename T>
    const T& one_of(const std::vector<T>& values) {
        return values.at(below(values.size()));
    }

    /// By the weights that `weight` gives.
    template <typename T, typename Weight>
    std::size_t weighted(const std::vector<T>& values, Weight weight) {
        double sum = 0;
        for (const auto& value : values)
            sum += weight(value);
        double left = share() * sum;
        for (std::size_t i = 0; i + 1 < values.size(); ++i) {
            left -= weight(values[i]);
            if (left < 0) return i;
        }
        return values.size() - 1;
    }

private:
    std::uint64_t state_;
};

} // namespace hs::app
