#include "pg/private_server.hpp"

#include <chrono>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "pg/blocking.hpp"
#include "pg/cluster.hpp"
#include "pg/conninfo.hpp"
#include "pg/postmaster.hpp"

namespace hs::pg {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

struct PrivateServer::State {
    Fd lock; // held as long as the server runs
    std::unique_ptr<Postmaster> postmaster;
};

PrivateServer::PrivateServer() : state_(std::make_unique<State>()) {}

PrivateServer::~PrivateServer() = default;

bool PrivateServer::joined() const {
    return !state_->postmaster;
}

int PrivateServer::pid() const {
    return joined() ? 0 : state_->postmaster->pid();
}

namespace {

/// Crash recovery of a busy cluster may take its time.
constexpr auto start_limit = 60s;
constexpr int tolerated_failed_starts = 15;
constexpr auto neighbour_limit = 5s;

/// Our claim on the folder. Released by the kernel when we die, however we die.
Result<Fd> lock_folder(const fs::path& path, const fs::path& data_dir) {
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd) {
        return fail(ErrorKind::unavailable,
                    "postgres.start_failed",
                    "cannot open " + path.string() + ": " + std::strerror(errno));
    }
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        const auto holder = read_file(path);
        const std::string pid(trim(holder ? *holder : std::string("unknown")));
        return fail(ErrorKind::conflict,
                    "data_dir.in_use",
                    fmt::format("the data directory {} is in use by process {}; stop that program "
                                "or choose another data directory",
                                data_dir.string(),
                                pid));
    }
    const auto mine = std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd.get(), 0) != 0 || !write_all(fd.get(), bytes_of(mine))) {
        return fail(
            ErrorKind::unavailable, "postgres.start_failed", "cannot write " + path.string());
    }
    return fd;
}

std::string url_for(const Cluster& cluster, const char* user, const char* database) {
    return conninfo_with("",
                         {{"host", cluster.socket.string()},
                          {"port", "5432"},
                          {"user", user},
                          {"dbname", database}});
}

/// The login is no superuser: row security binds it. It may make the three roles it acts in.
void make_login(BlockingConnection& admin) {
    if (admin.run("SELECT 1 FROM pg_roles WHERE rolname = 'hacksmart'").empty()) {
        admin.run("CREATE ROLE hacksmart LOGIN NOINHERIT CREATEROLE");
    }
    if (admin.run("SELECT 1 FROM pg_database WHERE datname = 'hacksmart'").empty()) {
        admin.run("CREATE DATABASE hacksmart OWNER hacksmart");
    }
}

Result<void> make_login(const Cluster& cluster) {
    TRY(auto admin, BlockingConnection::open(url_for(cluster, "postgres", "postgres"), 10));
    try {
        make_login(admin);
    } catch (const DatabaseError& error) {
        return fail(ErrorKind::unavailable, "postgres.start_failed", error.what());
    }
    return {};
}

/// Tries until the server answers, then makes sure that our database is there.
Result<void>
await_answer(const Cluster& cluster, const Postmaster& postmaster, const std::string& url) {
    const auto end = steady_clock::now() + start_limit;
    std::string last;
    while (steady_clock::now() < end) {
        if (BlockingConnection::open(url, 5)) return {};
        auto admin = BlockingConnection::open(url_for(cluster, "postgres", "postgres"), 5);
        if (admin) {
            TRY_VOID(make_login(cluster));
            continue;
        }
        last = admin.error().message;
        if (postmaster.failed_starts() > tolerated_failed_starts) break;
        std::this_thread::sleep_for(10ms); // start-up; the server has no signal to wait on
    }
    return fail(ErrorKind::unavailable,
                "postgres.start_failed",
                "PostgreSQL did not start (" + last + "): " + log_tail(cluster));
}

/// Whether the server that another program keeps answers; that program may be starting right now.
bool await_neighbour(const std::string& url) {
    const auto end = steady_clock::now() + neighbour_limit;
    while (!BlockingConnection::open(url, 5)) {
        if (steady_clock::now() > end) return false;
        std::this_thread::sleep_for(50ms); // the server has no signal to wait on
    }
    return true;
}

} // namespace

Result<std::unique_ptr<PrivateServer>> PrivateServer::start(const fs::path& data_dir,
                                                            const Log& log) {
    TRY(const auto cluster, locate_cluster(data_dir));
    std::unique_ptr<PrivateServer> server(new PrivateServer());
    TRY(server->state_->lock, lock_folder(cluster.lock, data_dir));
    TRY_VOID(run(*server, cluster, log));
    return server;
}

Result<std::unique_ptr<PrivateServer>> PrivateServer::join(const fs::path& data_dir,
                                                           const Log& log) {
    TRY(const auto cluster, locate_cluster(data_dir));
    std::unique_ptr<PrivateServer> server(new PrivateServer());
    auto lock = lock_folder(cluster.lock, data_dir);
    if (lock) {
        server->state_->lock = std::move(*lock);
        TRY_VOID(run(*server, cluster, log));
        return server;
    }
    if (lock.error().code != "data_dir.in_use") return std::unexpected(std::move(lock).error());
    server->url_ = url_for(cluster, "hacksmart", "hacksmart");
    if (!await_neighbour(server->url_)) return std::unexpected(std::move(lock).error());
    return server;
}

Result<void> PrivateServer::run(PrivateServer& server, const Cluster& cluster, const Log& log) {
    const auto begun = steady_clock::now();
    stop_orphan(cluster, log);
    const bool fresh = !fs::exists(cluster.data / "PG_VERSION");
    if (fresh) TRY_VOID(initialise_cluster(cluster));
    server.state_->postmaster = std::make_unique<Postmaster>(cluster, log);
    server.url_ = url_for(cluster, "hacksmart", "hacksmart");
    TRY_VOID(await_answer(cluster, *server.state_->postmaster, server.url_));
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begun);
    log.info("postgres.started",
             {{"pid", server.pid()}, {"fresh", fresh}, {"took_ms", took.count()}});
    return {};
}

} // namespace hs::pg
