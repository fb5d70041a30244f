/// A small trigram model of given phrases, for mixing with the general one.
#pragma once

#include <string>
#include <vector>

namespace hs::providers::sphinx {

using Sentence = std::vector<std::string>;

/// Estimates a trigram model with interpolated Witten-Bell smoothing (fits tiny texts, where
/// discounting by counts of counts has nothing to count) and writes it in the ARPA format.
/// `sentences` are whole utterances; `fragments` are words that may stand together somewhere inside
/// one (patterns of rules) and weigh little. Empty when there is no sentence.
[[nodiscard]] std::string estimate_arpa(const std::vector<Sentence>& sentences,
                                        const std::vector<Sentence>& fragments);

} // namespace hs::providers::sphinx
