/// The database of the program: pipelined connections for single statements, exclusive ones for
/// transactions and LISTEN. Reconnects by itself; every wait has a limit.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "pg/session.hpp"

namespace hs::pg {

/// Which database role a unit takes (settlement 2): migrations act as owner.
enum class DbRole { app, worker, owner };

struct Scope {
    std::optional<TenantId> tenant{}; // unset: rows of tenant tables are invisible
    DbRole role = DbRole::app;
    bool relaxed = false; // synchronous_commit off: losing the statement in a crash does no harm
    /// A transaction sees one snapshot (REPEATABLE READ); its changes may fail with 40001.
    bool snapshot = false;
};

struct DatabaseOptions {
    std::string url{};        // libpq URL or keyword string
    std::string direct_url{}; // for LISTEN when `url` is a pooler; empty: the same
    bool prepared = true;     // off behind a pooler that forgets prepared statements
    int pipelined = 2;
    int exclusive = 8;
    std::chrono::milliseconds acquire_limit{5000};
    std::chrono::milliseconds connect_limit{5000};
    std::chrono::milliseconds app_statement_limit{5000};
    std::chrono::milliseconds worker_statement_limit{30000};
};

/// A transaction on an exclusive connection. Destroyed without commit: rolled back.
class Transaction : public Session {
public:
    /// Throws DatabaseError; with connection_lost() the outcome is unknown (reliability 3.4).
    virtual Task<void> commit() = 0;
    virtual Task<void> rollback() = 0;
};

class Database {
public:
    Database(boost::asio::any_io_executor executor,
             DatabaseOptions options,
             Log log,
             Metrics& metrics);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs one statement as one pipelined unit under `scope`.
    Task<Rows> run(Scope scope, const Query& query, Params params);
    /// A Session over run(); cheap, keeps a reference to the database.
    [[nodiscard]] std::unique_ptr<Session> unit(Scope scope);
    /// `relaxed`: SET LOCAL synchronous_commit = off (claims, heartbeats).
    Task<std::unique_ptr<Transaction>> begin(Scope scope, bool relaxed = false);

    /// Calls `on_notify(payload)` for every NOTIFY on `channel` until the database is closed;
    /// `on_notify` also runs, with an empty payload, after each (re)connect.
    Task<void> listen(std::string channel, std::function<void(std::string)> on_notify);
    Task<void> notify(std::string channel, std::string payload);

    /// Ends all waits and closes the connections. An io_context that runs a database does not run
    /// out of work before this.
    void close();

    [[nodiscard]] const DatabaseOptions& options() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

} // namespace hs::pg
