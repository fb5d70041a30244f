#include "app/scorecard_name.hpp"

#include <charconv>
#include <cstdlib>

#include "app/resources.hpp"

namespace hs::app {

Result<ScorecardName> scorecard_name(const std::string& text) {
    const auto at = text.find('@');
    ScorecardName name;
    name.key = text.substr(0, at);
    const bool plain = !name.key.empty() && name.key.find_first_of("/\\.") == std::string::npos;
    bool numbered = false;
    if (at != std::string::npos) {
        const auto* end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data() + at + 1, end, name.version);
        numbered = error == std::errc{} && rest == end && name.version > 0;
    }
    if (plain && numbered) return name;
    return fail(ErrorKind::invalid, "scorecard.name", "Name a scorecard as key@version.");
}

std::filesystem::path scorecard_folder() {
    const char* chosen = std::getenv("RESOURCES_DIR");
    return find_resources(chosen == nullptr ? "" : chosen).scorecards;
}

} // namespace hs::app
