/// Which spotted phrases to believe.
#pragma once

#include <string>
#include <vector>

namespace hs::providers::sphinx {

struct Keyphrase {
    std::string given;              // as the scorecard writes it
    std::vector<std::string> words; // as the dictionary writes them
    int phones = 0;

    [[nodiscard]] std::string spelt() const; // words, blank separated
    /// Least ratio of its probability to that of any other sounds, as a power of ten. A phrase
    /// loses by every sound that is a little off, but not by all: it falls with the root of its
    /// length. Chosen on the bundled calls for precision 1.0, at recall 0.8.
    [[nodiscard]] double threshold_exponent() const;
};

struct Spotted {
    const Keyphrase* phrase;
    int first_frame = 0;
    int last_frame = 0;
    double ratio = 0; // log, any base
};

/// "Thank you for calling" also sounds like "thank you for holding": of phrases that share words
/// and time the likelier by sound wins, unless one is part of the other.
[[nodiscard]] std::vector<Spotted> without_mistakes(const std::vector<Spotted>& spotted);

} // namespace hs::providers::sphinx
