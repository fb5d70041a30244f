/// A plain blocking connection for start-up work: migrations and the private server's set-up.
#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"
#include "pg/session.hpp"

struct pg_conn;

namespace hs::pg {

class BlockingConnection {
public:
    /// Waits at most `connect_seconds`. Errors: unavailable "database.unavailable".
    [[nodiscard]] static Result<BlockingConnection> open(const std::string& url,
                                                         int connect_seconds);
    /// One statement; throws DatabaseError.
    Rows run(const std::string& sql, const Params& params = {});
    /// Several statements in one text, without parameters; throws DatabaseError.
    void script(const std::string& sql);

    [[nodiscard]] bool superuser() const;

private:
    struct Finish {
        void operator()(pg_conn* conn) const;
    };

    explicit BlockingConnection(pg_conn* conn) : conn_(conn) {}

    Rows checked(void* result, const char* what);

    std::unique_ptr<pg_conn, Finish> conn_;
};

} // namespace hs::pg
