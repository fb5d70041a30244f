#include "providers/stt/heard_part.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"

namespace hs::providers {

namespace {

constexpr int turn_pause_ms = 700;
constexpr std::string_view blanks = " \t\r\n";

/// A transcript has one Word for each blank-separated word; an engine's word may be "[phone
/// rings]".
void append(HeardSegment& segment, const Word& heard) {
    const std::string_view text = heard.text;
    for (auto at = text.find_first_not_of(blanks); at != text.npos;) {
        const auto end = std::min(text.find_first_of(blanks, at), text.size());
        auto word = heard;
        word.text = text.substr(at, end - at);
        if (!segment.text.empty()) segment.text += ' ';
        segment.text += word.text;
        segment.words.push_back(std::move(word));
        at = text.find_first_not_of(blanks, end);
    }
}

bool continues(const HeardSegment& segment, const HeardWord& next) {
    return segment.speaker == next.speaker &&
           next.word.start_ms - segment.words.back().end_ms < turn_pause_ms;
}

} // namespace

std::vector<HeardSegment> segments_of(const std::vector<HeardWord>& words) {
    std::vector<HeardSegment> out;
    for (const auto& heard : words) {
        if (trim(heard.word.text).empty()) continue;
        if (out.empty() || !continues(out.back(), heard)) {
            out.emplace_back();
            out.back().speaker = heard.speaker;
            out.back().start_ms = heard.word.start_ms;
        }
        append(out.back(), heard.word);
    }
    for (auto& segment : out) {
        double sum = 0;
        for (const auto& word : segment.words) {
            sum += word.confidence;
            segment.end_ms = std::max(segment.end_ms, word.end_ms);
        }
        segment.confidence = sum / static_cast<double>(segment.words.size());
    }
    return out;
}

std::vector<HeardSegment>
spread(std::string_view text, const std::vector<Span>& speech, double confidence) {
    std::vector<HeardSegment> out;
    double total = 0;
    for (const auto& span : speech)
        total += span.end_ms - span.start_ms;
    double elapsed = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < speech.size() && at < text.size(); ++i) {
        elapsed += speech[i].end_ms - speech[i].start_ms;
        const auto share = total > 0 ? elapsed / total : 1.0;
        auto end = static_cast<std::size_t>(std::lround(share * static_cast<double>(text.size())));
        end = i + 1 == speech.size() ? text.size() : std::min(text.find(' ', end), text.size());
        const auto piece = trim(text.substr(at, end - std::min(at, end)));
        at = std::max(at, end);
        if (piece.empty()) continue;
        out.push_back(
            {std::string(piece), "", speech[i].start_ms, speech[i].end_ms, confidence, {}});
    }
    return out;
}

} // namespace hs::providers
