#include "pg/database.hpp"

#include <unordered_map>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "pg/connection.hpp"
#include "pg/conninfo.hpp"
#include "pg/exclusive_pool.hpp"
#include "pg/lanes.hpp"
#include "pg/listener.hpp"
#include "pg/queries.hpp"

namespace hs::pg {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds tick{100};
/// How long after the server's own statement time-out the connection counts as dead.
constexpr milliseconds grace{5000};

template <typename T>
using Done = std::function<void(std::exception_ptr, T)>;
template <typename T>
using Start = std::function<void(Done<T>)>;

/// Awaits something that calls back from another executor; resumes the caller on its own.
template <typename T>
Task<T> await_callback(Start<T> start) {
    const auto kept = std::make_shared<Start<T>>(std::move(start));
    co_return co_await asio::async_initiate<const asio::use_awaitable_t<>&,
                                            void(std::exception_ptr, T)>(
        [](auto handler, std::shared_ptr<Start<T>> begin) {
            // Tracked: the caller's loop must not run dry while the answer is on its way.
            auto executor = asio::prefer(asio::get_associated_executor(handler),
                                         asio::execution::outstanding_work.tracked);
            auto shared = std::make_shared<decltype(handler)>(std::move(handler));
            (*begin)([shared, executor](std::exception_ptr error, T value) {
                asio::post(executor, [shared, error, value = std::move(value)]() mutable {
                    auto resume = std::move(*shared);
                    resume(error, std::move(value));
                });
            });
        },
        asio::use_awaitable,
        kept);
}

const char* role_name(DbRole role) {
    switch (role) {
    case DbRole::app: return "hacksmart_app";
    case DbRole::worker: return "hacksmart_worker";
    case DbRole::owner: return "hacksmart_owner";
    }
    return "hacksmart_app";
}

std::string listen_url(const DatabaseOptions& options) {
    return conninfo_with_defaults(options.direct_url.empty() ? options.url : options.direct_url);
}

} // namespace

// --- State --------------------------------------------------------------------------------------

struct Database::State : std::enable_shared_from_this<State> {
    State(const asio::any_io_executor& executor, DatabaseOptions given, Log log, Metrics& registry)
        : strand(asio::make_strand(executor)), options(std::move(given)), metrics(registry),
          lanes(std::make_shared<Lanes>(
              strand,
              Lanes::Options{conninfo_with_defaults(options.url),
                             options.pipelined,
                             options.connect_limit,
                             options.acquire_limit},
              log,
              [&wait = pool_wait("pipelined")](double seconds) { wait.observe(seconds); })),
          pool(std::make_shared<ExclusivePool>(
              strand,
              ExclusivePool::Options{conninfo_with_defaults(options.url),
                                     options.exclusive,
                                     options.connect_limit,
                                     options.acquire_limit},
              log,
              pool_wait("exclusive"),
              metrics.gauge("hacksmart_db_pool_in_use",
                            "Database connections lent to transactions",
                            {{"pool", "exclusive"}}))),
          listener(
              std::make_shared<Listener>(strand, listen_url(options), options.connect_limit, log)),
          ticker(strand) {}

    Histogram& pool_wait(const char* which) {
        return metrics.histogram(
            "hacksmart_db_pool_wait_seconds", "Wait for a database connection", {{"pool", which}});
    }

    /// Runs `action` on the strand, where everything below lives.
    template <typename Action>
    void enter(Action action) {
        asio::dispatch(strand, [self = shared_from_this(), action = std::move(action)]() mutable {
            self->start_ticking();
            action();
        });
    }

    void start_ticking() {
        if (!std::exchange(ticking, true) && !closed) schedule_tick();
    }

    void schedule_tick() {
        ticker.expires_after(tick);
        ticker.async_wait([self = shared_from_this()](boost::system::error_code failed) {
            if (failed || self->closed) return;
            const auto now = steady_clock::now();
            self->lanes->check_limits(now);
            self->pool->check_limits(now);
            self->listener->check_limits(now);
            self->schedule_tick();
        });
    }

    /// Observes how long the statement took, from the moment it was sent.
    Unit timed_unit(std::string statement, Done<Rows> done) {
        Unit unit;
        unit.done = [self = shared_from_this(),
                     statement = std::move(statement),
                     done = std::move(done),
                     since = unit.made](std::exception_ptr error, Rows rows) {
            const std::chrono::duration<double> took = steady_clock::now() - since;
            self->duration_of(statement).observe(took.count());
            done(std::move(error), std::move(rows));
        };
        return unit;
    }

