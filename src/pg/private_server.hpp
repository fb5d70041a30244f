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

class PrivateServer {
public:
    /// Blocking: initialises the cluster on first use, starts it, waits until it answers.
    /// Errors: unavailable "postgres.not_installed", "postgres.start_failed"; conflict
    /// "data_dir.in_use".
    [[nodiscard]] static Result<std::unique_ptr<PrivateServer>>
    start(const std::filesystem::path& data_dir, const Log& log);
    ~PrivateServer(); ///< fast shutdown

    PrivateServer(const PrivateServer&) = delete;
    PrivateServer& operator=(const PrivateServer&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }

    /// Of the server process; changes when it died and was started again.
    [[nodiscard]] int pid() const;

private:
    PrivateServer();
    struct State;
    std::unique_ptr<State> state_;
    std::string url_;
};

} // namespace hs::pg
