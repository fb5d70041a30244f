/// What an engine heard in one part of one track, in times of that part; how words become it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"
#include "domain/audio_facts.hpp"
#include "domain/transcript.hpp"

namespace hs::providers {

struct HeardSegment {
    std::string text;
    std::string speaker; // engine's own label, empty when it has none
    int start_ms = 0;    // of the part that was sent
    int end_ms = 0;
    double confidence = 0;
    std::vector<Word> words; // one per blank-separated word of text, or none
};

struct HeardPart {
    std::string language; // BCP 47 where we know the name, else as the engine says
    std::vector<HeardSegment> segments;
    json::object usage; // as the provider reports it; empty when it does not
};

/// For replies that say nothing about how sure they are: neither trusted like a given transcript
/// nor low enough to raise doubts by itself.
inline constexpr double unstated_confidence = 0.8;

struct HeardWord {
    Word word;           // its text may hold blanks
    std::string speaker; // engine's own label, empty when it has none
};

/// Words in order of time put together: a segment ends where another speaker begins or nobody says
/// a word for 0.7 s. Its confidence is the mean of its words'.
[[nodiscard]] std::vector<HeardSegment> segments_of(const std::vector<HeardWord>& words);

/// Lays a text without times over the stretches of speech, each getting words by its share of the
/// time. The words stay untimed: whoever needs them interpolates and says so.
[[nodiscard]] std::vector<HeardSegment>
spread(std::string_view text, const std::vector<Span>& speech, double confidence);

} // namespace hs::providers
