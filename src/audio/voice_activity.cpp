#include "audio/voice_activity.hpp"

#include <algorithm>
#include <cmath>

namespace hs::audio {

namespace {

constexpr double floor_dbfs = -55;
constexpr double share_of_range = 0.35;
/// A channel that is noise nearly all the time has no range to speak of; the threshold still has
/// to clear the noise.
constexpr double least_above_noise_db = 3;
/// Digital silence between words (VoIP) must not drag the threshold below the line's real noise.
constexpr float quietest_counted_dbfs = -75;
constexpr int join_gap_ms = 250;
constexpr int drop_burst_ms = 120;

} // namespace

Levels frame_levels(Samples samples) {
    Levels levels;
    levels.reserve(samples.size() / frame_samples + 1);
    for (std::size_t at = 0; at < samples.size(); at += frame_samples) {
        const auto frame = samples.subspan(at, std::min(frame_samples, samples.size() - at));
        std::int64_t energy = 0;
        for (const std::int16_t value : frame)
            energy += std::int64_t{value} * value;
        const double mean =
            static_cast<double>(energy) / static_cast<double>(frame.size()) / (32768.0 * 32768.0);
        levels.push_back(static_cast<float>(std::max(lowest_dbfs, 10 * std::log10(mean + 1e-13))));
    }
    return levels;
}

double percentile(std::vector<float> values, double q) {
    if (values.empty()) return lowest_dbfs;
    const auto place = static_cast<std::size_t>(q * static_cast<double>(values.size() - 1) + 0.5);
    std::ranges::nth_element(values, values.begin() + static_cast<long>(place));
    return values[place];
}

double speech_threshold_dbfs(const Levels& levels) {
    Levels counted = levels;
    for (auto& level : counted)
        level = std::max(level, quietest_counted_dbfs);
    const double low = percentile(counted, 0.10);
    const double high = percentile(std::move(counted), 0.95);
    const double above = std::max(share_of_range * (high - low), least_above_noise_db);
    return std::max(low + above, floor_dbfs);
}

std::vector<Span> active_spans(const Levels& levels, double threshold_dbfs) {
    std::vector<Span> spans;
    for (std::size_t i = 0; i < levels.size(); ++i) {
        if (levels[i] < threshold_dbfs) continue;
        const int start = static_cast<int>(i) * frame_ms;
        if (!spans.empty() && start - spans.back().end_ms < join_gap_ms)
            spans.back().end_ms = start + frame_ms;
        else
            spans.push_back({start, start + frame_ms});
    }
    std::erase_if(spans, [](const Span& s) { return s.end_ms - s.start_ms < drop_burst_ms; });
    return spans;
}

std::vector<Span> subtract(const std::vector<Span>& spans, const std::vector<Span>& removed) {
    std::vector<Span> left;
    for (Span span : spans) {
        for (const Span& hole : removed) {
            if (hole.end_ms <= span.start_ms || hole.start_ms >= span.end_ms) continue;
            if (hole.start_ms > span.start_ms) left.push_back({span.start_ms, hole.start_ms});
            span.start_ms = std::min(hole.end_ms, span.end_ms);
        }
        if (span.end_ms > span.start_ms) left.push_back(span);
    }
    std::erase_if(left, [](const Span& s) { return s.end_ms - s.start_ms < drop_burst_ms; });
    return left;
}

std::vector<Span> unite(std::vector<Span> spans) {
    std::ranges::sort(spans, {}, &Span::start_ms);
    std::vector<Span> united;
    for (const Span& span : spans) {
        if (!united.empty() && span.start_ms <= united.back().end_ms)
            united.back().end_ms = std::max(united.back().end_ms, span.end_ms);
        else
            united.push_back(span);
    }
    return united;
}

int total_ms(const std::vector<Span>& spans) {
    int total = 0;
    for (const Span& span : spans)
        total += span.end_ms - span.start_ms;
    return total;
}

} // namespace hs::audio
