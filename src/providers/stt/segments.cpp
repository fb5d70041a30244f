#include "providers/stt/segments.hpp"

#include <algorithm>
#include <limits>

namespace hs::providers {
namespace {

constexpr int samples_per_ms = 16;
constexpr int look_ms = 100; // width of the window in which quietness is measured

double energy(std::span<const std::int16_t> samples, int from_ms, int to_ms) {
    const auto size = static_cast<int>(samples.size());
    const int from = std::clamp(from_ms * samples_per_ms, 0, size);
    const int to = std::clamp(to_ms * samples_per_ms, from, size);
    double sum = 0;
    for (int i = from; i < to; ++i) {
        const double sample = samples[static_cast<std::size_t>(i)];
        sum += sample * sample;
    }
    return sum;
}

/// The quietest place in the last half of what may stay together.
int quietest_place(Span span, std::span<const std::int16_t> samples, int longest_ms) {
    const int from = span.start_ms + longest_ms / 2;
    const int to = span.start_ms + longest_ms - look_ms;
    int best = to;
    double least = std::numeric_limits<double>::max();
    for (int at = from; at <= to; at += look_ms / 5) {
        const double here = energy(samples, at, at + look_ms);
        if (here >= least) continue;
        least = here;
        best = at + look_ms / 2;
    }
    return best;
}

} // namespace

std::vector<Span> cut_speech(const std::vector<Span>& speech,
                             std::span<const std::int16_t> samples,
                             const Cutting& cutting) {
    std::vector<Span> joined;
    for (const Span& span : speech) {
        const bool near = !joined.empty() &&
                          span.start_ms - joined.back().end_ms < cutting.join_gap_ms &&
                          span.end_ms - joined.back().start_ms <= cutting.longest_ms;
        if (near)
            joined.back().end_ms = std::max(joined.back().end_ms, span.end_ms);
        else if (span.end_ms > span.start_ms)
            joined.push_back(span);
    }
    std::vector<Span> out;
    for (Span span : joined) {
        while (span.end_ms - span.start_ms > cutting.longest_ms) {
            const int cut = quietest_place(span, samples, cutting.longest_ms);
            out.push_back({span.start_ms, cut});
            span.start_ms = cut;
        }
        out.push_back(span);
    }
    return out;
}

} // namespace hs::providers
