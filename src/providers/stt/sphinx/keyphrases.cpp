#include "providers/stt/sphinx/keyphrases.hpp"

#include <algorithm>
#include <cmath>

namespace hs::providers::sphinx {
namespace {

constexpr double exponent_at_zero = 66.7;
constexpr double exponent_per_root_phone = -25;

using Words = std::vector<std::string>;

bool contains(const Words& words, const Words& part) {
    return !std::ranges::search(words, part).empty();
}

bool shares_word(const Words& a, const Words& b) {
    return std::ranges::any_of(
        a, [&](const auto& word) { return std::ranges::find(b, word) != b.end(); });
}

bool same_time(const Spotted& a, const Spotted& b) {
    const int common =
        std::min(a.last_frame, b.last_frame) - std::max(a.first_frame, b.first_frame);
    const int shorter = std::min(a.last_frame - a.first_frame, b.last_frame - b.first_frame);
    return 2 * common > shorter;
}

bool beats(const Spotted& other, const Spotted& one) {
    const Words& a = other.phrase->words;
    const Words& b = one.phrase->words;
    return other.ratio / other.phrase->phones > one.ratio / one.phrase->phones &&
           same_time(other, one) && shares_word(a, b) && !contains(a, b) && !contains(b, a);
}

} // namespace

std::string Keyphrase::spelt() const {
    std::string out;
    for (const std::string& word : words)
        out += (out.empty() ? "" : " ") + word;
    return out;
}

double Keyphrase::threshold_exponent() const {
    return exponent_at_zero + exponent_per_root_phone * std::sqrt(double(phones));
}

std::vector<Spotted> without_mistakes(const std::vector<Spotted>& spotted) {
    std::vector<Spotted> out;
    for (const Spotted& one : spotted) {
        const bool beaten =
            std::ranges::any_of(spotted, [&](const Spotted& other) { return beats(other, one); });
        if (!beaten) out.push_back(one);
    }
    return out;
}

} // namespace hs::providers::sphinx
