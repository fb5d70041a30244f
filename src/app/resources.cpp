#include "app/resources.hpp"

namespace hs::app {

namespace {

std::filesystem::path own_folder() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    return error ? std::filesystem::current_path() : self.parent_path();
}

/// Helper programs stand beside the program, or beside the test programs' parent folder.
std::filesystem::path helper(const std::filesystem::path& folder, const char* name) {
    if (std::filesystem::exists(folder / name)) return folder / name;
    return folder.parent_path() / name;
}

} // namespace

Resources find_resources(const std::filesystem::path& chosen) {
    const auto folder = own_folder();
    auto root = chosen;
    if (root.empty()) {
        const auto shared = folder.parent_path() / "share" / "hacksmart";
        root = std::filesystem::exists(shared) ? shared : std::filesystem::path(HS_SOURCE_DIR);
    }
    const bool installed = std::filesystem::exists(root / "migrations");
    return {.decode_program = helper(folder, "hacksmart-decode"),
            .sphinx_program = helper(folder, "hacksmart-sphinx"),
            .scorecards = root / "scorecards",
            .prompts = root / "prompts",
            .prices = root / "prices" / "prices.yaml",
            .migrations = root / (installed ? "migrations" : "db/migrations"),
            .openapi = root / (installed ? "openapi.yaml" : "api/openapi.yaml"),
            .errors = root / (installed ? "errors.md" : "docs/reference/errors.md"),
            .demonstration = root / (installed ? "demonstration" : "scripts/demo/history")};
}

std::filesystem::path find_web_build() {
    const auto folder = own_folder();
    for (const auto& place : {folder / "web",
                              folder.parent_path() / "share/hacksmart/web",
                              std::filesystem::path(HS_SOURCE_DIR) / "web/dist"})
        if (std::filesystem::exists(place / "index.html")) return place;
    return {};
}

} // namespace hs::app
