// The public side, and a runner's way from its start to the end of its drain.
#include "queue/runner.hpp"

#include <random>
#include <utility>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "queue/queries.hpp"
#include "queue/runner_state.hpp"
#include "queue/transitions.hpp"

namespace hs::queue {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

/// A handler that does not stop is left behind after this: its job has long been handed back.
constexpr auto stop_grace = 10s;

milliseconds jittered(milliseconds time) {
    thread_local std::minstd_rand random(std::random_device{}());
    const auto third = std::max<std::int64_t>(1, time.count() / 4);
    return time + milliseconds(std::uniform_int_distribution<std::int64_t>(-third, third)(random));
}

} // namespace

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
    for (const auto& beat : beats)
        made->add(beat);
    made->add(Schedule{"queue.history", std::chrono::hours(24), [this]() -> Task<void> {
                           const pg::Scope scope{std::nullopt, pg::DbRole::worker};
                           co_await database.run(scope, sql::maintain_history, pg::Params());
                       }});
    made->add(Schedule{"queue.workers", std::chrono::minutes(10), [owner = made.get()] {
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

void Runner::add(Beat beat) {
    state_->beats.push_back(std::move(beat));
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
