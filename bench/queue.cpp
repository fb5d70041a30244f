/// The job queue over a PostgreSQL of its own with the settings of production (every commit of an
/// enqueue or an end is on disk before it counts): batches next to a limit of the same run, how
/// soon a job starts, and throughput while somebody holds an old snapshot open.
///
///     bench_queue [--seconds N] [--snapshot N] [--batch N] [--streams N]
///
/// The limit is what the same driver reaches with the least work that could do the same: insert a
/// row, delete it again, in transactions of the same size.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <map>
#include <numeric>
#include <span>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "pg/blocking.hpp"
#include "pg/conninfo.hpp"
#include "pg/migrations.hpp"
#include "pg/private_server.hpp"
#include "queue/claimer.hpp"
#include "queue/runner.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using hs::Task;
using std::chrono::steady_clock;

constexpr const char* queue_name = "bench";
constexpr std::int64_t most_waiting = 2000;

struct Settings {
    int seconds = 10;
    int snapshot = 0;
    int batch = 100;
    int streams = 2;
};

class Quiet final : public hs::LogSink {
    void write(std::string) override {}
};

hs::TenantId tenant() {
    return *hs::TenantId::parse("00000000-0000-7000-8000-000000000001");
}

/// A fresh server, migrated, with a database object on a thread of its own.
class Bench {
public:
    Bench() : log_(std::make_shared<Quiet>(), hs::LogLevel::error) {
        std::string folder = std::filesystem::temp_directory_path() / "hs-bench-XXXXXX";
        if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        folder_ = folder;
        auto server = hs::pg::PrivateServer::start(folder_, log_);
        if (!server) throw std::runtime_error(server.error().message);
        server_ = std::move(*server);
        const auto done = hs::pg::migrate(server_->url(), HS_SOURCE_DIR "/db/migrations", log_);
        if (!done) throw std::runtime_error(done.error().message);
        database_ = another();
        sql("CREATE TABLE bench_rows (id bigint PRIMARY KEY, body text NOT NULL)");
        sql("GRANT ALL ON bench_rows TO hacksmart_worker");
    }

