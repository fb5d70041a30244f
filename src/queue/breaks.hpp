/// Break switches: test builds can switch one mechanism off (HS_BREAK=fence,skip_locked) to prove
/// that a test notices. Release builds have none of this.
#pragma once

#include <string>
#include <string_view>

#ifdef HS_FAULTS
#include <cstdlib>
#endif

namespace hs::queue {

#ifdef HS_FAULTS
inline bool broken(std::string_view mechanism) {
    const char* list = std::getenv("HS_BREAK"); // NOLINT(concurrency-mt-unsafe): test builds only
    if (list == nullptr) return false;
    const std::string padded = "," + std::string(list) + ",";
    return padded.find("," + std::string(mechanism) + ",") != std::string::npos;
}
#else
constexpr bool broken(std::string_view) {
    return false;
}
#endif

/// `sql` with `part` replaced when `mechanism` is broken.
inline std::string unless_broken(std::string_view mechanism,
                                 std::string sql,
                                 std::string_view part,
                                 std::string_view replacement) {
    if (!broken(mechanism)) return sql;
    for (auto at = sql.find(part); at != std::string::npos; at = sql.find(part)) {
        sql.replace(at, part.size(), replacement);
    }
    return sql;
}

} // namespace hs::queue
