#include "providers/blob/directory.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/text.hpp"

namespace hs::providers {

namespace fs = std::filesystem;

std::unexpected<Error> system_error(int code) {
    switch (code) {
    case ENOENT:
    case ENOTDIR: return fail(ErrorKind::not_found, "storage.not_found", "no such object");
    case ENOSPC:
    case EDQUOT: return fail(ErrorKind::unavailable, "storage.full", "no space left for objects");
    case EACCES:
    case EPERM:
    case ELOOP:
    case EROFS: return fail(ErrorKind::forbidden, "storage.denied", "the store may not do this");
    default:
        return fail(ErrorKind::unavailable,
                    "storage.unavailable",
                    "storage failed: " + std::generic_category().message(code));
    }
}

Result<void> check_path(const std::string& path) {
    const auto part_is_good = [](std::string_view part) {
        return !part.empty() && part.front() != '.' && std::ranges::all_of(part, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                   c == '-' || c == '_' || c == '.';
        });
    };
    if (!std::ranges::all_of(split(path, '/'), part_is_good))
        return fail(ErrorKind::forbidden, "storage.denied", "not a path of an object");
    return {};
}

Result<void> sync_folder(const fs::path& folder) {
    const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) return system_error(errno);
    return {};
}

Result<void> make_folders(const fs::path& root, const std::string& relative) {
    std::error_code trouble;
    fs::path at = root;
    if (!fs::exists(root, trouble)) fs::create_directories(root, trouble);
    for (const auto part : split(relative, '/')) {
        if (part.empty()) continue;
        const auto parent = at;
        at /= part;
        if (::mkdir(at.c_str(), 0700) == 0) {
            TRY_VOID(sync_folder(parent));
        } else if (errno != EEXIST) {
            return system_error(errno);
        }
    }
    return {};
}

Result<void> SharedFolders::make(const fs::path& relative) {
    {
        const std::scoped_lock lock(mutex_);
        if (durable_.contains(relative)) return {};
    }
    if (!relative.empty()) TRY_VOID(make(relative.parent_path()));
    const auto folder = root_ / relative;
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return system_error(errno);
    // Also when it is there: whoever made it may not have come to this line yet.
    if (!relative.empty()) TRY_VOID(sync_folder(folder.parent_path()));
    const std::scoped_lock lock(mutex_);
    durable_.insert(relative);
    return {};
}

void SharedFolders::forget() {
    const std::scoped_lock lock(mutex_);
    durable_.clear();
}

namespace {

struct Listing {
    const std::string& prefix;
    const std::string& after;
    std::size_t limit;
    std::vector<std::string> paths;
};

/// Whether anything below `folder` ("a/b/") can be wanted.
bool may_hold(const Listing& out, const std::string& folder) {
    const bool in_prefix = folder.starts_with(out.prefix) || out.prefix.starts_with(folder);
    return in_prefix && (folder > out.after || out.after.starts_with(folder));
}

Result<void> walk(const fs::path& root, const std::string& folder, Listing& out) {
    std::error_code trouble;
    std::vector<std::string> entries;
    for (fs::directory_iterator at(root / folder, trouble), end; !trouble && at != end;
         at.increment(trouble)) {
        auto name = at->path().filename().string();
        std::error_code gone;
        if (name.starts_with('.')) continue;
        // The slash belongs to the order: "a.b" sorts before what is inside "a".
        entries.push_back(folder + name + (at->is_directory(gone) ? "/" : ""));
    }
    if (trouble && trouble != std::errc::no_such_file_or_directory)
        return system_error(trouble.value());
    std::ranges::sort(entries);
    for (const auto& entry : entries) {
        if (out.paths.size() >= out.limit) return {};
        if (entry.ends_with('/')) {
            if (!may_hold(out, entry)) continue;
            TRY_VOID(walk(root, entry, out));
        } else if (entry.starts_with(out.prefix) && entry > out.after) {
            out.paths.push_back(entry);
        }
    }
    return {};
}

} // namespace

Result<std::vector<std::string>> paths_below(const fs::path& root,
                                             const std::string& prefix,
                                             const std::string& after,
                                             std::size_t limit) {
    Listing out{prefix, after, limit, {}};
    TRY_VOID(walk(root, "", out));
    return std::move(out.paths);
}

} // namespace hs::providers
