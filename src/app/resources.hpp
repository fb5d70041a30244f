/// Where the program's own files are: helper programs, scorecards, migrations, the
/// contract.
#pragma once

#include <filesystem>

namespace hs::app {

struct Resources {
    std::filesystem::path decode_program;
    std::filesystem::path sphinx_program;
    std::filesystem::path scorecards;
    std::filesystem::path prompts;
    std::filesystem::path prices; // what providers charge, prices/prices.yaml
    std::filesystem::path migrations;
    std::filesystem::path openapi;       // the contract, api/openapi.yaml
    std::filesystem::path errors;        // what the codes mean, docs/reference/errors.md
    std::filesystem::path demonstration; // parts of a demonstration history
};

/// Installed: beside the program and in ../share/hacksmart; in a build tree: beside the program and
/// in the source tree. `chosen` overrides the folder of scorecards and migrations.
[[nodiscard]] Resources find_resources(const std::filesystem::path& chosen);

/// Where a build of the dashboard is: beside the program, in ../share/hacksmart/web, in the source
/// tree. Empty when there is none.
[[nodiscard]] std::filesystem::path find_web_build();

} // namespace hs::app
