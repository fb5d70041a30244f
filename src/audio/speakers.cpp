#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "audio/audio.hpp"
#include "audio/cepstrum.hpp"
#include "audio/voice_activity.hpp"

namespace hs::audio {

namespace {

constexpr int longest_segment_ms = 6000;
constexpr int least_clustered_ms = 500;
constexpr int seeds = 30;
constexpr int most_rounds = 50;
constexpr std::size_t most_compared = 2000; // silhouettes cost the square of this

struct Segment {
    Span span;
    Cepstrum voice{};
    int label = -1;

    [[nodiscard]] int length_ms() const { return span.end_ms - span.start_ms; }
};

double distance(const Cepstrum& a, const Cepstrum& b) {
    double sum = 0;
    for (std::size_t k = 0; k < cepstral_size; ++k)
        sum += double{a[k] - b[k]} * double{a[k] - b[k]};
    return sum;
}

/// Speech in pieces of at most 6 s, cut where the voice is quietest in the last third.
std::vector<Segment> cut(const std::vector<Span>& speech, const Levels& levels) {
    std::vector<Segment> segments;
    for (Span rest : speech) {
        while (rest.end_ms - rest.start_ms > longest_segment_ms) {
            const auto from =
                static_cast<std::size_t>((rest.start_ms + longest_segment_ms * 2 / 3) / frame_ms);
            const auto to =
                std::min(static_cast<std::size_t>((rest.start_ms + longest_segment_ms) / frame_ms),
                         levels.size());
            if (from >= to) break;
            const auto quietest = std::min_element(levels.begin() + static_cast<long>(from),
                                                   levels.begin() + static_cast<long>(to));
            const int at = static_cast<int>(quietest - levels.begin()) * frame_ms;
            segments.push_back({.span = {rest.start_ms, at}});
            rest.start_ms = at;
        }
        segments.push_back({.span = rest});
    }
    return segments;
}

template <typename Visit>
void each_frame(const Span& span, std::size_t count, Visit visit) {
    const auto first = static_cast<std::size_t>(span.start_ms / frame_ms);
    const auto end = std::min(static_cast<std::size_t>(span.end_ms / frame_ms), count);
    for (std::size_t frame = first; frame < end; ++frame)
        visit(frame);
}

/// Mean and deviation of each coefficient over the call's speech become 0 and 1: what remains is
/// the voice, without line and loudness.
void normalise(std::vector<Cepstrum>& frames, const std::vector<Span>& speech) {
    std::array<double, cepstral_size> sum{};
    std::array<double, cepstral_size> squares{};
    double count = 0;
    for (const Span& span : speech) {
        each_frame(span, frames.size(), [&](std::size_t frame) {
            for (std::size_t k = 0; k < cepstral_size; ++k) {
                sum[k] += frames[frame][k];
                squares[k] += double{frames[frame][k]} * frames[frame][k];
            }
            count += 1;
        });
    }
    if (count == 0) return;
    for (std::size_t k = 0; k < cepstral_size; ++k) {
        const double mean = sum[k] / count;
        const double deviation = std::sqrt(std::max(squares[k] / count - mean * mean, 1e-9));
        for (auto& frame : frames)
            frame[k] = static_cast<float>((frame[k] - mean) / deviation);
    }
}

Cepstrum mean_voice(const std::vector<Cepstrum>& frames, const Span& span) {
    std::array<double, cepstral_size> sum{};
    double count = 0;
    each_frame(span, frames.size(), [&](std::size_t frame) {
        for (std::size_t k = 0; k < cepstral_size; ++k)
            sum[k] += frames[frame][k];
        count += 1;
    });
    Cepstrum mean{};
    if (count == 0) return mean;
    for (std::size_t k = 0; k < cepstral_size; ++k)
        mean[k] = static_cast<float>(sum[k] / count);
    return mean;
}

struct Clustering {
    std::vector<int> labels;
    double inertia = std::numeric_limits<double>::max();
};

/// Moves two centres until nothing changes; longer segments weigh more.
Clustering two_means(const std::vector<Segment>& segments, std::array<Cepstrum, 2> centres) {
    Clustering result;
    result.labels.assign(segments.size(), 0);
    for (int round = 0; round < most_rounds; ++round) {
        bool changed = round == 0;
        std::array<std::array<double, cepstral_size>, 2> sums{};
        std::array<double, 2> weights{};
        result.inertia = 0;
        for (std::size_t i = 0; i < segments.size(); ++i) {
            const double to[] = {distance(segments[i].voice, centres[0]),
                                 distance(segments[i].voice, centres[1])};
            const int label = to[1] < to[0] ? 1 : 0;
            changed = changed || label != result.labels[i];
            result.labels[i] = label;
            const double weight = segments[i].length_ms();
            const auto side = static_cast<std::size_t>(label);
            result.inertia += weight * to[side];
            weights[side] += weight;
            for (std::size_t k = 0; k < cepstral_size; ++k)
                sums[side][k] += weight * segments[i].voice[k];
        }
        if (!changed) break;
        for (std::size_t side = 0; side < 2; ++side)
            for (std::size_t k = 0; k < cepstral_size && weights[side] > 0; ++k)
                centres[side][k] = static_cast<float>(sums[side][k] / weights[side]);
    }
    return result;
}

std::vector<int> best_of_seeds(const std::vector<Segment>& segments, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Clustering best;
    for (int i = 0; i < seeds; ++i) {
        // Plain remainders: a distribution object may differ between libraries.
        const auto a = static_cast<std::size_t>(random() % segments.size());
        const auto b = static_cast<std::size_t>(random() % segments.size());
        auto found = two_means(segments, {segments[a].voice, segments[b].voice});
        if (found.inertia < best.inertia) best = std::move(found);
    }
    return best.labels;
}

/// Mean over segments of (other - own) / max: 1 = two clear voices, 0 = no difference.
double silhouette(const std::vector<Segment>& all, const std::vector<int>& labels) {
    const std::size_t stride = all.size() / most_compared + 1;
    double sum = 0;
    int counted = 0;
    for (std::size_t i = 0; i < all.size(); i += stride) {
        std::array<double, 2> far{};
        std::array<int, 2> members{};
        for (std::size_t j = 0; j < all.size(); j += stride) {
            if (i == j) continue;
            const auto side = static_cast<std::size_t>(labels[j]);
            far[side] += std::sqrt(distance(all[i].voice, all[j].voice));
            ++members[side];
        }
        const auto own = static_cast<std::size_t>(labels[i]);
        ++counted;
        if (members[0] == 0 || members[1] == 0) continue; // alone: 0 by definition
        const double a = far[own] / members[own];
        const double b = far[1 - own] / members[1 - own];
        if (std::max(a, b) > 0) sum += (b - a) / std::max(a, b);
    }
    return counted == 0 ? 0 : sum / counted;
}

void label_short_ones(std::vector<Segment>& segments) {
    const auto between = [](const Span& a, const Span& b) {
        return std::max({a.start_ms - b.end_ms, b.start_ms - a.end_ms, 0});
    };
    const auto labelled = segments;
    for (auto& segment : segments) {
        if (segment.label >= 0) continue;
        int nearest = std::numeric_limits<int>::max();
        for (const auto& other : labelled) {
            const int gap = between(segment.span, other.span);
            if (other.label < 0 || gap >= nearest) continue;
            nearest = gap;
            segment.label = other.label;
        }
    }
}

} // namespace

Diarisation
separate_speakers(const Track& track, const std::vector<Span>& speech, std::uint64_t seed) {
    Diarisation result;
    auto segments = cut(speech, frame_levels(track.samples));
    auto frames = cepstra(track.samples, speech);
    normalise(frames, speech);
    std::vector<Segment> clustered;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (segments[i].length_ms() < least_clustered_ms) continue;
        segments[i].voice = mean_voice(frames, segments[i].span);
        clustered.push_back(segments[i]);
        places.push_back(i);
    }
    if (clustered.size() >= 2) {
        const auto labels = best_of_seeds(clustered, seed);
        result.confidence = silhouette(clustered, labels);
        for (std::size_t i = 0; i < places.size(); ++i)
            segments[places[i]].label = labels[i];
        label_short_ones(segments);
    }
    // The first voice is speaker 0, whatever the clusters were called.
    const int first = segments.empty() ? 0 : std::max(segments.front().label, 0);
    for (const auto& segment : segments)
        result.segments.push_back(
            {.span = segment.span, .speaker = segment.label < 0 || segment.label == first ? 0 : 1});
    return result;
}

} // namespace hs::audio
