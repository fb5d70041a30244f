/// Spellings the folding function cannot derive: very short words, abbreviations, loan words.
#pragma once

#include <string_view>

namespace hs::analysis {

/// The word all spellings of a group stand for; empty when the word is in no group.
[[nodiscard]] std::string_view canonical_spelling(std::string_view word);

} // namespace hs::analysis
