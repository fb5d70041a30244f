/// Clauses and negation: which words of a call are denied by "not", "never", "nahi", "mat".
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/text/tokens.hpp"

namespace hs::analysis {

/// What a word may do to a clause, by its spelling: bits that only mark_clauses reads.
[[nodiscard]] std::uint32_t clause_kinds(std::string_view text);

/// Fills clause, contrast, negator and negated of the tokens `[from, to)`, which are one turn.
/// `kinds` has the clause_kinds() of each. Returns the first clause number that is free afterwards.
int mark_clauses(std::vector<Token>& tokens,
                 int from,
                 int to,
                 std::span<const std::uint32_t> kinds,
                 int first_clause);

} // namespace hs::analysis