    ~Bench() {
        database_->close();
        guard_.reset();
        context_.stop();
        thread_.join();
        database_.reset();
        server_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    template <typename T>
    std::future<T> start(Task<T> task) {
        return asio::co_spawn(context_, std::move(task), asio::use_future);
    }

    hs::pg::Database& database() { return *database_; }

    hs::Metrics& metrics() { return metrics_; }

    [[nodiscard]] const hs::Log& log() const { return log_; }

    /// A pool of its own, as another process would have.
    std::unique_ptr<hs::pg::Database> another() {
        hs::pg::DatabaseOptions options;
        options.url = server_->url();
        return std::make_unique<hs::pg::Database>(context_.get_executor(), options, log_, metrics_);
    }

    /// Of a superuser, beside the pools.
    [[nodiscard]] hs::pg::BlockingConnection connection() const {
        const auto url = hs::pg::conninfo_with(server_->url(), {{"user", "postgres"}});
        auto opened = hs::pg::BlockingConnection::open(url, 10);
        if (!opened) throw std::runtime_error(opened.error().message);
        return std::move(*opened);
    }

    void sql(const std::string& text) const { connection().script(text); }

private:
    hs::Log log_;
    hs::Metrics metrics_;
    std::filesystem::path folder_;
    std::unique_ptr<hs::pg::PrivateServer> server_;
    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> guard_ =
        asio::make_work_guard(context_);
    std::jthread thread_{[this] { context_.run(); }};
    std::unique_ptr<hs::pg::Database> database_;
};

/// What all streams of one measurement share.
struct Load {
    hs::pg::Database& database;
    int batch;
    std::atomic<bool> stop{false};
    std::atomic<std::int64_t> enqueued{0};
    std::atomic<std::int64_t> ended{0};
    std::atomic<std::int64_t> next_row{0};
};

Task<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

Task<void> insert_and_delete(Load& load) {
    static constexpr hs::pg::Query insert{"bench_insert",
                                          "INSERT INTO bench_rows (id, body) VALUES ($1, $2)"};
    static constexpr hs::pg::Query remove{"bench_delete", "DELETE FROM bench_rows WHERE id = $1"};
    const hs::pg::Scope scope{tenant(), hs::pg::DbRole::worker};
    while (!load.stop) {
        const auto first = load.next_row.fetch_add(load.batch);
        auto adding = co_await load.database.begin(scope);
        for (int i = 0; i < load.batch; ++i) {
            auto values = hs::pg::params(first + i, "bench");
            co_await adding->run(insert, std::move(values));
        }
        co_await adding->commit();
        auto removing = co_await load.database.begin(scope);
        for (int i = 0; i < load.batch; ++i) {
            auto values = hs::pg::params(first + i);
            co_await removing->run(remove, std::move(values));
        }
        co_await removing->commit();
        load.ended += load.batch;
    }
}

hs::queue::NewJob new_job() {
    hs::queue::NewJob job;
    job.queue = queue_name;
    job.kind = "bench";
    job.args["call"] = "01a20376-0273-7d33-9d89-e73b205eecab";
    return job;
}

Task<void> produce(Load& load, std::int64_t ahead) {
    const hs::pg::Scope scope{tenant(), hs::pg::DbRole::app};
    const auto job = new_job();
    while (!load.stop) {
        if (load.enqueued - load.ended > ahead) {
            co_await pause(1ms);
            continue;
        }
        auto transaction = co_await load.database.begin(scope);
        for (int i = 0; i < load.batch; ++i)
            co_await hs::queue::enqueue(*transaction, tenant(), job);
        co_await transaction->commit();
        load.enqueued += load.batch;
    }
}

Task<void> end_all(Load& load, const std::vector<hs::queue::Claimed>& claimed) {
    const hs::pg::Scope scope{tenant(), hs::pg::DbRole::worker};
    auto transaction = co_await load.database.begin(scope);
    for (const auto& each : claimed) {
        const bool ours = co_await hs::queue::finish(*transaction, each.job);
        if (!ours) throw std::runtime_error("a lease was lost");
    }
    co_await transaction->commit();
    load.ended += static_cast<std::int64_t>(claimed.size());
}

Task<void> consume(Load& load) {
    hs::queue::Claimer claimer(load.database, hs::Uuid::random(), 60s);
    auto looked = steady_clock::time_point{};
    while (!load.stop) {
        if (claimer.ring_empty() || steady_clock::now() - looked > 1s) {
            co_await claimer.refresh();
            looked = steady_clock::now();
        }
        hs::queue::FreeSlots free;
        free[queue_name] = load.batch;
        const auto claimed = co_await claimer.round(std::move(free));
        if (claimed.empty()) {
            co_await pause(1ms);
        } else {
            co_await end_all(load, claimed);
        }
    }
}

/// One job a transaction, as handlers do.
Task<void> consume_one_by_one(Load& load) {
    hs::queue::Claimer claimer(load.database, hs::Uuid::random(), 60s);
    while (!load.stop) {
        if (claimer.ring_empty()) co_await claimer.refresh();
        hs::queue::FreeSlots free;
        free[queue_name] = 1;
        const auto claimed = co_await claimer.round(std::move(free));
        if (claimed.empty()) {
            co_await pause(1ms);
        } else {
            co_await end_all(load, claimed);
        }
    }
}

/// Ends per second of every second while `streams` run, the first one left out.
class Measurement {
public:
    Measurement(Bench& bench, int batch) : bench_(bench), load_{bench.database(), batch} {}

    Load& load() { return load_; }

    void add(Task<void> stream) { streams_.push_back(bench_.start(std::move(stream))); }

