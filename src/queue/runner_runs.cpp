// Jobs under way: the handler, its limit and its end.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "queue/runner_state.hpp"

namespace hs::queue {

namespace {

Outcome passing(Outcome::Kind kind, std::string code, std::string message) {
    Error error{ErrorKind::unavailable, std::move(code), std::move(message), std::nullopt};
    return {kind, std::move(error), std::nullopt};
}

} // namespace

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

} // namespace hs::queue
