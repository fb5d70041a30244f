/// How commands and settings name a scorecard, and where the shipped ones are.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.hpp"

namespace hs::app {

struct ScorecardName {
    std::string key = "battery-swap-support";
    int version = 1;
};

/// Reads "key@version"; the key names a file, so it holds no path.
/// Errors: invalid "scorecard.name".
[[nodiscard]] Result<ScorecardName> scorecard_name(const std::string& text);

/// Beside the working folder, the program or its installation.
[[nodiscard]] std::filesystem::path scorecard_folder();

} // namespace hs::app
