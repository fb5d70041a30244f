#include "queue/runner.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <random>
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "queue/claimer.hpp"
#include "queue/leadership.hpp"
#include "queue/lease_keeper.hpp"
#include "queue/queries.hpp"
#include "queue/settlement.hpp"
#include "queue/transitions.hpp"

namespace hs::queue {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr const char* channel = "hacksmart_jobs";
/// At most one NOTIFY a queue in this time: each takes a lock that commits queue behind.
constexpr auto notify_gap = 50ms;
constexpr auto ring_age_idle = 1s;
constexpr auto ring_age_busy = 2s;
/// A handler that does not stop is left behind after this: its job has long been handed back.
constexpr auto stop_grace = 10s;

/// One job under way.
struct Run {
    Run(Claimed given, const asio::any_io_executor& executor)
        : claimed(std::move(given)), limit(executor) {}

    Claimed claimed;
    std::stop_source stop;
    StopReason reason = StopReason::none; // strand only
    asio::steady_timer limit;
    steady_clock::time_point started = steady_clock::now();
};

Outcome passing(Outcome::Kind kind, std::string code, std::string message) {
    Error error{ErrorKind::unavailable, std::move(code), std::move(message), std::nullopt};
    return {kind, std::move(error), std::nullopt};
}

milliseconds jittered(milliseconds time) {
    thread_local std::minstd_rand random(std::random_device{}());
    const auto third = std::max<std::int64_t>(1, time.count() / 4);
    return time + milliseconds(std::uniform_int_distribution<std::int64_t>(-third, third)(random));
}

} // namespace

struct Runner::State : std::enable_shared_from_this<State> {
    State(pg::Database& db, RunnerOptions given, Log base, Metrics& registry)
        : database(db), options(std::move(given)), log(std::move(base)), metrics(registry),
          claimer(db, worker, options.lease), settlement(db, options, log, registry) {}

    // --- claiming (strand) ---
    Task<void> main();
    Task<bool> fill_slots();
    Task<void> look();
    Task<bool> fill_with_suspect();
    Task<void> start_or_return(std::vector<Claimed> claimed);
    [[nodiscard]] FreeSlots free_slots() const;
    Task<void> idle();
    void kick();

    // --- running ---
    void start(Claimed claimed);
    void watch_limit(const std::shared_ptr<Run>& run, const Handler* handler);
    Task<void> execute(std::shared_ptr<Run> run, const Handler* handler);
    static Task<StopReason> reason_of(std::shared_ptr<Run> run);
    Task<Outcome> call_handler(const Run& run, const Handler* handler);
    void ended(const std::shared_ptr<Run>& run, const std::string& outcome);
    void stop_run(JobId id, StopReason reason);
    [[nodiscard]] const Handler* handler_of(const std::string& kind) const;

    // --- wake-ups and the end ---
    Task<void> listen();
    void on_note(const std::string& payload);
    Task<void> send_notes();
    Task<void> drain();
    Task<void> await_runs(steady_clock::time_point until, bool second_stop_ends);
    std::unique_ptr<LeaseKeeper> make_keeper();
    std::shared_ptr<Leadership> make_leadership();

    /// Runs `action` on the strand; before run() it is kept until then.
    template <typename Action>
    void enter(Action action) {
        const std::lock_guard lock(mutex);
        if (strand) {
            asio::post(*strand, [self = shared_from_this(), action] { action(*self); });
        } else {
            early.push_back(action);
        }
    }

    pg::Database& database;
    RunnerOptions options;
    Log log;
    Metrics& metrics;
    const Uuid worker = Uuid::random(); // made anew at every start, never a host's name
    Claimer claimer;
    Settlement settlement;
    std::map<std::string, Handler> handlers;
    std::vector<Schedule> schedules;

    std::mutex mutex;
    std::optional<asio::strand<asio::any_io_executor>> strand; // guarded by mutex
    std::vector<std::function<void(State&)>> early;            // guarded by mutex
    std::atomic<int> stops{0};
    std::atomic<const Leadership*> leader{nullptr};

    // strand only
    asio::any_io_executor work; // where handlers run
    std::optional<asio::steady_timer> timer;
    std::map<std::int64_t, std::shared_ptr<Run>> running;
    std::map<std::string, int> busy; // queue -> running jobs
    bool alone = false;
    bool kicked = false;
    bool ring_stale = true;
    steady_clock::time_point looked_at{};
    std::optional<steady_clock::time_point> suspects_since;
    std::map<std::string, TenantId> notes;
    bool sending_notes = false;
    std::unique_ptr<LeaseKeeper> keeper;
    std::shared_ptr<Leadership> leadership;
};

// --- claiming -----------------------------------------------------------------------------------

