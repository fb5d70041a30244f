#include "pg/cluster.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace hs::pg {

namespace fs = std::filesystem;

namespace {

constexpr int oldest_version = 15;
/// sun_path holds 107 bytes and a zero; the socket file is called ".s.PGSQL.5432".
constexpr std::size_t longest_socket_folder = 107 - 14;
constexpr std::uintmax_t longest_log = 8u << 20;

std::unexpected<Error> start_failed(const std::string& why) {
    return fail(ErrorKind::unavailable, "postgres.start_failed", why);
}

bool has_programs(const fs::path& bin) {
    return ::access((bin / "postgres").c_str(), X_OK) == 0 &&
           ::access((bin / "initdb").c_str(), X_OK) == 0;
}

std::optional<fs::path> newest_packaged() {
    std::optional<fs::path> best;
    int best_version = oldest_version - 1;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", missing)) {
        const int version = std::atoi(entry.path().filename().c_str());
        if (version > best_version && has_programs(entry.path() / "bin")) {
            best_version = version;
            best = entry.path() / "bin";
        }
    }
    return best;
}

std::optional<fs::path> first_on_path() {
    const char* path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): start-up, one thread
    for (const auto folder : split(path != nullptr ? path : "", ':')) {
        if (!folder.empty() && has_programs(fs::path(folder))) return fs::path(folder);
    }
    return std::nullopt;
}

Result<ServerUser> server_user() {
    if (::geteuid() != 0) return ServerUser{::geteuid(), ::getegid(), "", false};
    for (const char* name : {"postgres", "nobody"}) {
        if (const auto* entry = ::getpwnam(name)) { // NOLINT(concurrency-mt-unsafe): start-up
            return ServerUser{entry->pw_uid, entry->pw_gid, name, true};
        }
    }
    return start_failed("PostgreSQL does not run as root and there is no user postgres or nobody; "
                        "start the program as an ordinary user");
}

/// The server's user must get through every folder above the cluster. Only the data folder is
/// ours to open (search permission, no listing).
Result<void> ensure_reachable(const fs::path& data_dir, const ServerUser& user) {
    if (!user.change) return {};
    struct stat info{};
    if (::stat(data_dir.c_str(), &info) == 0 && (info.st_mode & S_IXOTH) == 0) {
        ::chmod(data_dir.c_str(), (info.st_mode & 07777) | S_IXOTH);
    }
    for (auto folder = data_dir.parent_path(); folder != folder.root_path();
         folder = folder.parent_path()) {
        if (::stat(folder.c_str(), &info) != 0) continue;
        const bool open = (info.st_mode & S_IXOTH) != 0 ||
                          (info.st_uid == user.uid && (info.st_mode & S_IXUSR) != 0) ||
                          (info.st_gid == user.gid && (info.st_mode & S_IXGRP) != 0);
        if (!open) {
            return start_failed(
                fmt::format("PostgreSQL runs as user {} and cannot enter {}; run `chmod o+x {}`, "
                            "choose another "
                            "data directory, or start the program as an ordinary user",
                            user.name,
                            folder.string(),
                            folder.string()));
        }
    }
    return {};
}

/// A 0700 folder owned by the server's user; an existing one must be exactly that.
Result<void> private_folder(const fs::path& folder, const ServerUser& user) {
    if (::mkdir(folder.c_str(), 0700) == 0) {
        if (user.change && ::chown(folder.c_str(), user.uid, user.gid) != 0) {
            return start_failed("cannot give " + folder.string() + " to user " + user.name);
        }
        return {};
    }
    struct stat info{};
    if (errno != EEXIST || ::lstat(folder.c_str(), &info) != 0) {
        return start_failed("cannot make " + folder.string() + ": " + std::strerror(errno));
    }
    if (!S_ISDIR(info.st_mode) || info.st_uid != user.uid || (info.st_mode & 077) != 0) {
        return start_failed(folder.string() + " exists and is not a private folder of user " +
                            (user.change ? user.name : std::to_string(user.uid)));
    }
    return {};
}

fs::path socket_folder(const fs::path& home, uid_t uid) {
    const auto wanted = home / "run";
    if (wanted.native().size() <= longest_socket_folder) return wanted;
    const auto key = sha256_hex(home.string()).substr(0, 16);
    const fs::path base = ::access("/run", W_OK) == 0 ? "/run" : "/tmp";
    return base / fmt::format("hacksmart-{}-{}", uid, key);
}

