/// Whether a text about a call keeps to the call's facts.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "domain/transcript.hpp"

namespace hs::analysis {

/// Amounts, times, dates and numbers that may stand in a text about the call.
class CallFacts {
public:
    /// Those of the words as they may be read, and of `metadata` (category, duration …).
    CallFacts(const Transcript& transcript, std::string_view metadata);

    /// False when the text names a number, a day or a month that the call does not.
    [[nodiscard]] bool hold(std::string_view text) const;

private:
    std::set<std::string> known_;
};

} // namespace hs::analysis
