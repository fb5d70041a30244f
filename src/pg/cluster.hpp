/// Where a private PostgreSQL lives, who runs it, and how it is first made. Internal to src/pg.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/error.hpp"

namespace hs::pg {

struct ServerUser {
    uid_t uid = 0;
    gid_t gid = 0;
    std::string name;
    bool change = false; // we are root: the server must run as somebody else
};

struct Cluster {
    std::filesystem::path bin;    // folder with postgres and initdb
    std::filesystem::path home;   // <data_dir>/postgres
    std::filesystem::path data;   // the cluster proper
    std::filesystem::path socket; // 0700 folder of the unix socket
    std::filesystem::path log;    // what the server says
    std::filesystem::path lock;   // <data_dir>/postgres.lock
    ServerUser user;
};

/// Finds the programs and decides on the paths; makes the folders.
/// Errors: unavailable "postgres.not_installed", "postgres.start_failed".
[[nodiscard]] Result<Cluster> locate_cluster(const std::filesystem::path& data_dir);

/// initdb into a side folder, then renamed: a half-made cluster is never taken for a whole one.
[[nodiscard]] Result<void> initialise_cluster(const Cluster& cluster);

/// Arguments of the postmaster.
[[nodiscard]] std::vector<std::string> server_arguments(const Cluster& cluster);

/// Starts `arguments` as the server's user with output to the cluster's log. Dies with the calling
/// thread when `die_with_us`. Returns the pid, or -1.
[[nodiscard]] pid_t
spawn(const Cluster& cluster, const std::vector<std::string>& arguments, bool die_with_us);

/// The last lines of the server's log, for error messages.
[[nodiscard]] std::string log_tail(const Cluster& cluster);

} // namespace hs::pg
