#include "providers/stt/shared_tracks.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

namespace hs::providers {

namespace {

int distance(Span span, int ms) {
    if (ms < span.start_ms) return span.start_ms - ms;
    return std::max(0, ms - span.end_ms);
}

/// The track that speaks at `ms`, or whose speech is nearest.
std::size_t track_at(const std::vector<SpeechTrack>& tracks, int ms) {
    std::size_t best = 0;
    int least = std::numeric_limits<int>::max();
    for (std::size_t i = 0; i < tracks.size(); ++i) {
        for (const auto& span : tracks[i].speech) {
            const int far = distance(span, ms);
            if (far >= least) continue;
            least = far;
            best = i;
        }
    }
    return best;
}

void append(Utterance& utterance, Word word) {
    if (!utterance.text.empty()) utterance.text += ' ';
    utterance.text += word.text;
    utterance.end_ms = std::max(utterance.end_ms, word.end_ms);
    utterance.words.push_back(std::move(word));
}

void part_by_speaker(std::vector<Utterance>& out,
                     Utterance heard,
                     const std::vector<SpeechTrack>& tracks) {
    if (heard.words.empty()) {
        heard.track = tracks[track_at(tracks, (heard.start_ms + heard.end_ms) / 2)].name;
        out.push_back(std::move(heard));
        return;
    }
    bool first = true;
    for (auto& word : heard.words) {
        const auto& track = tracks[track_at(tracks, (word.start_ms + word.end_ms) / 2)].name;
        if (first || out.back().track != track) {
            out.push_back({track, "", word.start_ms, word.end_ms, "", heard.confidence, {}});
            first = false;
        }
        append(out.back(), std::move(word));
    }
}

} // namespace

bool share_samples(const std::vector<SpeechTrack>& tracks) {
    return tracks.size() > 1 && std::ranges::all_of(tracks, [&](const SpeechTrack& track) {
               return track.samples == tracks.front().samples;
           });
}

SpeechTrack mixed_track(const std::vector<SpeechTrack>& tracks) {
    SpeechTrack mix{"mix", tracks.front().samples, {}};
    for (const auto& track : tracks)
        mix.speech.insert(mix.speech.end(), track.speech.begin(), track.speech.end());
    std::ranges::sort(mix.speech, {}, &Span::start_ms);
    std::vector<Span> joined;
    for (const auto& span : mix.speech) {
        if (!joined.empty() && span.start_ms <= joined.back().end_ms)
            joined.back().end_ms = std::max(joined.back().end_ms, span.end_ms);
        else
            joined.push_back(span);
    }
    mix.speech = std::move(joined);
    return mix;
}

std::vector<Utterance> given_to_speakers(std::vector<Utterance> heard,
                                         const std::vector<SpeechTrack>& tracks) {
    std::vector<Utterance> out;
    for (auto& utterance : heard) {
        if (utterance.speaker.empty())
            part_by_speaker(out, std::move(utterance), tracks);
        else
            out.push_back(std::move(utterance));
    }
    return out;
}

} // namespace hs::providers
