/// Word error rate of a recognised call against its script: no case, no punctuation, numbers alike.
#pragma once

#include "domain/transcript.hpp"

namespace hs::analysis {

struct WordErrors {
    int errors = 0; // substituted, left out and put in
    int words = 0;  // of the script
};

[[nodiscard]] WordErrors word_errors(const Transcript& script, const Transcript& heard);

} // namespace hs::analysis
