#include "pg/connection.hpp"

#include <array>
#include <utility>

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <libpq-fe.h>

namespace hs::pg {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text != nullptr ? text : "";
}

/// First line only: libpq's messages end with a newline and may hold hints.
std::string first_line(const char* text) {
    const std::string_view all = text != nullptr ? text : "";
    return std::string(all.substr(0, all.find('\n')));
}

/// A migration changed what a statement gives, or a pooler forgot it. A fresh connection cures
/// both.
bool prepared_out_of_date(const PGresult* result, const DatabaseError& error) {
    if (error.sqlstate() == "26000") return true;
    return error.sqlstate() == "0A000" &&
           field(result, PG_DIAG_SOURCE_FUNCTION) == "RevalidateCachedQuery";
}

} // namespace

DatabaseError connection_error(const char* sqlstate, const std::string& why) {
    return {sqlstate, "", "database connection: " + why};
}

DatabaseError error_of(const PGresult* result, const std::string& statement) {
    const auto state = field(result, PG_DIAG_SQLSTATE);
    auto message = field(result, PG_DIAG_MESSAGE_PRIMARY);
    if (message.empty()) message = first_line(PQresultErrorMessage(result));
    // Class 22 messages quote the offending value, which may be a customer's.
    if (state.starts_with("22")) message = message.substr(0, message.find(':'));
    return {state.empty() ? "08006" : state,
            field(result, PG_DIAG_CONSTRAINT_NAME),
            fmt::format("{}: {} ({})", statement, message, state)};
}

Connection::Connection(asio::any_io_executor executor, std::string url)
    : executor_(std::move(executor)), url_(std::move(url)), socket_(executor_) {}

Connection::~Connection() {
    if (socket_.is_open()) socket_.release();
    if (conn_ != nullptr) PQfinish(conn_);
}

// --- opening ------------------------------------------------------------------------------------

/// libpq may change its socket while it tries several addresses.
void Connection::attach_socket() {
    const int fd = PQsocket(conn_);
    if (socket_.is_open()) {
        if (socket_.native_handle() == fd) return;
        socket_.release();
    }
    if (fd >= 0) socket_.assign(fd);
}

Task<void> Connection::wait_socket(bool for_write) {
    const auto what = for_write ? asio::posix::descriptor_base::wait_write
                                : asio::posix::descriptor_base::wait_read;
    co_await socket_.async_wait(what, asio::use_awaitable);
}

Task<void> Connection::open(milliseconds limit) {
    const auto self = shared_from_this();
    // Name resolution inside PQconnectStart blocks; databases are given by socket or near address.
    conn_ = PQconnectStart(url_.c_str());
    if (conn_ == nullptr) throw std::bad_alloc();
    asio::steady_timer deadline(executor_, limit);
    bool late = false;
    deadline.async_wait([&late, self](error_code failed) {
        if (failed) return;
        late = true;
        if (self->socket_.is_open()) self->socket_.cancel();
    });
    auto next = PGRES_POLLING_WRITING;
    std::string trouble;
    try {
        if (PQstatus(conn_) == CONNECTION_BAD) next = PGRES_POLLING_FAILED;
        while (next != PGRES_POLLING_OK && next != PGRES_POLLING_FAILED) {
            attach_socket();
            co_await wait_socket(next == PGRES_POLLING_WRITING);
            next = PQconnectPoll(conn_);
        }
    } catch (const boost::system::system_error& error) {
        trouble = late ? "no answer within the connect limit" : error.what();
    }
    // A handler already queued may still set `late`: it must not outlive this frame.
    if (deadline.cancel() == 0 && !late) co_await asio::post(executor_, asio::use_awaitable);
    if (trouble.empty() && next == PGRES_POLLING_FAILED)
        trouble = first_line(PQerrorMessage(conn_));
    if (!trouble.empty()) throw connection_error("08001", trouble);
    attach_socket();
    if (PQsetnonblocking(conn_, 1) != 0 || PQenterPipelineMode(conn_) != 1) {
        throw connection_error("08001", first_line(PQerrorMessage(conn_)));
    }
    // Server notices go to nobody: they carry text of unknown origin.
    PQsetNoticeReceiver(conn_, [](void*, const PGresult*) {}, nullptr);
    usable_ = true;
    await_readable();
}

// --- sending ------------------------------------------------------------------------------------

void Connection::submit(Unit unit) {
    if (!usable_) {
        unit.done(std::make_exception_ptr(connection_error("08006", "is closed")), Rows());
        return;
    }
    in_flight_.emplace_back();
    in_flight_.back().unit = std::move(unit);
    send_steps(in_flight_.back());
}

void Connection::send_steps(Sent& sent) {
    for (const auto& step : sent.unit.steps) {
        if (!send_step(sent, step)) return close(first_line(PQerrorMessage(conn_)));
    }
    if (PQpipelineSync(conn_) != 1) return close(first_line(PQerrorMessage(conn_)));
    flush();
}

