/// Who is the agent and who the customer.
///
/// Explicit beats inferred: a channel map first, then roles the transcript already carries, then
/// what the speakers say. Never more than one agent.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domain/transcript.hpp"

namespace hs::analysis {

struct SpeakerRole {
    std::string speaker; // "ch0", "spk1", …
    Role role = Role::unknown;
};

struct RoleGuess {
    std::vector<SpeakerRole> role_of_speaker; // one a speaker, in order of first turn
    double confidence = 0;                    // 0..0.99; 1 when the roles were given
    bool inferred = true;                     // false: from the channel map or the transcript
};

struct RoleSources {
    std::vector<SpeakerRole> channel_map; // of the source or trunk; empty when not known
    std::vector<std::string> brand;       // names of the company ("swift volt", …)
};

/// Below this confidence a call is flagged `role_uncertain`.
inline constexpr double role_confidence_floor = 0.70;

[[nodiscard]] RoleGuess guess_roles(const Transcript& transcript, const RoleSources& sources = {});

/// The transcript with the guessed roles written into its turns and its role_confidence. Turns of
/// a speaker the guess does not name keep their role.
[[nodiscard]] Transcript with_roles(Transcript transcript, const RoleGuess& guess);

} // namespace hs::analysis
