/// Finds the words a model claims to have read. What is not found did not happen.
///
/// The search runs over the text the model was given (redacted for models). What is stored is the
/// transcript's own words at that place, never the model's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "domain/evaluation.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

struct QuotePlace {
    int turn = 0; // 1-based
    int word_from = 0;
    int word_to = 0; // inclusive
    int start_ms = 0;
    int end_ms = 0;
    bool exact = false; // else repaired: nearly the same words
    double ratio = 0;
};

class QuoteAligner {
public:
    /// Keeps its own copy of what it needs.
    explicit QuoteAligner(const Transcript& transcript);
    QuoteAligner(QuoteAligner&&) noexcept;
    QuoteAligner& operator=(QuoteAligner&&) noexcept;
    ~QuoteAligner();

    /// Where `quote` stands: the named turn, then two turns about it, then all turns of `role`
    /// (unless unknown), then all. Nothing when it is nowhere, when it is too short to mean a
    /// place, when its "not" was cut off or put in, or when its numbers are others.
    [[nodiscard]] std::optional<QuotePlace> find(std::string_view quote, int turn, Role role) const;

private:
    struct State;
    std::unique_ptr<const State> state_;
};

} // namespace hs::analysis
