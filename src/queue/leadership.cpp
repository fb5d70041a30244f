#include "queue/leadership.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include "queue/breaks.hpp"
#include "queue/queries.hpp"
#include "queue/transitions.hpp"

namespace hs::queue {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

namespace {

const pg::Scope leader_scope{std::nullopt, pg::DbRole::worker};

constexpr int page_size = 500;
/// First wait of a rescued job, so that what broke a worker does not hit the next at once.
constexpr milliseconds longest_first_backoff = 5s;
/// A beat that failed waits this long: the database is away, or its error would fill the log.
constexpr milliseconds pause_after_failure = 2s;

/// Statements of the leader, with the (holder, term) check unless it is broken on purpose.
pg::Query checked(const pg::Query& query) {
    static std::map<std::string, std::string> texts;
    if (!broken("leader_check")) return query;
    constexpr auto check = "holder = $2 AND term = $3 AND expires_at > now()";
    constexpr auto nothing = "$2::uuid IS NOT NULL AND $3::bigint IS NOT NULL";
    auto& text = texts[query.name];
    if (text.empty()) text = unless_broken("leader_check", query.sql, check, nothing);
    return {query.name, text.c_str()};
}

double seconds(milliseconds time) {
    return std::chrono::duration<double>(time).count();
}

} // namespace

Leadership::Leadership(asio::any_io_executor executor, Parts parts)
    : executor_(std::move(executor)), parts_(std::move(parts)), timer_(executor_) {}

bool Leadership::leading() const {
    return steady_clock::now().time_since_epoch().count() < lead_until_.load();
}

void Leadership::stop() {
    stopping_ = true;
    timer_.cancel();
    for (auto& timer : beat_timers_)
        timer.cancel();
}

Task<void> Leadership::run() {
    const auto self = shared_from_this();
    const auto& options = parts_.options;
    auto beat = std::min(options.leader_lease / 3, options.rescue_every);
    for (const auto& duty : duties_)
        beat = std::min(beat, milliseconds(duty.every));
    start_beats();
    while (!stopping_) {
        try {
            co_await step();
        } catch (const std::exception& error) {
            parts_.log.warn("queue.leader_step_failed", {{"error", error.what()}});
        }
        if (stopping_) break;
        timer_.expires_after(beat);
        boost::system::error_code woken;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    while (!under_way_.empty()) {
        timer_.expires_after(20ms); // duties are short or watch the same stop
        co_await timer_.async_wait(asio::use_awaitable);
    }
    try {
        co_await resign();
    } catch (const pg::DatabaseError&) {
        // The lease runs out by itself.
    }
}

Task<void> Leadership::step() {
    co_await try_to_lead();
    auto& held = parts_.metrics.gauge("hacksmart_leader_is_held", "1 while this process leads");
    held.set(leading() ? 1 : 0);
    if (!leading()) co_return;
    if (steady_clock::now() >= next_rescue_) {
        next_rescue_ = steady_clock::now() + parts_.options.rescue_every;
        co_await rescue();
        co_await publish_figures();
    }
    co_await go_round();
}

Task<void> Leadership::try_to_lead() {
    const auto lease = parts_.options.leader_lease;
    const auto before = steady_clock::now();
    auto values = pg::params(parts_.options.leader_name, parts_.holder, seconds(lease));
    const auto rows = co_await parts_.database.run(leader_scope, sql::lead, std::move(values));
    if (rows.empty()) {
        lead_until_ = 0;
        co_return;
    }
    const auto term = rows.front().integer("term");
    if (term != term_) parts_.log.info("queue.leader_elected", {{"term", term}});
    term_ = term;
    const auto margin = std::min(milliseconds(1000), lease / 5);
    lead_until_ = (before + lease - margin).time_since_epoch().count();
}

Task<void> Leadership::resign() {
    if (!leading()) co_return;
    lead_until_ = 0;
    auto values = pg::params(parts_.options.leader_name, parts_.holder, term_);
    co_await parts_.database.run(leader_scope, sql::resign, std::move(values));
}

// --- rescue -------------------------------------------------------------------------------------

Task<int> Leadership::rescue() {
    if (broken("rescue")) co_return 0;
    const int again = co_await rescue_expired();
    const int ended = co_await end_expired();
    if (again > 0 && parts_.on_rescued) parts_.on_rescued();
    co_return again + ended;
}

Task<int> Leadership::rescue_expired() {
    const auto& options = parts_.options;
    auto& counter = parts_.metrics.counter("hacksmart_jobs_rescued_total",
                                           "Jobs taken from vanished workers",
                                           {{"reason", "expired"}});
    const int most_crashes = broken("crash_counter") ? 1'000'000 : options.max_crashes;
    const auto first_backoff = std::min(longest_first_backoff, 3 * options.backoff_base);
    Uuid tenant{};
    std::int64_t id = 0;
    int total = 0;
    for (;;) {
        auto values = pg::params(options.leader_name,
                                 parts_.holder,
                                 term_,
                                 tenant,
                                 id,
                                 page_size,
                                 most_crashes,
                                 seconds(first_backoff));
        const auto query = checked(sql::rescue);
        const auto rows = co_await parts_.database.run(leader_scope, query, std::move(values));
        for (const auto row : rows) {
            parts_.log.warn("job.rescued",
                            {{"job_id", row.integer("id")}, {"queue", row.text("queue")}});
            const auto at = std::pair(row.uuid("tenant_id"), row.integer("id"));
            std::tie(tenant, id) = std::max(std::pair(tenant, id), at);
        }
        total += rows.size();
        counter.add(std::uint64_t(rows.size()));
        if (rows.size() < page_size) co_return total;
    }
}

/// Jobs that may not run again: each in a transaction of its tenant, with the handler's hook.
Task<int> Leadership::end_expired() {
    const int most_crashes = broken("crash_counter") ? 1'000'000 : parts_.options.max_crashes;
    Uuid tenant{};
    std::int64_t id = 0;
    int total = 0;
    for (;;) {
        auto values = pg::params(tenant, id, page_size, most_crashes);
        const auto rows =
            co_await parts_.database.run(leader_scope, sql::expired_for_good, std::move(values));
        for (const auto row : rows) {
            tenant = row.uuid("tenant_id");
            id = row.integer("id");
            if (!leading()) co_return total;
            const auto job = job_of(row);
            if (co_await end_one(job, row.boolean("cancel_requested"))) ++total;
        }
        if (rows.size() < page_size) co_return total;
    }
}

Task<bool> Leadership::end_one(const Job& job, bool cancelled) {
    const Error poison{
        ErrorKind::internal,
        "poison",
        fmt::format("the worker vanished {} times while it ran this job alone", job.crashes + 1),
        std::nullopt};
    const std::optional<std::string> none;
    auto transaction = co_await parts_.database.begin(scope_of(job));
    auto values = pg::params(parts_.options.leader_name,
                             parts_.holder,
                             term_,
                             job.tenant,
                             job.id,
                             job.lease_token,
                             std::string(cancelled ? "cancelled" : "dead"),
                             cancelled ? none : std::optional(poison.code),
                             cancelled ? none : std::optional(error_json(poison)));
    const auto query = checked(sql::end_expired);
    const auto rows = co_await transaction->run(query, std::move(values));
    if (rows.affected() != 1) co_return false;
    if (!cancelled && parts_.on_dead) co_await parts_.on_dead(*transaction, job, poison);
    co_await transaction->commit();
    const std::string reason = cancelled ? "cancelled" : "poison";
    parts_.metrics
        .counter("hacksmart_jobs_rescued_total",
                 "Jobs taken from vanished workers",
                 {{"reason", reason}})
        .add();
    parts_.log.error("job.set_aside", {{"job_id", job.id.value}, {"reason", reason}});
    co_return true;
}

// --- duties -------------------------------------------------------------------------------------

Task<bool> Leadership::take_duty(std::string name, milliseconds every) {
    auto values =
        pg::params(parts_.options.leader_name, parts_.holder, term_, name, seconds(every));
    const auto query = checked(sql::take_duty);
    const auto rows = co_await parts_.database.run(leader_scope, query, std::move(values));
    co_return rows.affected() == 1;
}

Task<void> Leadership::forget_silent_workers() {
    auto values = pg::params(parts_.options.leader_name, parts_.holder, term_);
    const auto query = checked(sql::forget_workers);
    const auto rows = co_await parts_.database.run(leader_scope, query, std::move(values));
    if (rows.affected() > 0)
        parts_.log.info("queue.workers_forgotten", {{"count", rows.affected()}});
}

Task<void> Leadership::go_round() {
    for (std::size_t i = 0; i < duties_.size() && !stopping_; ++i) {
        if (!leading()) co_return;
        if (under_way_.contains(duties_[i].name)) continue;
        const bool due = co_await take_duty(duties_[i].name, duties_[i].every);
        if (!due) continue;
        under_way_.insert(duties_[i].name);
        asio::co_spawn(executor_, perform(i), asio::detached);
    }
}

Task<void> Leadership::perform(std::size_t duty) {
    const auto self = shared_from_this();
    const auto& name = duties_[duty].name;
    try {
        co_await duties_[duty].run();
    } catch (const std::exception& error) {
        parts_.log.error("duty.failed", {{"duty", name}, {"error", error.what()}});
    }
    under_way_.erase(name);
}

// --- beats --------------------------------------------------------------------------------------

Lead Leadership::lead() {
    auto holds = [weak = weak_from_this(), term = term_] {
        const auto self = weak.lock();
        return self && self->leading() && !self->stopping_ && self->term_ == term;
    };
    return {parts_.options.leader_name, parts_.holder, term_, std::move(holds)};
}

void Leadership::start_beats() {
    for (std::size_t i = 0; i < beats_.size(); ++i) {
        under_way_.insert(beats_[i].name);
        asio::co_spawn(executor_, keep_beat(i), asio::detached);
    }
}

Task<void> Leadership::keep_beat(std::size_t beat) {
    const auto self = shared_from_this();
    const auto& name = beats_[beat].name;
    auto& timer = beat_timers_.emplace_back(executor_);
    while (!stopping_) {
        auto pause = beats_[beat].every;
        if (leading()) {
            auto held = lead();
            try {
                co_await beats_[beat].run(std::move(held));
            } catch (const std::exception& error) {
                parts_.log.error("duty.failed", {{"duty", name}, {"error", error.what()}});
                pause = std::max(pause, pause_after_failure);
            }
        }
        if (stopping_) break;
        timer.expires_after(pause);
        boost::system::error_code woken;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    under_way_.erase(name);
}

Task<void> Leadership::publish_figures() {
    const auto rows = co_await parts_.database.run(leader_scope, sql::queue_figures, pg::Params());
    for (const auto& [queue, state] : std::exchange(published_, {})) {
        parts_.metrics
            .gauge("hacksmart_queue_depth", "Live jobs", {{"queue", queue}, {"state", state}})
            .set(0);
    }
    for (const auto row : rows) {
        const auto queue = row.text("queue");
        const auto state = row.text("state");
        published_.emplace(queue, state);
        parts_.metrics
            .gauge("hacksmart_queue_depth", "Live jobs", {{"queue", queue}, {"state", state}})
            .set(row.real("jobs"));
        if (state != "available") continue;
        parts_.metrics
            .gauge("hacksmart_queue_oldest_available_seconds",
                   "Age of the oldest job due",
                   {{"queue", queue}})
            .set(row.real("oldest_seconds"));
    }
    const auto live = co_await parts_.database.run(leader_scope, sql::live_workers, pg::Params());
    parts_.metrics.gauge("hacksmart_workers_live", "Workers seen within a minute")
        .set(live.front().real("live"));
}

} // namespace hs::queue
