/// Calls and judgements written straight into the tables, with the statements the product uses.
#pragma once

#include <string>
#include <vector>

#include "pg/blocking.hpp"
#include "store/queries.hpp"

namespace hs::test {

struct CallRow {
    std::optional<AgentId> agent{};
    std::optional<std::int64_t> city{};
    std::string at = "2026-01-31 12:00+00";
    std::string issue = "Battery swap";
    int seconds = 60;
};

struct JudgementRow {
    std::string quality = "0.7777";
    std::string sop = "0.8123";
    std::string sentiment = "0.5";
    std::string resolution = "0.75";
    std::optional<std::string> communication = "0.9";
    std::optional<std::string> priority = "0.2";
    bool flagged = false;
    bool scored = true;
    bool provisional = false;
    std::string language = "hindi";
};

/// Writes as the worker role of one tenant, on a connection of its own; every function is one
/// transaction unless begin() was called. Throws pg::DatabaseError.
class Writer {
public:
    Writer(const std::string& url, TenantId tenant) : connection_(open(url)), tenant_(tenant) {}

    void begin() {
        connection_.run("BEGIN");
        connection_.run("SELECT set_config('role', 'hacksmart_worker', true), "
                        "set_config('hs.tenant', $1, true)",
                        pg::params(tenant_.str()));
        open_ = true;
    }

    void commit() { end("COMMIT"); }

    void rollback() {
        if (open_) end("ROLLBACK");
    }

    pg::Rows run(const std::string& sql, const pg::Params& values = {}) {
        if (open_) return connection_.run(sql, values);
        begin();
        try {
            auto rows = connection_.run(sql, values);
            commit();
            return rows;
        } catch (...) {
            rollback();
            throw;
        }
    }

    AgentId add_agent(const std::string& name) {
        const AgentId id{Uuid::random()};
        run("INSERT INTO agents (tenant_id, id, name, name_key) VALUES ($1, $2, $3::text, "
            "lower($3::text))",
            pg::params(tenant_, id, name));
        return id;
    }

    std::int64_t add_city(const std::string& name) {
        return run("INSERT INTO cities (tenant_id, name, name_key) VALUES ($1, $2::text, "
                   "lower($2::text)) "
                   "RETURNING id",
                   pg::params(tenant_, name))
            .front()
            .integer("id");
    }

    void
    add_category(const std::string& name, const std::vector<std::string>& aliases, bool emergency) {
        run("INSERT INTO issue_categories (tenant_id, name, name_key, aliases, alias_keys, "
            "emergency) "
            "VALUES ($1, $2::text, lower($2::text), $3::text[], lower($3::text)::text[], $4)",
            pg::params(tenant_, name, aliases, emergency));
    }

    CallId add_call(const CallRow& call) {
        const CallId id{Uuid::random()};
        const std::optional<std::string> none;
        pg::Params values = pg::params(tenant_,
                                       id,
                                       call.agent,
                                       call.city,
                                       none,
                                       none,
                                       none,
                                       none,
                                       "local:x",
                                       call.seconds,
                                       call.at,
                                       "NEW_ISSUE",
                                       call.issue,
                                       none,
                                       none,
                                       none,
                                       none,
                                       "auto",
                                       none,
                                       "{}",
                                       "2026-01-01 00:00+00");
        run(store::sql::insert_call.sql, values);
        return id;
    }

    /// As the evaluation stage does it: status, journal row, current row, in one transaction.
    void judge(CallId call, const JudgementRow& judgement) {
        const bool whole = !open_;
        if (whole) begin();
        try {
            write_judgement(call, judgement);
            if (whole) commit();
        } catch (...) {
            if (whole) rollback();
            throw;
        }
    }

    Uuid override_score(CallId call, const std::string& field, const std::string& value) {
        const auto id = Uuid::random();
        run("INSERT INTO overrides (tenant_id, id, call_id, field, value, reason, principal) "
            "VALUES ($1, $2, $3, $4, $5, 'heard it', 'somebody')",
            pg::params(tenant_, id, call, field, value));
        return id;
    }

    void withdraw(Uuid id) {
        run("UPDATE overrides SET withdrawn_at = now() WHERE tenant_id = $1 AND id = $2",
            pg::params(tenant_, id));
    }

    void remove(CallId call) {
        run("DELETE FROM calls WHERE tenant_id = $1 AND id = $2", pg::params(tenant_, call));
    }

private:
    static pg::BlockingConnection open(const std::string& url) {
        auto connection = pg::BlockingConnection::open(url, 10);
        if (!connection) throw std::runtime_error(connection.error().message);
        return std::move(*connection);
    }

    void end(const char* how) {
        open_ = false;
        connection_.run(how);
    }

    void write_judgement(CallId call, const JudgementRow& j) {
        const EvaluationId evaluation{Uuid::random()};
        connection_.run(store::sql::mark_analyzed.sql, pg::params(tenant_, call));
        connection_.run(store::sql::insert_evaluation.sql,
                        pg::params(tenant_,
                                   evaluation,
                                   call,
                                   Uuid::random(),
                                   "card",
                                   1,
                                   "h",
                                   "rules",
                                   "h",
                                   "v",
                                   "{}",
                                   j.scored,
                                   j.provisional,
                                   1.0,
                                   false,
                                   1,
                                   "test",
                                   "", // no model
                                   "",
                                   "",
                                   0,
                                   0,
                                   0.0,
                                   true)); // the current one
        const std::optional<std::string> why =
            j.flagged ? std::optional<std::string>("said so") : std::nullopt;
        connection_.run(store::sql::upsert_insight.sql,
                        pg::params(tenant_,
                                   call,
                                   evaluation,
                                   "",
                                   j.language,
                                   j.sop,
                                   j.sentiment,
                                   j.resolution,
                                   j.quality,
                                   j.communication,
                                   j.priority,
                                   0.5,
                                   0.5,
                                   j.flagged,
                                   why,
                                   "",
                                   "",
                                   "{}",
                                   "{}",
                                   "[]",
                                   "[]",
                                   "{}",
                                   j.scored,
                                   j.provisional,
                                   1.0));
    }

    pg::BlockingConnection connection_;
    TenantId tenant_;
    bool open_ = false;
};

} // namespace hs::test