    Histogram& duration_of(const std::string& statement) {
        auto& known = durations[statement];
        if (known == nullptr) {
            known = &metrics.histogram("hacksmart_db_query_duration_seconds",
                                       "Duration of database statements, wait included",
                                       {{"statement", statement}});
        }
        return *known;
    }

    [[nodiscard]] milliseconds statement_limit(DbRole role) const {
        return role == DbRole::app ? options.app_statement_limit : options.worker_statement_limit;
    }

    /// Two folders may use one name for different statements, hence the hash.
    [[nodiscard]] Step step(const Query& query, Params params) const {
        const std::string sql = query.sql;
        if (!options.prepared) return {"", sql, std::move(params)};
        const auto hash = std::hash<std::string>{}(sql);
        return {fmt::format("{}_{:016x}", query.name, hash), sql, std::move(params)};
    }

    [[nodiscard]] Step settings(const Scope& scope, bool relaxed) const {
        Params values;
        values.add(role_name(scope.role));
        values.add(scope.tenant ? scope.tenant->str() : std::string());
        values.add(std::to_string(statement_limit(scope.role).count()));
        relaxed ? values.add("off") : values.add(std::nullopt);
        return step(sql::apply_settings, std::move(values));
    }

    asio::strand<asio::any_io_executor> strand;
    DatabaseOptions options;
    Metrics& metrics;
    std::unordered_map<std::string, Histogram*> durations;
    std::shared_ptr<Lanes> lanes;
    std::shared_ptr<ExclusivePool> pool;
    std::shared_ptr<Listener> listener;
    asio::steady_timer ticker;
    bool ticking = false;
    bool closed = false;
};

// --- transactions and units ---------------------------------------------------------------------

namespace {

template <typename State>
class UnitSession final : public Session {
public:
    UnitSession(Database& database, Scope scope) : database_(database), scope_(scope) {}

    Task<Rows> run(const Query& query, Params params) override {
        co_return co_await database_.run(scope_, query, std::move(params));
    }

private:
    Database& database_;
    Scope scope_;
};

/// BEGIN travels with the first statement, so a transaction costs no round trip of its own.
template <typename State>
class LentTransaction final : public Transaction {
public:
    LentTransaction(std::shared_ptr<State> state,
                    std::shared_ptr<Connection> connection,
                    Scope scope,
                    bool relaxed)
        : state_(std::move(state)), connection_(std::move(connection)), scope_(scope),
          relaxed_(relaxed) {}

    ~LentTransaction() override {
        if (!ended_) end(started_ ? "ROLLBACK" : "", [](std::exception_ptr, Rows) {});
    }

    Task<Rows> run(const Query& query, Params params) override {
        must_be_open();
        std::vector<Step> steps;
        if (!std::exchange(started_, true)) {
            steps.push_back(
                {"", scope_.snapshot ? "BEGIN ISOLATION LEVEL REPEATABLE READ" : "BEGIN", {}});
            steps.push_back(state_->settings(scope_, relaxed_));
        }
        steps.push_back(state_->step(query, std::move(params)));
        Start<Rows> start =
            [this, name = std::string(query.name), steps = std::move(steps)](Done<Rows> done) {
                auto unit = state_->timed_unit(name, std::move(done));
                unit.steps = steps;
                unit.limit = state_->statement_limit(scope_.role) + grace;
                state_->enter([connection = connection_, unit = std::move(unit)]() mutable {
                    connection->submit(std::move(unit));
                });
            };
        co_return co_await await_callback<Rows>(std::move(start));
    }

    Task<void> commit() override {
        must_be_open();
        Start<Rows> start = [this](Done<Rows> done) { end(started_ ? "COMMIT" : "", done); };
        const auto rows = co_await await_callback<Rows>(std::move(start));
        // COMMIT of a failed transaction is no error to the server: it rolls back and says so.
        if (rows.command() == "ROLLBACK") {
            throw DatabaseError("25P02", "", "commit: the transaction had failed before");
        }
    }

    Task<void> rollback() override {
        must_be_open();
        Start<Rows> start = [this](Done<Rows> done) { end(started_ ? "ROLLBACK" : "", done); };
        co_await await_callback<Rows>(std::move(start));
    }

private:
    void must_be_open() const {
        if (ended_) throw std::logic_error("the transaction has ended");
    }