int wait_for_exit(pid_t pid) {
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

Result<Cluster> locate_cluster(const fs::path& given) {
    std::error_code failed;
    const auto data_dir = fs::absolute(given, failed).lexically_normal();
    fs::create_directories(data_dir, failed);
    if (failed) return start_failed("cannot make " + data_dir.string() + ": " + failed.message());
    auto bin = newest_packaged();
    if (!bin) bin = first_on_path();
    if (!bin) {
        return fail(ErrorKind::unavailable,
                    "postgres.not_installed",
                    "PostgreSQL 15 or newer is not installed and DATABASE_URL is not set; install "
                    "the package postgresql or set DATABASE_URL");
    }
    TRY(const auto user, server_user());
    TRY_VOID(ensure_reachable(data_dir, user));
    Cluster cluster;
    cluster.bin = *bin;
    cluster.user = user;
    cluster.home = data_dir / "postgres";
    cluster.data = cluster.home / "data";
    cluster.log = cluster.home / "server.log";
    cluster.lock = data_dir / "postgres.lock";
    cluster.socket = socket_folder(cluster.home, user.uid);
    TRY_VOID(private_folder(cluster.home, user));
    TRY_VOID(private_folder(cluster.socket, user));
    return cluster;
}

Result<void> initialise_cluster(const Cluster& cluster) {
    const auto side = cluster.home / "data.new";
    std::error_code failed;
    fs::remove_all(side, failed);
    const std::vector<std::string> arguments = {(cluster.bin / "initdb").string(),
                                                "-D",
                                                side.string(),
                                                "-U",
                                                "postgres",
                                                "--auth-local=trust",
                                                "--auth-host=reject",
                                                "--encoding=UTF8",
                                                "--locale=C.UTF-8",
                                                "--lc-messages=C",
                                                "--no-instructions",
                                                "--no-sync"};
    const auto pid = spawn(cluster, arguments, false);
    if (pid < 0 || wait_for_exit(pid) != 0) {
        return start_failed("initdb failed: " + log_tail(cluster));
    }
    // One flush of the file system instead of initdb's thousand of single files.
    const Fd made(::open(side.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!made || ::syncfs(made.get()) != 0) return start_failed("cannot flush the new cluster");
    fs::rename(side, cluster.data, failed);
    if (failed) return start_failed("cannot name the new cluster: " + failed.message());
    const Fd home(::open(cluster.home.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!home || ::fsync(home.get()) != 0) return start_failed("cannot flush the new cluster");
    return {};
}

std::vector<std::string> server_arguments(const Cluster& cluster) {
    std::vector<std::string> out = {
        (cluster.bin / "postgres").string(), "-D", cluster.data.string()};
    const std::string settings[] = {
        "listen_addresses=",
        "unix_socket_directories=" + cluster.socket.string(),
        "unix_socket_permissions=0700",
        "port=5432",
        "jit=off", // the service unit forbids writable and executable memory
        "max_connections=100",
        "shared_buffers=128MB",
        "max_wal_size=1GB",
        "wal_compression=on",
        "autovacuum_naptime=10s",
        "random_page_cost=1.1",
        "log_min_messages=warning",
        "timezone=UTC",
        "log_timezone=UTC",
    };
    for (const auto& setting : settings) {
        out.emplace_back("-c");
        out.push_back(setting);
    }
    return out;
}

namespace {

/// Between fork and exec: only async-signal-safe calls.
[[noreturn]] void become(
    const Cluster& cluster, char* const* arguments, int log, bool die_with_us, const char* folder) {
    ::setsid(); // Ctrl-C in the terminal is for us; we decide when the server stops
    const auto& user = cluster.user;
    if (user.change) {
        if (::setgroups(1, &user.gid) != 0 || ::setgid(user.gid) != 0 || ::setuid(user.uid) != 0) {
            ::_exit(126);
        }
    }
    // After setuid, which clears it. SIGINT is the postmaster's fast shutdown.
    if (die_with_us) ::prctl(PR_SET_PDEATHSIG, SIGINT);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD}) {
        ::signal(number, SIG_DFL);
    }
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, 0);
    ::dup2(log, 1);
    ::dup2(log, 2);
    ::umask(077);
    if (::chdir(folder) != 0) ::_exit(126);
    char utc[] = "TZ=UTC";
    char locale[] = "LC_ALL=C.UTF-8";
    char* const environment[] = {utc, locale, nullptr};
    ::execve(arguments[0], arguments, environment);
    ::_exit(127);
}

int open_log(const Cluster& cluster) {
    std::error_code missing;
    const auto size = fs::file_size(cluster.log, missing);
    const int fresh = !missing && size > longest_log ? O_TRUNC : 0;
    const int fd = ::open(
        cluster.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | fresh, 0600);
    return fd;
}

} // namespace

pid_t spawn(const Cluster& cluster, const std::vector<std::string>& arguments, bool die_with_us) {
    std::vector<char*> argv;
    for (const auto& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const std::string folder = cluster.home.string();
    const Fd log(open_log(cluster));
    if (!log) return -1;
    const pid_t pid = ::fork();
    if (pid == 0) become(cluster, argv.data(), log.get(), die_with_us, folder.c_str());
    return pid;
}

std::string log_tail(const Cluster& cluster) {
    const auto text = read_file(cluster.log);
    if (!text) return "no log at " + cluster.log.string();
    const auto from = text->size() > 1500 ? text->size() - 1500 : 0;
    return std::string(trim(std::string_view(*text).substr(from)));
}

} // namespace hs::pg