Task<void> Runner::State::main() {
    const auto self = shared_from_this();
    timer.emplace(co_await asio::this_coro::executor);
    keeper = make_keeper();
    leadership = make_leadership();
    leader = leadership.get();
    asio::co_spawn(*strand, listen(), asio::detached);
    bool leading_ended = false;
    asio::co_spawn(*strand,
                   leadership->run(),
                   asio::bind_executor(*strand, [this, &leading_ended](std::exception_ptr) {
                       leading_ended = true;
                       kick();
                   }));
    log.info("queue.started", {{"worker", worker.str()}});
    while (stops == 0) {
        bool progress = false;
        try {
            progress = co_await fill_slots();
        } catch (const std::exception& error) {
            log.warn("queue.claim_failed", {{"error", error.what()}});
        }
        if (!progress) co_await idle();
    }
    co_await drain();
    leadership->stop();
    while (!leading_ended)
        co_await idle();
    keeper.reset();
    log.info("queue.stopped", {{"worker", worker.str()}});
}

FreeSlots Runner::State::free_slots() const {
    FreeSlots free;
    for (const auto& [queue, slots] : options.slots) {
        const auto taken = busy.find(queue);
        const int left = slots - (taken == busy.end() ? 0 : taken->second);
        if (left > 0) free[queue] = left;
    }
    return free;
}

Task<bool> Runner::State::fill_slots() {
    const auto free = free_slots();
    if (alone || free.empty()) co_return false;
    const auto age = steady_clock::now() - looked_at;
    if (ring_stale || age > (running.empty() ? ring_age_idle : ring_age_busy)) co_await look();
    if (suspects_since) {
        if (running.empty()) {
            const bool started = co_await fill_with_suspect();
            if (started) co_return true;
        } else if (steady_clock::now() - *suspects_since > options.suspect_patience) {
            co_return false; // wait until this process is empty
        }
    }
    if (claimer.ring_empty()) co_return false;
    auto claimed = co_await claimer.round(free);
    const bool progress = !claimed.empty();
    co_await start_or_return(std::move(claimed));
    co_return progress;
}

Task<void> Runner::State::look() {
    ring_stale = false;
    looked_at = steady_clock::now();
    co_await claimer.refresh();
    std::vector<std::string> queues;
    for (const auto& [queue, slots] : options.slots)
        queues.push_back(queue);
    const bool found = co_await claimer.has_suspects(std::move(queues));
    if (!found) {
        suspects_since.reset();
    } else if (!suspects_since) {
        suspects_since = steady_clock::now();
    }
}

Task<bool> Runner::State::fill_with_suspect() {
    auto suspect = co_await claimer.claim_suspect();
    suspects_since.reset(); // others get their turn before the next one may stop the process
    ring_stale = true;
    if (!suspect) co_return false;
    alone = true;
    std::vector<Claimed> claimed;
    claimed.push_back(std::move(*suspect));
    co_await start_or_return(std::move(claimed));
    co_return true;
}

Task<void> Runner::State::start_or_return(std::vector<Claimed> claimed) {
    if (stops == 0) {
        for (auto& each : claimed)
            start(std::move(each));
        co_return;
    }
    alone = false;
    std::vector<Job> jobs;
    for (auto& each : claimed)
        jobs.push_back(std::move(each.job));
    co_await hand_back(database, std::move(jobs));
}

void Runner::State::kick() {
    kicked = true;
    if (timer) timer->cancel();
}

Task<void> Runner::State::idle() {
    if (std::exchange(kicked, false)) co_return;
    timer->expires_after(jittered(options.poll));
    boost::system::error_code woken;
    co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
    kicked = false;
}

// --- running ------------------------------------------------------------------------------------

const Handler* Runner::State::handler_of(const std::string& kind) const {
    const auto found = handlers.find(kind);
    return found == handlers.end() ? nullptr : &found->second;
}

void Runner::State::start(Claimed claimed) {
    const auto& queue = claimed.job.queue;
    metrics.histogram("hacksmart_job_wait_seconds", "From due to claimed", {{"queue", queue}})
        .observe(claimed.waited_seconds);
    ++busy[queue];
    keeper->hold(claimed.job);
    const auto* handler = handler_of(claimed.job.kind);
    const auto run = std::make_shared<Run>(std::move(claimed), *strand);
    running[run->claimed.job.id.value] = run;
    watch_limit(run, handler);
    asio::co_spawn(work, execute(run, handler), asio::detached);
}

void Runner::State::watch_limit(const std::shared_ptr<Run>& run, const Handler* handler) {
    if (handler == nullptr) return;
    run->limit.expires_after(handler->hard_limit);
    run->limit.async_wait([self = shared_from_this(), run](boost::system::error_code stopped) {
        if (!stopped) self->stop_run(run->claimed.job.id, StopReason::hard_limit);
    });
}

