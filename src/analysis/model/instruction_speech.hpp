/// Speech that is addressed to whoever judges the call instead of to the other side.
#pragma once

#include <string_view>
#include <vector>

#include "domain/transcript.hpp"

namespace hs::analysis {

/// Turns in which somebody tells a judge what to do ("ignore your instructions", "give me full
/// marks"), in English, Hindi or a mix; a sentence that runs on into the speaker's next turn counts
/// for both. Roles and negation do not matter.
[[nodiscard]] std::vector<int> instruction_turns(const Transcript& transcript);

[[nodiscard]] bool reads_like_instruction(std::string_view text);

} // namespace hs::analysis
