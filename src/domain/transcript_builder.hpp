/// Puts a transcript together from turns that others have made. Internal to src/domain.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "domain/transcript.hpp"

namespace hs {

/// A word of an engine; punctuation belongs to the word before it.
struct SpokenPiece {
    std::string text;
    std::string speaker;
    int start_ms = 0;
    int end_ms = 0;
    double confidence = 1.0;
    bool punctuation = false;
};

class TranscriptBuilder {
public:
    TranscriptBuilder(std::string engine, std::string model, bool machine);

    /// Times are checked, text is normalised; an empty one is no turn. Words that are not those of
    /// the text are replaced by interpolated ones. Errors: invalid "transcript.invalid".
    [[nodiscard]] Result<void> add(Turn turn);
    /// Turns of words: a new one with another speaker or after a pause of 0.7 s.
    [[nodiscard]] Result<void> add_pieces(const std::vector<SpokenPiece>& pieces);
    [[nodiscard]] Transcript finish(std::string_view language);

private:
    Transcript transcript_;
    bool interpolated_ = false;
};

[[nodiscard]] std::unexpected<Error> bad_transcript(std::string message);

/// Agent or customer, whatever the case and what follows ("AGENT", "Customer 1").
[[nodiscard]] Role role_named(std::string_view speaker);

} // namespace hs
