#include "analysis/judging/role_step.hpp"

#include <utility>

#include "analysis/roles.hpp"

namespace hs::analysis {

Transcript assign_roles(Transcript transcript, const std::vector<std::string>& brand) {
    RoleSources sources;
    sources.brand = brand;
    const auto guess = guess_roles(transcript, sources);
    if (!guess.inferred) return transcript; // given by the channel map or the engine
    return with_roles(std::move(transcript), guess);
}

} // namespace hs::analysis
