/// Brings a database up to date: numbered files, forward only, checksums, advisory lock.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/log.hpp"

namespace hs::pg {

struct MigrationReport {
    int version = 0;               // schema version afterwards
    std::vector<std::string> done; // files applied now
};

/// Blocking (own connection). Creates the roles hacksmart_owner/_app/_worker and grants them to the
/// login, or says exactly what a superuser has to run. Errors: conflict "migration.checksum"
/// (a released file was edited), "migration.newer" (schema unknown to this program), unavailable
/// "database.unavailable", forbidden "database.roles".
[[nodiscard]] Result<MigrationReport>
migrate(const std::string& url, const std::filesystem::path& folder, const Log& log);

/// Version of the newest file in `folder`.
[[nodiscard]] int newest_migration(const std::filesystem::path& folder);

} // namespace hs::pg
