/// Times for the words of a text, from pieces that were timed by the engine.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/transcript.hpp"

namespace hs::providers {

/// The engine's pieces: whole words (OpenAI, without punctuation) or parts of words, with or
/// without a leading blank (whisper.cpp).
struct TimedPiece {
    std::string text;
    int start_ms = 0;
    int end_ms = 0;
    std::optional<double> confidence;
};

/// One Word per blank-separated word of `text`, timed by the pieces that spell it; nothing when the
/// pieces spell another text. Case and punctuation do not count.
[[nodiscard]] std::vector<Word>
align_words(std::string_view text, std::span<const TimedPiece> pieces, double confidence);

/// Letters and digits of `text` in lower case: what is compared.
[[nodiscard]] std::u32string spelling(std::string_view text);

} // namespace hs::providers
