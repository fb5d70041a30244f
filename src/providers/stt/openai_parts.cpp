#include "providers/stt/openai_parts.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>

namespace hs::providers {

namespace {

constexpr int room_ms = 500;
constexpr int samples_per_ms = 16;

/// The middle of the longest pause that has its middle in [from, to]; -1 when there is none.
int longest_pause(const std::vector<Span>& speech, int from, int to) {
    int best = -1;
    int longest = 0;
    for (std::size_t i = 1; i < speech.size(); ++i) {
        const int pause = speech[i].start_ms - speech[i - 1].end_ms;
        const int middle = speech[i - 1].end_ms + pause / 2;
        if (pause > longest && middle >= from && middle <= to) {
            longest = pause;
            best = middle;
        }
    }
    return best;
}

int quietest_place(std::span<const std::int16_t> samples, int from, int to) {
    constexpr int window_ms = 100;
    int best = to;
    std::int64_t least = -1;
    for (int at = from; at + window_ms <= to; at += window_ms) {
        const auto start = static_cast<std::size_t>(at) * samples_per_ms;
        if (start + window_ms * samples_per_ms > samples.size()) break;
        std::int64_t loudness = 0;
        for (const auto sample : samples.subspan(start, window_ms * samples_per_ms))
            loudness += std::abs(static_cast<int>(sample));
        if (least >= 0 && loudness >= least) continue;
        least = loudness;
        best = at + window_ms / 2;
    }
    return best;
}

void append_little(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i)
        out += static_cast<char>(value >> (8 * i) & 0xFF);
}

} // namespace

std::vector<Span> upload_spans(const std::vector<Span>& speech,
                               std::span<const std::int16_t> samples,
                               int longest_ms) {
    std::vector<Span> out;
    if (speech.empty() || samples.empty()) return out;
    const int length = static_cast<int>(samples.size() / samples_per_ms);
    int start = std::clamp(speech.front().start_ms - room_ms, 0, length);
    const int end = std::clamp(speech.back().end_ms + room_ms, 0, length);
    while (end - start > longest_ms) {
        const int from = start + longest_ms / 2;
        const int to = start + longest_ms;
        int cut = longest_pause(speech, from, to);
        if (cut < 0) cut = quietest_place(samples, from, to);
        out.push_back({start, cut});
        start = cut;
    }
    if (end > start) out.push_back({start, end});
    return out;
}

std::string wav_file(std::span<const std::int16_t> samples) {
    static_assert(std::endian::native == std::endian::little, "samples are written as they lie");
    constexpr std::uint32_t rate = 16000;
    const auto bytes = static_cast<std::uint32_t>(samples.size_bytes());
    std::string out = "RIFF";
    out.reserve(44 + bytes);
    append_little(out, 36 + bytes, 4);
    out += "WAVEfmt ";
    append_little(out, 16, 4);
    append_little(out, 1, 2); // PCM
    append_little(out, 1, 2); // channels
    append_little(out, rate, 4);
    append_little(out, rate * 2, 4);
    append_little(out, 2, 2);
    append_little(out, 16, 2);
    out += "data";
    append_little(out, bytes, 4);
    out.append(reinterpret_cast<const char*>(samples.data()), bytes);
    return out;
}

} // namespace hs::providers