    const std::vector<double>& run(int seconds, const std::atomic<std::int64_t>& counter) {
        std::this_thread::sleep_for(1s);
        auto before = counter.load();
        auto at = steady_clock::now();
        for (int second = 0; second < seconds; ++second) {
            std::this_thread::sleep_for(1s);
            const auto now = steady_clock::now();
            const auto count = counter.load();
            const std::chrono::duration<double> took = now - at;
            rates_.push_back(static_cast<double>(count - before) / took.count());
            before = count;
            at = now;
        }
        load_.stop = true;
        for (auto& stream : streams_)
            stream.get();
        return rates_;
    }

private:
    Bench& bench_;
    Load load_;
    std::vector<std::future<void>> streams_;
    std::vector<double> rates_;
};

double mean(std::span<const double> rates) {
    return std::accumulate(rates.begin(), rates.end(), 0.0) / static_cast<double>(rates.size());
}

void print_rate(const std::string& what, double rate, double limit) {
    fmt::print("{:<58} {:>8.0f}/s", what, rate);
    if (limit > 0) fmt::print("  {:>3.0f} % of the limit", 100 * rate / limit);
    fmt::print("\n");
    std::fflush(stdout);
}

double measure_limit(Bench& bench, const Settings& settings) {
    Measurement limit(bench, settings.batch);
    for (int i = 0; i < 2 * settings.streams; ++i)
        limit.add(insert_and_delete(limit.load()));
    const auto rate = mean(limit.run(settings.seconds, limit.load().ended));
    print_rate(
        fmt::format("limit: insert and delete a row, batches of {}", settings.batch), rate, 0);
    return rate;
}

void measure_enqueue(Bench& bench, const Settings& settings) {
    Measurement filling(bench, settings.batch);
    for (int i = 0; i < settings.streams; ++i)
        filling.add(produce(filling.load(), INT64_MAX));
    print_rate("enqueue alone", mean(filling.run(settings.seconds, filling.load().enqueued)), 0);
    Measurement emptying(bench, settings.batch);
    for (int i = 0; i < settings.streams; ++i)
        emptying.add(consume(emptying.load()));
    print_rate(
        "claim and end alone", mean(emptying.run(settings.seconds, emptying.load().ended)), 0);
    bench.sql("TRUNCATE jobs");
}

std::vector<double> cycle(Bench& bench, const Settings& settings, int seconds) {
    Measurement both(bench, settings.batch);
    for (int i = 0; i < settings.streams; ++i) {
        both.add(produce(both.load(), most_waiting));
        both.add(consume(both.load()));
    }
    auto rates = both.run(seconds, both.load().ended);
    bench.sql("TRUNCATE jobs");
    return rates;
}

void measure_one_by_one(Bench& bench, const Settings& settings) {
    Measurement single(bench, 1);
    for (int i = 0; i < 4; ++i) {
        single.add(produce(single.load(), most_waiting));
        single.add(consume_one_by_one(single.load()));
    }
    const auto rate = mean(single.run(settings.seconds, single.load().ended));
    print_rate("enqueue, claim and end, a transaction each, 4 at once", rate, 0);
    bench.sql("TRUNCATE jobs");
}

/// From before the enqueue's transaction to the first line of the handler.
class Latency {
public:
    explicit Latency(Bench& bench) : bench_(bench), other_(bench.another()) {
        runner_ = make_runner(bench.database());
        sender_ = make_runner(*other_);
        hs::queue::Handler handler;
        handler.kind = "bench";
        handler.queue = queue_name;
        handler.run = [this](hs::queue::JobContext context) -> Task<hs::queue::Outcome> {
            started_.set_value(steady_clock::now());
            co_return co_await end(std::move(context));
        };
        runner_->add(std::move(handler));
        ended_ = bench.start(runner_->run());
        sender_ended_ = bench.start(sender_->run());
        std::this_thread::sleep_for(1s);
    }

    ~Latency() {
        runner_->stop();
        sender_->stop();
        ended_.get();
        sender_ended_.get();
        other_->close();
    }

    Latency(const Latency&) = delete;
    Latency& operator=(const Latency&) = delete;

