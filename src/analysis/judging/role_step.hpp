/// The transcript with roles, however they were found out.
#pragma once

#include <string>
#include <vector>

#include "domain/transcript.hpp"

namespace hs::analysis {

[[nodiscard]] Transcript assign_roles(Transcript transcript, const std::vector<std::string>& brand);

} // namespace hs::analysis
