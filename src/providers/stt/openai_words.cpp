#include "providers/stt/openai_words.hpp"

#include <algorithm>
#include <span>

#include "base/text.hpp"

namespace hs::providers {

namespace {

bool punctuation(char32_t c) {
    if (c < 0x80)
        return !((c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9'));
    return c == 0xA0 || c == 0xA1 || c == 0xAB || c == 0xBB || c == 0xBF || c == 0x964 ||
           c == 0x965 || (c >= 0x2000 && c <= 0x206F) || (c >= 0x3000 && c <= 0x3003);
}

std::vector<std::string> blank_separated(std::string_view text) {
    std::vector<std::string> out;
    for (auto at = text.find_first_not_of(" \t\r\n"); at != text.npos;) {
        const auto end = std::min(text.find_first_of(" \t\r\n", at), text.size());
        out.emplace_back(text.substr(at, end - at));
        at = text.find_first_not_of(" \t\r\n", end);
    }
    return out;
}

/// A letter and the piece that it came with.
struct Letter {
    char32_t point;
    const TimedPiece* piece;
};

std::vector<Letter> letters_of(std::span<const TimedPiece> pieces) {
    std::vector<Letter> out;
    for (const auto& piece : pieces)
        for (const auto point : spelling(piece.text))
            out.push_back({point, &piece});
    return out;
}

Word timed_word(std::string text, std::span<const Letter> letters, double confidence) {
    Word word;
    word.text = std::move(text);
    word.start_ms = letters.front().piece->start_ms;
    word.end_ms = std::max(word.start_ms, letters.back().piece->end_ms);
    double sum = 0;
    for (const auto& letter : letters)
        sum += letter.piece->confidence.value_or(confidence);
    word.confidence = std::clamp(sum / static_cast<double>(letters.size()), 0.0, 1.0);
    return word;
}

} // namespace

std::u32string spelling(std::string_view text) {
    auto out = code_points(to_lower(text));
    std::erase_if(out, punctuation);
    return out;
}

std::vector<Word>
align_words(std::string_view text, std::span<const TimedPiece> pieces, double confidence) {
    const auto letters = letters_of(pieces);
    std::vector<Word> out;
    std::size_t at = 0;
    for (auto& word : blank_separated(text)) {
        const auto spelt = spelling(word);
        if (letters.size() - at < spelt.size()) return {};
        for (std::size_t i = 0; i < spelt.size(); ++i)
            if (letters[at + i].point != spelt[i]) return {};
        if (spelt.empty()) { // a dash between blanks: no length of its own
            const int when = out.empty() ? 0 : out.back().end_ms;
            out.push_back({std::move(word), when, when, confidence, {}});
            continue;
        }
        out.push_back(
            timed_word(std::move(word), std::span(letters).subspan(at, spelt.size()), confidence));
        at += spelt.size();
    }
    if (at != letters.size()) return {};
    return out;
}

} // namespace hs::providers
