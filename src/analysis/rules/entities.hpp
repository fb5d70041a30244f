/// Amounts, times, dates, durations, addresses and numbers among the words of a call.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "analysis/text/tokens.hpp"

namespace hs::analysis {

enum class EntityKind : std::uint8_t { number, amount, time, date, duration, email, phone };

struct TokenSpan {
    int from = 0;
    int to = 0; // inclusive

    bool operator==(const TokenSpan&) const = default;
};

/// A slot such as `[num:4..6]`: what it may stand for.
struct EntityClass {
    EntityKind kind = EntityKind::number;
    int least_digits = 0;
    int most_digits = 1000;

    bool operator==(const EntityClass&) const = default;
};

/// Reads `num`, `num:4..6`, `amount` … (without brackets).
[[nodiscard]] std::optional<EntityClass> parse_entity(std::string_view text);

/// What each token may be part of, by its spelling: looked up once per distinct word.
[[nodiscard]] std::vector<std::uint16_t> entity_marks(const std::vector<Token>& tokens);

/// Appends every place of `kind` within the tokens `[from, to)`, which are one turn. `marks` are
/// entity_marks(tokens).
void find_entities(const std::vector<Token>& tokens,
                   const std::vector<std::uint16_t>& marks,
                   int from,
                   int to,
                   const EntityClass& kind,
                   std::vector<TokenSpan>& out);

} // namespace hs::analysis