    /// `own`: the process that runs the job is told directly; else another one sends the NOTIFY.
    void measure(const char* what, bool own) {
        std::vector<double> times;
        for (int i = 0; i < 300; ++i) {
            started_ = {};
            auto started = started_.get_future();
            const auto begun = steady_clock::now();
            bench_.start(put_one(own ? bench_.database() : *other_)).get();
            (own ? *runner_ : *sender_).wake(queue_name, tenant());
            const std::chrono::duration<double, std::milli> took = started.get() - begun;
            times.push_back(took.count());
            std::this_thread::sleep_for(60ms); // past the gap between two NOTIFYs
        }
        std::ranges::sort(times);
        fmt::print("{:<58} p50 {:.1f} ms, p99 {:.1f} ms\n", what, times[149], times[296]);
        std::fflush(stdout);
    }

private:
    std::unique_ptr<hs::queue::Runner> make_runner(hs::pg::Database& database) {
        hs::queue::RunnerOptions options;
        if (&database == &bench_.database()) options.slots = {{queue_name, 1}};
        options.drain = 1s;
        return std::make_unique<hs::queue::Runner>(
            database, options, bench_.log(), bench_.metrics());
    }

    static Task<void> put_one(hs::pg::Database& database) {
        const hs::pg::Scope scope{tenant(), hs::pg::DbRole::app};
        const auto unit = database.unit(scope);
        const auto job = new_job();
        co_await hs::queue::enqueue(*unit, tenant(), job);
    }

    Task<hs::queue::Outcome> end(hs::queue::JobContext context) {
        const hs::pg::Scope scope{tenant(), hs::pg::DbRole::worker};
        auto transaction = co_await bench_.database().begin(scope);
        co_await hs::queue::finish(*transaction, context.job);
        co_await transaction->commit();
        co_return hs::queue::Outcome::done();
    }

    Bench& bench_;
    std::unique_ptr<hs::pg::Database> other_;
    std::unique_ptr<hs::queue::Runner> runner_;
    std::unique_ptr<hs::queue::Runner> sender_;
    std::promise<steady_clock::time_point> started_;
    std::future<void> ended_;
    std::future<void> sender_ended_;
};

void measure_snapshot(Bench& bench, const Settings& settings, double free_rate) {
    auto holder = bench.connection();
    holder.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
    holder.run("SELECT count(*) FROM pg_catalog.pg_class"); // takes the snapshot
    const auto rates = cycle(bench, settings, settings.snapshot);
    holder.run("ROLLBACK");
    const auto tenth = std::max<std::size_t>(1, rates.size() / 10);
    const std::span all(rates);
    const auto last = mean(all.last(tenth));
    fmt::print("snapshot held for {} s: {:.0f}/s in all, {:.0f}/s in the first tenth, {:.0f}/s in "
               "the last: {:.0f} % of what it was without\n",
               settings.snapshot,
               mean(all),
               mean(all.first(tenth)),
               last,
               100 * last / free_rate);
}

Settings settings_of(int count, char** words) {
    Settings settings;
    const std::map<std::string_view, int*> known{{"--seconds", &settings.seconds},
                                                 {"--snapshot", &settings.snapshot},
                                                 {"--batch", &settings.batch},
                                                 {"--streams", &settings.streams}};
    for (int i = 1; i + 1 < count; i += 2) {
        const auto found = known.find(words[i]);
        if (found == known.end()) throw std::runtime_error("not known: " + std::string(words[i]));
        *found->second = std::max(1, std::atoi(words[i + 1]));
    }
    return settings;
}

} // namespace

int main(int count, char** words) {
    const auto settings = settings_of(count, words);
    Bench bench;
    const auto limit = measure_limit(bench, settings);
    measure_enqueue(bench, settings);
    const auto rates = cycle(bench, settings, settings.seconds);
    const auto rate = mean(rates);
    print_rate(fmt::format("enqueue, claim and end, batches of {}", settings.batch), rate, limit);
    measure_one_by_one(bench, settings);
    {
        Latency latency(bench);
        latency.measure("enqueue to handler, same process", true);
        latency.measure("enqueue to handler, told by another process", false);
    }
    if (settings.snapshot > 0) measure_snapshot(bench, settings, rate);
}
