#include "pg/postmaster.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>

#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"

namespace hs::pg {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

Postmaster::Postmaster(Cluster cluster, Log log)
    : cluster_(std::move(cluster)), log_(std::move(log)), keeper_([this] { keep(); }) {}

Postmaster::~Postmaster() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (const int pid = pid_.load(); pid > 0) ::kill(pid, SIGINT);
    }
    wake_.notify_all();
    keeper_.join();
}

void Postmaster::keep() {
    for (;;) {
        pid_t child = -1;
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return;
            child = spawn(cluster_, server_arguments(cluster_), true);
            pid_ = child;
        }
        const auto started = steady_clock::now();
        int status = 0;
        while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        std::unique_lock lock(mutex_);
        pid_ = 0;
        if (stopping_) return;
        const bool at_once = steady_clock::now() - started < 2s;
        failed_starts_ = at_once ? failed_starts_ + 1 : 0;
        log_.warn("postgres.exited",
                  {{"status", status}, {"failed_starts", failed_starts_.load()}});
        // Backends of a killed postmaster need a moment to notice; a new one refuses until then.
        wake_.wait_for(lock, at_once ? 200ms : 50ms, [this] { return stopping_; });
    }
}

namespace {

/// The pid file's process, if it truly is a server on this cluster.
pid_t server_on(const Cluster& cluster) {
    const auto text = read_file(cluster.data / "postmaster.pid");
    if (!text) return 0;
    const auto pid = pid_t(std::atoi(text->c_str()));
    if (pid <= 1 || ::kill(pid, 0) != 0) return 0;
    std::error_code failed;
    const auto proc = fs::path("/proc") / std::to_string(pid);
    const auto folder = fs::read_symlink(proc / "cwd", failed);
    const auto program = fs::read_symlink(proc / "exe", failed);
    const auto data = fs::weakly_canonical(cluster.data, failed);
    return folder == data && program.filename().string().starts_with("postgres") ? pid : 0;
}

bool gone_within(pid_t pid, std::chrono::milliseconds limit) {
    const auto end = steady_clock::now() + limit;
    while (::kill(pid, 0) == 0) {
        if (steady_clock::now() > end) return false;
        std::this_thread::sleep_for(5ms); // it is not our child: nothing to wait on
    }
    return true;
}

} // namespace

bool stop_orphan(const Cluster& cluster, const Log& log) {
    const auto pid = server_on(cluster);
    if (pid > 0) {
        log.warn("postgres.orphan_stopped", {{"pid", pid}});
        ::kill(pid, SIGINT);
        if (!gone_within(pid, 3s)) {
            ::kill(pid, SIGQUIT);
            gone_within(pid, 3s);
        }
    }
    // We hold the lock on the folder and nobody serves it: what is left names a dead process, or
    // worse, a living stranger that got its number.
    std::error_code ignored;
    fs::remove(cluster.data / "postmaster.pid", ignored);
    fs::remove(cluster.socket / ".s.PGSQL.5432", ignored);
    fs::remove(cluster.socket / ".s.PGSQL.5432.lock", ignored);
    return pid > 0;
}

} // namespace hs::pg