Task<Outcome> Runner::State::call_handler(const Run& run, const Handler* handler) {
    const auto& job = run.claimed.job;
    if (handler == nullptr) {
        // Probably of a newer program, in the middle of a roll-out.
        co_return passing(Outcome::Kind::snooze, "job.unknown_kind", "no handler for " + job.kind);
    }
    auto with_ids = log.with({{"job_id", job.id.value}});
    if (Uuid::parse(job.subject)) with_ids = with_ids.with({{"call_id", job.subject}});
    JobContext context{job, run.stop.get_token(), std::move(with_ids)};
    std::string what;
    try {
        co_return co_await handler->run(std::move(context));
    } catch (const std::exception& error) {
        what = error.what();
    }
    log.error("job.exception", {{"job_id", job.id.value}, {"kind", job.kind}, {"error", what}});
    co_return passing(Outcome::Kind::retry, "job.exception", what);
}

Task<StopReason> Runner::State::reason_of(std::shared_ptr<Run> run) {
    co_return run->reason;
}

Task<void> Runner::State::execute(std::shared_ptr<Run> run, const Handler* handler) {
    const auto self = shared_from_this();
    const auto& job = run->claimed.job;
    std::string outcome = "unsettled";
    try {
        auto result = co_await call_handler(*run, handler);
        // The reason is written on the strand.
        const auto reason = co_await asio::co_spawn(*strand, reason_of(run), asio::use_awaitable);
        outcome = co_await settlement.settle(job, handler, std::move(result), reason);
    } catch (const std::exception& error) {
        log.error("job.unsettled", {{"job_id", job.id.value}, {"error", error.what()}});
    }
    asio::post(*strand, [self, run, outcome] { self->ended(run, outcome); });
}

void Runner::State::ended(const std::shared_ptr<Run>& run, const std::string& outcome) {
    const auto& job = run->claimed.job;
    if (keeper) keeper->release(job.id);
    run->limit.cancel();
    running.erase(job.id.value);
    --busy[job.queue];
    if (run->claimed.alone) alone = false;
    const std::chrono::duration<double> took = steady_clock::now() - run->started;
    metrics.histogram("hacksmart_job_duration_seconds", "Of one run", {{"kind", job.kind}})
        .observe(took.count());
    metrics
        .counter("hacksmart_jobs_finished_total",
                 "Runs by outcome",
                 {{"queue", job.queue}, {"kind", job.kind}, {"outcome", outcome}})
        .add();
    if (outcome == "fenced") {
        metrics.counter("hacksmart_jobs_fenced_total", "Runs whose lease was gone when they ended")
            .add();
    }
    log.info("job.ended",
             {{"job_id", job.id.value},
              {"kind", job.kind},
              {"run", job.runs},
              {"outcome", outcome},
              {"took_ms", std::int64_t(took.count() * 1000)}});
    kick();
}

void Runner::State::stop_run(JobId id, StopReason reason) {
    const auto found = running.find(id.value);
    if (found == running.end()) return;
    auto& run = *found->second;
    if (run.reason == StopReason::none) {
        run.reason = reason;
        log.warn("job.stopping", {{"job_id", id.value}, {"reason", int(reason)}});
    }
    run.stop.request_stop();
}

// --- wake-ups -----------------------------------------------------------------------------------

Task<void> Runner::State::listen() {
    const std::function<void(std::string)> on_notify =
        [weak = weak_from_this()](const std::string& payload) {
            if (const auto self = weak.lock()) self->on_note(payload);
        };
    try {
        co_await database.listen(channel, on_notify);
    } catch (const pg::DatabaseError& error) {
        log.warn("queue.listen_failed", {{"error", error.what()}}); // polling goes on
    }
}

void Runner::State::on_note(const std::string& payload) {
    if (payload.starts_with("cancel ")) {
        const JobId id{std::atoll(payload.c_str() + 7)};
        if (running.contains(id.value) && keeper) keeper->beat_now();
        return;
    }
    ring_stale = true;
    kick();
}

Task<void> Runner::State::send_notes() {
    asio::steady_timer gap(*strand);
    while (!notes.empty()) {
        for (const auto& [queue, tenant] : std::exchange(notes, {})) {
            try {
                co_await database.notify(channel, queue + " " + tenant.str());
            } catch (const pg::DatabaseError& error) {
                log.debug("queue.notify_failed", {{"error", error.what()}});
            }
        }
        gap.expires_after(notify_gap);
        co_await gap.async_wait(asio::use_awaitable);
    }
    sending_notes = false;
}

