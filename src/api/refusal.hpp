/// What a refusal tells beyond the common members of a problem.
#pragma once

#include <string>

#include "pipeline/ingest.hpp"

namespace hs::api {

/// suggestions, candidates and call_id, as far as there are any: JSON members without the braces.
[[nodiscard]] std::string refusal_members(const pipeline::Refusal& refusal);

} // namespace hs::api
