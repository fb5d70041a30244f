/// Clauses and negation: which words of a call are denied by "not", "never", "nahi", "mat".
#pragma once

#include <vector>

#include "analysis/text/tokens.hpp"

namespace hs::analysis {

/// Fills clause, contrast, negator and negated of the tokens `[from, to)`, which are one turn.
/// Returns the first clause number that is free afterwards.
int mark_clauses(std::vector<Token>& tokens, int from, int to, int first_clause);

} // namespace hs::analysis
