/// Folders of the local store: safe paths, durable creation, ordered listing.
#pragma once

#include <cstddef>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace hs::providers {

/// The store's error for an errno: "storage.not_found", "storage.denied", "storage.full" or
/// "storage.unavailable".
[[nodiscard]] std::unexpected<Error> system_error(int code);

/// Object paths are relative, of letters, digits and "-_." in parts that do not start with a dot.
/// Errors: forbidden "storage.denied".
[[nodiscard]] Result<void> check_path(const std::string& path);

/// Makes every folder of `relative` below `root` (0700), each made durable in its parent.
[[nodiscard]] Result<void> make_folders(const std::filesystem::path& root,
                                        const std::string& relative);

/// The folders that many objects lie below: made, and made durable, once.
class SharedFolders {
public:
    explicit SharedFolders(std::filesystem::path root) : root_(std::move(root)) {}

    /// When it returns, the folder and all above it up to the root are durable. Any thread.
    [[nodiscard]] Result<void> make(const std::filesystem::path& relative);

    /// Somebody took folders away: looks again from now on.
    void forget();

private:
    std::filesystem::path root_;
    std::mutex mutex_;
    std::set<std::filesystem::path> durable_;
};

[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

/// Paths of files below `root` that start with `prefix` and sort after `after`, in byte order, at
/// most `limit`. Names that start with a dot are left out.
[[nodiscard]] Result<std::vector<std::string>> paths_below(const std::filesystem::path& root,
                                                           const std::string& prefix,
                                                           const std::string& after,
                                                           std::size_t limit);

} // namespace hs::providers