    /// Sends the last statement and gives the connection back when it is answered.
    void end(std::string last, Done<Rows> done) {
        ended_ = true;
        auto unit = state_->timed_unit(last.empty() ? "none" : last, std::move(done));
        unit.limit = state_->statement_limit(scope_.role) + grace;
        unit.done = [state = state_, connection = connection_, answer = std::move(unit.done)](
                        std::exception_ptr error, Rows rows) {
            answer(std::move(error), std::move(rows));
            // Posted: the connection is in the middle of reading.
            asio::post(state->strand, [state, connection] { state->pool->give_back(connection); });
        };
        const bool nothing_sent = last.empty();
        if (!nothing_sent) unit.steps.push_back({"", std::move(last), {}});
        state_->enter([connection = connection_, nothing_sent, unit = std::move(unit)]() mutable {
            if (nothing_sent) return unit.done(nullptr, Rows());
            connection->submit(std::move(unit));
        });
    }

    std::shared_ptr<State> state_;
    std::shared_ptr<Connection> connection_;
    Scope scope_;
    bool relaxed_;
    bool started_ = false;
    bool ended_ = false;
};

} // namespace

// --- Database -----------------------------------------------------------------------------------

Database::Database(asio::any_io_executor executor,
                   DatabaseOptions options,
                   Log log,
                   Metrics& metrics)
    : state_(std::make_shared<State>(executor, std::move(options), std::move(log), metrics)) {}

Database::~Database() {
    close();
}

const DatabaseOptions& Database::options() const {
    return state_->options;
}

Task<Rows> Database::run(Scope scope, const Query& query, Params params) {
    std::vector<Step> steps;
    steps.push_back(state_->settings(scope, scope.relaxed));
    steps.push_back(state_->step(query, std::move(params)));
    Start<Rows> start = [state = state_,
                         limit = state_->statement_limit(scope.role) + grace,
                         name = std::string(query.name),
                         steps = std::move(steps)](Done<Rows> done) {
        auto unit = state->timed_unit(name, std::move(done));
        unit.steps = steps;
        unit.limit = limit;
        state->enter(
            [state, unit = std::move(unit)]() mutable { state->lanes->submit(std::move(unit)); });
    };
    co_return co_await await_callback<Rows>(std::move(start));
}

std::unique_ptr<Session> Database::unit(Scope scope) {
    return std::make_unique<UnitSession<State>>(*this, scope);
}

Task<std::unique_ptr<Transaction>> Database::begin(Scope scope, bool relaxed) {
    const auto state = state_;
    using Lent = std::shared_ptr<Connection>;
    Start<Lent> start = [state](Done<Lent> done) {
        state->enter(
            [state, done = std::move(done)]() mutable { state->pool->acquire(std::move(done)); });
    };
    auto connection = co_await await_callback<Lent>(std::move(start));
    co_return std::make_unique<LentTransaction<State>>(
        state, std::move(connection), scope, relaxed || scope.relaxed);
}

Task<void> Database::listen(std::string channel, std::function<void(std::string)> on_notify) {
    const auto state = state_;
    const auto executor = co_await asio::this_coro::executor;
    // The callback belongs to the caller's executor, like everything the caller owns.
    const auto on_note = [executor, on_notify = std::move(on_notify)](std::string payload) {
        asio::post(executor,
                   [on_notify, payload = std::move(payload)] { on_notify(std::move(payload)); });
    };
    Start<bool> start = [state, channel, on_note](Done<bool> done) {
        Listener::Subscription subscription{
            channel, on_note, [done = std::move(done)] { done(nullptr, true); }};
        state->enter([state, subscription = std::move(subscription)]() mutable {
            state->listener->add(std::move(subscription));
        });
    };
    co_await await_callback<bool>(std::move(start));
}

Task<void> Database::notify(std::string channel, std::string payload) {
    Params values;
    values.add(channel).add(payload);
    const Scope scope;
    co_await run(scope, sql::notify, std::move(values));
}

void Database::close() {
    asio::dispatch(state_->strand, [state = state_] {
        if (std::exchange(state->closed, true)) return;
        state->ticker.cancel();
        state->lanes->close();
        state->pool->close();
        state->listener->close();
    });
}

} // namespace hs::pg
