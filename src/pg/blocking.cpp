#include "pg/blocking.hpp"

#include <vector>

#include <libpq-fe.h>

#include "pg/connection.hpp"
#include "pg/conninfo.hpp"

namespace hs::pg {

void BlockingConnection::Finish::operator()(pg_conn* conn) const {
    PQfinish(conn);
}

Result<BlockingConnection> BlockingConnection::open(const std::string& url, int connect_seconds) {
    const auto limited = conninfo_with(conninfo_with_defaults(url),
                                       {{"connect_timeout", std::to_string(connect_seconds)}});
    BlockingConnection connection(PQconnectdb(limited.c_str()));
    auto* conn = connection.conn_.get();
    if (PQstatus(conn) != CONNECTION_OK) {
        std::string why = PQerrorMessage(conn);
        while (!why.empty() && why.back() == '\n')
            why.pop_back();
        return fail(ErrorKind::unavailable, "database.unavailable", why);
    }
    PQsetNoticeReceiver(conn, [](void*, const PGresult*) {}, nullptr);
    return connection;
}

Rows BlockingConnection::checked(void* raw, const char* what) {
    const std::shared_ptr<void> result(raw, [](void* r) { PQclear(static_cast<PGresult*>(r)); });
    const auto* pg_result = static_cast<const PGresult*>(raw);
    if (raw == nullptr) throw connection_error("08006", PQerrorMessage(conn_.get()));
    const auto status = PQresultStatus(pg_result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
        throw error_of(pg_result, what);
    }
    return Rows(result);
}

Rows BlockingConnection::run(const std::string& sql, const Params& params) {
    std::vector<const char*> texts;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const auto& value : params.values()) {
        texts.push_back(value.null ? nullptr : value.text.c_str());
        lengths.push_back(int(value.text.size()));
        formats.push_back(value.binary ? 1 : 0);
    }
    return checked(PQexecParams(conn_.get(),
                                sql.c_str(),
                                int(texts.size()),
                                nullptr,
                                texts.data(),
                                lengths.data(),
                                formats.data(),
                                0),
                   "statement");
}

void BlockingConnection::script(const std::string& sql) {
    checked(PQexec(conn_.get(), sql.c_str()), "script");
}

bool BlockingConnection::superuser() const {
    const char* flag = PQparameterStatus(conn_.get(), "is_superuser");
    return flag != nullptr && std::string_view(flag) == "on";
}

} // namespace hs::pg
