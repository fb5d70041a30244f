/// Talking to PostgreSQL: parameters, rows, sessions.
///
/// A store function takes a Session& and never commits. Database::unit gives a Session whose every
/// statement is its own pipelined unit; Database::begin gives one inside a transaction. The tenant
/// travels with the unit (set_config(..., true)), never with the connection.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "base/task.hpp"
#include "pg/query.hpp"

namespace hs::pg {

/// A lost dependency or a bug, hence an exception; sqlstate "08006" when the connection broke.
class DatabaseError : public std::runtime_error {
public:
    DatabaseError(std::string sqlstate, std::string constraint, const std::string& message)
        : std::runtime_error(message), sqlstate_(std::move(sqlstate)),
          constraint_(std::move(constraint)) {}

    [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }

    [[nodiscard]] const std::string& constraint() const { return constraint_; }

    /// 25P03: the server ended a session that stood still in a transaction, as a frozen process's.
    [[nodiscard]] bool connection_lost() const {
        return sqlstate_.starts_with("08") || sqlstate_.starts_with("57P") || sqlstate_ == "25P03";
    }

    /// No room: disk, memory, connections.
    [[nodiscard]] bool out_of_resources() const { return sqlstate_.starts_with("53"); }

    [[nodiscard]] bool disk_full() const { return sqlstate_ == "53100"; }

    [[nodiscard]] bool unique_violation() const { return sqlstate_ == "23505"; }

    [[nodiscard]] bool serialization_failure() const {
        return sqlstate_ == "40001" || sqlstate_ == "40P01";
    }

private:
    std::string sqlstate_;
    std::string constraint_;
};

/// Values for $1, $2, … in text form (bytea in binary).
class Params {
public:
    Params& add(std::nullopt_t);
    Params& add(std::string_view text);

    Params& add(const std::string& text) { return add(std::string_view(text)); }

    Params& add(const char* text) { return add(std::string_view(text)); }

    Params& add(bool flag);
    Params& add(std::int64_t number);

    Params& add(int number) { return add(std::int64_t{number}); }

    Params& add(double number);
    Params& add(const Uuid& uuid);
    Params& add(Time time);
    Params& add(const Bytes& bytes);

    Params& add(CityId city) { return add(std::int64_t{city.value}); }

    Params& add(JobId job) { return add(job.value); }

    template <typename Tag>
    Params& add(const Id<Tag>& id) {
        return add(id.value);
    }

    template <typename T>
    Params& add(const std::optional<T>& value) {
        return value ? add(*value) : add(std::nullopt);
    }

    /// PostgreSQL array literals: text[], bigint[], uuid[].
    Params& add(const std::vector<std::string>& values);
    Params& add(const std::vector<std::int64_t>& values);
    Params& add(const std::vector<Uuid>& values);

    struct Value {
        std::string text;
        bool null = false;
        bool binary = false;
    };

    [[nodiscard]] const std::vector<Value>& values() const { return values_; }

private:
    std::vector<Value> values_;
};

/// params(a, b, c): g++ 12 cannot compile braced lists inside a co_await expression.
template <typename... T>
[[nodiscard]] Params params(const T&... values) {
    Params out;
    (out.add(values), ...);
    return out;
}

class Rows;

class Row {
public:
    Row(const Rows& rows, int index) : rows_(&rows), index_(index) {}

    [[nodiscard]] bool null(std::string_view column) const;
    [[nodiscard]] std::string text(std::string_view column) const;      ///< empty for NULL
    [[nodiscard]] std::string_view view(std::string_view column) const; ///< lives with the rows
    [[nodiscard]] std::optional<std::string> optional_text(std::string_view column) const;
    [[nodiscard]] std::int64_t integer(std::string_view column) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view column) const;
    [[nodiscard]] double real(std::string_view column) const;
    [[nodiscard]] std::optional<double> optional_real(std::string_view column) const;
    [[nodiscard]] bool boolean(std::string_view column) const;
    [[nodiscard]] Uuid uuid(std::string_view column) const;
    [[nodiscard]] std::optional<Uuid> optional_uuid(std::string_view column) const;
    [[nodiscard]] Time time(std::string_view column) const;
    [[nodiscard]] std::optional<Time> optional_time(std::string_view column) const;
    [[nodiscard]] Bytes bytes(std::string_view column) const;
    [[nodiscard]] std::vector<std::string> text_array(std::string_view column) const;

private:
    const Rows* rows_;
    int index_;
};

/// The result of one statement.
class Rows {
public:
    Rows();
    explicit Rows(std::shared_ptr<void> pg_result); ///< takes a PGresult
    [[nodiscard]] int size() const;

    [[nodiscard]] bool empty() const { return size() == 0; }

    [[nodiscard]] Row at(int index) const; ///< must exist

    [[nodiscard]] Row front() const { return at(0); }

    [[nodiscard]] std::string first_text(int index) const; ///< first column, whatever its name

    [[nodiscard]] std::int64_t affected() const;    ///< rows changed by INSERT, UPDATE, DELETE
    [[nodiscard]] std::string_view command() const; ///< what ran: "SELECT 3", "ROLLBACK"

    class Iterator {
    public:
        Iterator(const Rows& rows, int index) : rows_(&rows), index_(index) {}

        Row operator*() const { return rows_->at(index_); }

        Iterator& operator++() {
            ++index_;
            return *this;
        }

        bool operator==(const Iterator& other) const { return index_ == other.index_; }

    private:
        const Rows* rows_;
        int index_;
    };

    [[nodiscard]] Iterator begin() const { return {*this, 0}; }

    [[nodiscard]] Iterator end() const { return {*this, size()}; }

private:
    friend class Row;
    std::shared_ptr<void> result_;
};

/// Something statements can be run on: a single-statement unit or a transaction.
class Session {
public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session() = default;
    /// Throws DatabaseError.
    virtual Task<Rows> run(const Query& query, Params params) = 0;
};

} // namespace hs::pg
