#include "analysis/eval/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>

namespace hs::analysis {

namespace {

constexpr int resamples = 2000;
constexpr std::uint64_t seed = 20'240'607; // fixed: the same data give the same interval
constexpr double z = 1.959963984540054;    // 97.5 % of the normal distribution

std::optional<double> share(int part, int whole) {
    if (whole == 0) return std::nullopt;
    return static_cast<double>(part) / whole;
}

/// Uniform over [0, size) in the same way on every platform.
std::size_t draw(std::mt19937_64& random, std::size_t size) {
    return static_cast<std::size_t>(random() % size);
}

Interval middle_of(std::vector<double>& values) {
    std::ranges::sort(values);
    const auto at = [&](double part) {
        const auto last = static_cast<double>(values.size() - 1);
        return values[static_cast<std::size_t>(std::lround(part * last))];
    };
    return {at(0.025), at(0.975)};
}

} // namespace

std::optional<double> Agreement::agreement() const {
    return share(right, answered);
}

double Agreement::coverage() const {
    return share(answered, labelled).value_or(0);
}

std::optional<double> Agreement::precision() const {
    return share(true_positive, true_positive + false_positive);
}

std::optional<double> Agreement::recall() const {
    return share(true_positive, true_positive + false_negative);
}

std::optional<double> Agreement::f1() const {
    return share(2 * true_positive, 2 * true_positive + false_positive + false_negative);
}

Agreement count_agreement(const std::vector<Compared>& items, const std::string& positive) {
    Agreement counts;
    for (const auto& item : items) {
        ++counts.labelled;
        if (item.got.empty()) continue;
        ++counts.answered;
        counts.right += item.got == item.expected ? 1 : 0;
        const bool expected = item.expected == positive;
        const bool got = item.got == positive;
        counts.true_positive += expected && got ? 1 : 0;
        counts.false_positive += !expected && got ? 1 : 0;
        counts.false_negative += expected && !got ? 1 : 0;
        counts.true_negative += !expected && !got ? 1 : 0;
    }
    counts.false_alarms = counts.false_positive;
    return counts;
}

Interval wilson(int right, int all) {
    if (all == 0) return {0, 1};
    const double n = all;
    const double p = right / n;
    const double scale = 1 + z * z / n;
    const double centre = (p + z * z / (2 * n)) / scale;
    const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale;
    return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

std::optional<double> kappa(const std::vector<Compared>& items) {
    std::map<std::string, int> expected;
    std::map<std::string, int> got;
    int all = 0;
    int right = 0;
    for (const auto& item : items) {
        if (item.got.empty()) continue;
        ++all;
        ++expected[item.expected];
        ++got[item.got];
        right += item.expected == item.got ? 1 : 0;
    }
    if (expected.size() < 2 || got.size() < 2) return std::nullopt;
    double chance = 0;
    for (const auto& [label, count] : expected)
        chance += static_cast<double>(count) * got[label] / (static_cast<double>(all) * all);
    return (static_cast<double>(right) / all - chance) / (1 - chance);
}

std::optional<Interval> kappa_interval(const std::vector<Compared>& items) {
    if (!kappa(items)) return std::nullopt;
    std::map<std::string, std::vector<const Compared*>> by_call;
    for (const auto& item : items)
        by_call[item.call].push_back(&item);
    std::vector<const std::vector<const Compared*>*> calls;
    for (const auto& [call, of_call] : by_call)
        calls.push_back(&of_call);
    std::mt19937_64 random(seed);
    std::vector<double> values;
    std::vector<Compared> sample;
    for (int round = 0; round < resamples; ++round) {
        sample.clear();
        for (std::size_t i = 0; i < calls.size(); ++i)
            for (const auto* item : *calls[draw(random, calls.size())])
                sample.push_back(*item);
        if (const auto value = kappa(sample)) values.push_back(*value);
    }
    if (values.size() < resamples / 2) return std::nullopt; // a class is missing most of the time
    return middle_of(values);
}

Interval paired_difference(const std::vector<std::pair<int, int>>& old_and_new) {
    if (old_and_new.empty()) return {0, 0};
    std::mt19937_64 random(seed);
    std::vector<double> values;
    for (int round = 0; round < resamples; ++round) {
        int difference = 0;
        for (std::size_t i = 0; i < old_and_new.size(); ++i) {
            const auto& [before, now] = old_and_new[draw(random, old_and_new.size())];
            difference += now - before;
        }
        values.push_back(static_cast<double>(difference) / static_cast<double>(old_and_new.size()));
    }
    return middle_of(values);
}

} // namespace hs::analysis