// --- the end ------------------------------------------------------------------------------------

Task<void> Runner::State::await_runs(steady_clock::time_point until, bool second_stop_ends) {
    while (!running.empty() && steady_clock::now() < until) {
        if (second_stop_ends && stops > 1) co_return;
        if (std::exchange(kicked, false)) continue;
        timer->expires_at(until);
        boost::system::error_code woken;
        co_await timer->async_wait(asio::redirect_error(asio::use_awaitable, woken));
        kicked = false;
    }
}

Task<void> Runner::State::drain() {
    keeper->set_draining();
    log.info("queue.draining", {{"running", running.size()}});
    co_await await_runs(steady_clock::now() + options.drain, true);
    if (running.empty()) co_return;
    std::vector<Job> left;
    for (const auto& [id, run] : running)
        left.push_back(run->claimed.job);
    for (const auto& job : left)
        stop_run(job.id, StopReason::shutdown);
    try {
        co_await hand_back(database, left);
    } catch (const pg::DatabaseError& error) {
        log.warn("queue.hand_back_failed", {{"error", error.what()}});
    }
    co_await await_runs(steady_clock::now() + stop_grace, false);
    if (!running.empty()) log.error("queue.handlers_stuck", {{"running", running.size()}});
}

std::unique_ptr<LeaseKeeper> Runner::State::make_keeper() {
    const auto tell = [weak = weak_from_this()](StopReason reason) {
        return [weak, reason](JobId id) {
            const auto self = weak.lock();
            if (!self) return;
            asio::post(*self->strand, [self, id, reason] { self->stop_run(id, reason); });
        };
    };
    return std::make_unique<LeaseKeeper>(
        database.options(),
        LeaseKeeper::Options{worker, options.lease, options.heartbeat, options.abandon},
        LeaseKeeper::Events{tell(StopReason::lost), tell(StopReason::cancelled)},
        log,
        metrics);
}

std::shared_ptr<Leadership> Runner::State::make_leadership() {
    const auto on_dead =
        [this](pg::Session& session, const Job& job, const Error& error) -> Task<void> {
        const auto* handler = handler_of(job.kind);
        if (handler != nullptr && handler->on_dead) {
            co_await handler->on_dead(session, job, error);
        }
    };
    const auto on_rescued = [this] { on_note(""); };
    auto made = std::make_shared<Leadership>(
        *strand, Leadership::Parts{database, options, worker, log, metrics, on_dead, on_rescued});
    for (const auto& schedule : schedules)
        made->add(schedule);
    made->add({"queue.history", std::chrono::hours(24), [this]() -> Task<void> {
                   const pg::Scope scope{std::nullopt, pg::DbRole::worker};
                   co_await database.run(scope, sql::maintain_history, pg::Params());
               }});
    made->add({"queue.workers", std::chrono::minutes(10), [owner = made.get()] {
                   return owner->forget_silent_workers();
               }});
    return made;
}

// --- Runner -------------------------------------------------------------------------------------

Runner::Runner(pg::Database& database, RunnerOptions options, Log log, Metrics& metrics)
    : state_(std::make_shared<State>(database, std::move(options), std::move(log), metrics)) {}

Runner::~Runner() = default;

void Runner::add(Handler handler) {
    const auto kind = handler.kind;
    state_->handlers[kind] = std::move(handler);
}

void Runner::add(Schedule schedule) {
    state_->schedules.push_back(std::move(schedule));
}

Task<void> Runner::run() {
    const auto state = state_;
    state->work = co_await asio::this_coro::executor;
    {
        const std::lock_guard lock(state->mutex);
        state->strand.emplace(asio::make_strand(state->work));
        for (const auto& action : std::exchange(state->early, {})) {
            asio::post(*state->strand, [state, action] { action(*state); });
        }
    }
    co_await asio::co_spawn(*state->strand, state->main(), asio::use_awaitable);
}

void Runner::stop() {
    ++state_->stops;
    state_->enter([](State& state) { state.kick(); });
}

void Runner::wake(const std::string& queue, TenantId tenant) {
    state_->enter([queue, tenant](State& state) {
        state.notes[queue] = tenant;
        state.on_note("");
        if (!std::exchange(state.sending_notes, true)) {
            asio::co_spawn(
                *state.strand,
                [](std::shared_ptr<State> s) -> Task<void> {
                    co_await s->send_notes();
                }(state.shared_from_this()),
                asio::detached);
        }
    });
}

std::string Runner::worker_id() const {
    return state_->worker.str();
}

bool Runner::is_leader() const {
    const auto* leader = state_->leader.load();
    return leader != nullptr && leader->leading();
}

} // namespace hs::queue
