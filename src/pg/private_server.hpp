/// A PostgreSQL of our own in the data directory, for installations without DATABASE_URL.
///
/// Listens on a 0700 unix socket only. Dies with us (death signal), survives our kill -9 by crash
/// recovery; a server that dies is started again. A second instance on the same directory is
/// refused with a plain sentence; an orphan left by a killed program is stopped first.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"

namespace hs::pg {

struct Cluster;

class PrivateServer {
public:
    /// Blocking: initialises the cluster on first use, starts it, waits until it answers.
    /// Errors: unavailable "postgres.not_installed", "postgres.start_failed"; conflict
    /// "data_dir.in_use".
    [[nodiscard]] static Result<std::unique_ptr<PrivateServer>>
    start(const std::filesystem::path& data_dir, const Log& log);
    /// For commands that may work beside a running program: uses the server that program keeps on
    /// this folder, or starts one when there is none. Never a second one. Errors: those of start();
    /// "data_dir.in_use" when the folder is taken and its server does not answer us.
    [[nodiscard]] static Result<std::unique_ptr<PrivateServer>>
    join(const std::filesystem::path& data_dir, const Log& log);
    ~PrivateServer(); ///< fast shutdown of a server that we started

    PrivateServer(const PrivateServer&) = delete;
    PrivateServer& operator=(const PrivateServer&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }

    /// Whether another program keeps the server.
    [[nodiscard]] bool joined() const;

    /// Of the server process; changes when it died and was started again. 0 when joined.
    [[nodiscard]] int pid() const;

private:
    PrivateServer();
    struct State;
    static Result<void> run(PrivateServer& server, const Cluster& cluster, const Log& log);
    std::unique_ptr<State> state_;
    std::string url_;
};

} // namespace hs::pg
