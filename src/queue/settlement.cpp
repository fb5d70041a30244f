#include "queue/settlement.hpp"

#include <algorithm>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "queue/transitions.hpp"

namespace hs::queue {

using namespace std::chrono_literals;

namespace {

constexpr int database_tries = 6;
constexpr double unknown_kind_delay_seconds = 30;
/// Told to wait without a time: long enough not to hammer, short enough not to be noticed.
constexpr double default_snooze_seconds = 15;

Outcome with_reason(Outcome outcome, StopReason reason) {
    if (outcome.kind == Outcome::Kind::done || outcome.kind == Outcome::Kind::fenced) {
        return outcome;
    }
    if (reason == StopReason::shutdown) return {Outcome::Kind::handed_back, {}, {}};
    if (reason == StopReason::hard_limit) {
        return {Outcome::Kind::retry,
                {ErrorKind::unavailable, "job.time_limit", "the job outlived its hard limit", {}},
                {}};
    }
    return outcome;
}

} // namespace

Task<std::string>
Settlement::settle(Job job, const Handler* handler, Outcome outcome, StopReason reason) {
    if (reason == StopReason::lost) {
        co_return outcome.kind == Outcome::Kind::done ? "done" : "fenced";
    }
    const auto effective = with_reason(std::move(outcome), reason);
    const bool cancelled = reason == StopReason::cancelled &&
                           effective.kind != Outcome::Kind::done &&
                           effective.kind != Outcome::Kind::fenced;
    for (int tries = 1;; ++tries) {
        try {
            if (cancelled) co_return co_await end_cancelled(job);
            co_return co_await once(job, handler, effective);
        } catch (const pg::DatabaseError& error) {
            const bool passing = error.connection_lost() || error.serialization_failure() ||
                                 error.sqlstate() == "53300" || error.sqlstate() == "55P03";
            if (!passing || tries >= database_tries) throw;
        }
        boost::asio::steady_timer pause(
            co_await boost::asio::this_coro::executor,
            std::chrono::duration_cast<std::chrono::milliseconds>(
                std::chrono::duration<double>(backoff_seconds(tries, 100ms, 2s))));
        co_await pause.async_wait(boost::asio::use_awaitable);
    }
}

Task<std::string> Settlement::once(const Job& job, const Handler* handler, const Outcome& outcome) {
    switch (outcome.kind) {
    case Outcome::Kind::done: co_return "done";
    case Outcome::Kind::fenced: co_return "fenced";
    case Outcome::Kind::handed_back: {
        const std::vector<Job> jobs(1, job);
        co_await hand_back(database_, jobs);
        co_return "handed_back";
    }
    case Outcome::Kind::snooze: co_return co_await snooze(job, handler, outcome);
    case Outcome::Kind::retry: co_return co_await retry(job, handler, outcome);
    case Outcome::Kind::dead: break;
    }
    co_return co_await bury(job, handler, outcome.error);
}

Task<std::string>
Settlement::snooze(const Job& job, const Handler* handler, const Outcome& outcome) {
    const auto unit = database_.unit(scope_of(job));
    const double told =
        outcome.after ? double(outcome.after->count())
                      : (handler != nullptr ? default_snooze_seconds : unknown_kind_delay_seconds);
    // Spread, or all that wait for one window wake in the same instant.
    const double delay = told + backoff_seconds(0, 1s, 1s);
    if (co_await snooze_job(*unit, job, delay, outcome.error)) co_return "snoozed";
    if (!co_await still_ours(*unit, job)) co_return "fenced";
    co_return co_await retry(job, handler, outcome);
}

Task<std::string>
Settlement::retry(const Job& job, const Handler* handler, const Outcome& outcome) {
    const int limit = handler != nullptr ? handler->max_failures : 1;
    if (job.failures + 1 >= limit) co_return co_await bury(job, handler, outcome.error);
    double delay = backoff_seconds(job.failures, options_.backoff_base, options_.backoff_max);
    if (outcome.after) delay = std::max(delay, double(outcome.after->count()));
    const auto unit = database_.unit(scope_of(job));
    if (co_await retry_job(*unit, job, delay, outcome.error)) co_return "retried";
    co_return co_await end_cancelled(job);
}

/// The job is ours no more, or somebody asked it to stop while it failed.
Task<std::string> Settlement::end_cancelled(const Job& job) {
    const auto unit = database_.unit(scope_of(job));
    co_return co_await end_job(*unit, job, Ending::cancelled, nullptr) ? "cancelled" : "fenced";
}

Task<std::string> Settlement::bury(const Job& job, const Handler* handler, const Error& error) {
    auto transaction = co_await database_.begin(scope_of(job));
    if (!co_await end_job(*transaction, job, Ending::dead, &error)) co_return "fenced";
    if (handler != nullptr && handler->on_dead) {
        co_await handler->on_dead(*transaction, job, error);
    }
    co_await transaction->commit();
    log_.error("job.dead", {{"job_id", job.id.value}, {"kind", job.kind}, {"error", error.code}});
    co_return "dead";
}

} // namespace hs::queue
