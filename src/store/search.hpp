/// Turns of calls by their words, for those who look for something said.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

/// In code points; `to` is the place after the last.
struct Highlight {
    std::int64_t from = 0;
    std::int64_t to = 0;
    bool operator==(const Highlight&) const = default;
};

struct FoundTurn {
    std::int64_t turn = 0;
    std::string role;
    std::int64_t start_ms = 0;
    std::int64_t end_ms = 0;
    std::string text; // redacted
    std::vector<Highlight> highlights;
};

/// The words of a search that a call has to have: without operators, and without those that it
/// must not have.
[[nodiscard]] std::string wanted_words(std::string_view search);

/// A text with U+0002 before and U+0003 after each word found, taken apart.
[[nodiscard]] FoundTurn taken_apart(std::string_view marked);

/// Turns of each call that hold any of the words, in the order of the call. `role`: of these only.
Task<std::map<CallId, std::vector<FoundTurn>>> found_turns(pg::Session& session,
                                                           TenantId tenant,
                                                           std::vector<CallId> calls,
                                                           std::string words,
                                                           std::optional<std::string> role);

} // namespace hs::store