bool Connection::send_step(Sent& sent, const Step& step) {
    const auto& values = step.params.values();
    std::vector<const char*> texts;
    std::vector<int> lengths;
    std::vector<int> formats;
    for (const auto& value : values) {
        texts.push_back(value.null ? nullptr : value.text.c_str());
        lengths.push_back(int(value.text.size()));
        formats.push_back(value.binary ? 1 : 0);
    }
    const int count = int(values.size());
    const auto known = prepared_.find(step.name);
    const bool on_its_way = known != prepared_.end() && !known->second;
    // A statement whose preparation is still unanswered may yet fail: it is sent unnamed meanwhile.
    if (step.name.empty() || on_its_way) {
        sent.commands.emplace_back();
        return PQsendQueryParams(conn_,
                                 step.sql.c_str(),
                                 count,
                                 nullptr,
                                 texts.data(),
                                 lengths.data(),
                                 formats.data(),
                                 0) == 1;
    }
    if (known == prepared_.end()) {
        sent.commands.push_back(step.name);
        prepared_[step.name] = false;
        if (PQsendPrepare(conn_, step.name.c_str(), step.sql.c_str(), 0, nullptr) != 1)
            return false;
    }
    sent.commands.emplace_back();
    return PQsendQueryPrepared(
               conn_, step.name.c_str(), count, texts.data(), lengths.data(), formats.data(), 0) ==
           1;
}

void Connection::flush() {
    if (writing_ || !usable_) return;
    const int left = PQflush(conn_);
    if (left < 0) return close(first_line(PQerrorMessage(conn_)));
    if (left == 0) return;
    writing_ = true;
    socket_.async_wait(asio::posix::descriptor_base::wait_write,
                       [self = shared_from_this()](error_code failed) {
                           self->writing_ = false;
                           if (!failed) self->flush();
                       });
}

// --- receiving ----------------------------------------------------------------------------------

void Connection::await_readable() {
    socket_.async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](error_code failed) {
                           if (!failed) self->on_readable();
                       });
}

void Connection::on_readable() {
    if (!usable_) return;
    if (PQconsumeInput(conn_) != 1) return close(first_line(PQerrorMessage(conn_)));
    read_results();
    while (usable_) {
        auto* note = PQnotifies(conn_);
        if (note == nullptr) break;
        const std::string channel = note->relname;
        const std::string payload = note->extra;
        PQfreemem(note);
        if (on_note) on_note(channel, payload);
    }
    if (!usable_) return;
    if (PQstatus(conn_) == CONNECTION_BAD) return close(first_line(PQerrorMessage(conn_)));
    flush();
    if (usable_) await_readable();
}

void Connection::read_results() {
    int idle_answers = 0; // libpq says NULL between commands, and for ever when it has none
    while (usable_ && !in_flight_.empty() && PQisBusy(conn_) == 0 && idle_answers < 2) {
        auto* result = PQgetResult(conn_);
        auto& sent = in_flight_.front();
        if (result != nullptr) {
            idle_answers = 0;
            take_result(sent, result);
        } else if (sent.got_result) {
            sent.got_result = false;
            ++sent.at;
        } else {
            ++idle_answers;
        }
    }
}

void Connection::take_result(Sent& sent, PGresult* raw) {
    const std::shared_ptr<void> result(raw, [](void* r) { PQclear(static_cast<PGresult*>(r)); });
    const auto status = PQresultStatus(raw);
    if (status == PGRES_PIPELINE_SYNC) return finish_front();
    sent.got_result = true;
    const std::string preparing = sent.at < sent.commands.size() ? sent.commands[sent.at] : "";
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        if (!preparing.empty()) {
            prepared_[preparing] = true;
        } else {
            sent.rows = Rows(result);
        }
        return;
    }
    if (!preparing.empty()) prepared_.erase(preparing);
    if (status == PGRES_PIPELINE_ABORTED || sent.error) return;
    const auto& last = sent.unit.steps.back();
    const auto error = error_of(raw, last.name.empty() ? "statement" : last.name);
    if (prepared_out_of_date(raw, error)) return close("prepared statements are out of date");
    sent.error = std::make_exception_ptr(error);
    if (error.connection_lost()) close(error.what());
}

void Connection::finish_front() {
    auto sent = std::move(in_flight_.front());
    in_flight_.pop_front();
    sent.unit.done(sent.error, sent.error ? Rows() : sent.rows);
}

// --- ending -------------------------------------------------------------------------------------

void Connection::close(const std::string& why) {
    if (!usable_) {
        if (socket_.is_open()) socket_.cancel(); // still connecting: open() throws
        return;
    }
    usable_ = false;
    const auto self = shared_from_this();
    socket_.cancel();
    socket_.release();
    PQfinish(std::exchange(conn_, nullptr));
    const auto broken = std::exchange(in_flight_, {});
    for (const auto& sent : broken) {
        const auto error =
            sent.error ? sent.error : std::make_exception_ptr(connection_error("08006", why));
        sent.unit.done(error, Rows());
    }
    if (on_lost) std::exchange(on_lost, nullptr)();
    on_note = nullptr;
}

void Connection::check_limits(steady_clock::time_point now) {
    if (!usable_ || in_flight_.empty()) return;
    const auto& oldest = in_flight_.front().unit;
    if (now - oldest.made > oldest.limit) close("no answer within the limit");
}

} // namespace hs::pg
