/// Leadership is a row with a holder and a term. The leader offers expired jobs again, sets aside
/// those that may not run again, goes round its duties and keeps its beats. Internal to src/queue.
///
/// Every action carries (holder, term) into its statement: a leader that was stopped for a while
/// and comes back changes nothing.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "pg/database.hpp"
#include "queue/runner.hpp"

namespace hs::queue {

class Leadership : public std::enable_shared_from_this<Leadership> {
public:
    using OnDead = std::function<Task<void>(pg::Session&, const Job&, const Error&)>;

    struct Parts {
        pg::Database& database;
        RunnerOptions options;
        Uuid holder;
        Log log;
        Metrics& metrics;
        OnDead on_dead;
        std::function<void()> on_rescued; // jobs became available
    };

    Leadership(boost::asio::any_io_executor executor, Parts parts);

    void add(Schedule duty) { duties_.push_back(std::move(duty)); }

    void add(Beat beat) { beats_.push_back(std::move(beat)); }

    /// Until stop(); gives leadership back at the end.
    Task<void> run();
    void stop();

    [[nodiscard]] bool leading() const;

    // The single steps; tests call them too.
    Task<void> try_to_lead();
    Task<int> rescue();
    Task<bool> take_duty(std::string name, std::chrono::milliseconds every);
    Task<void> forget_silent_workers();

private:
    Task<void> step();
    Task<void> go_round();
    Task<void> perform(std::size_t duty);
    void start_beats();
    Task<void> keep_beat(std::size_t beat);
    [[nodiscard]] Lead lead();
    Task<int> rescue_expired();
    Task<int> end_expired();
    Task<bool> end_one(const Job& job, bool cancelled);
    Task<void> resign();
    Task<void> publish_figures();

    boost::asio::any_io_executor executor_;
    Parts parts_;
    std::vector<Schedule> duties_;
    std::vector<Beat> beats_;
    std::list<boost::asio::steady_timer> beat_timers_;
    std::set<std::string> under_way_;
    boost::asio::steady_timer timer_;
    std::int64_t term_ = 0;
    std::atomic<std::chrono::steady_clock::rep> lead_until_{0}; // monotonic, margin taken off
    std::chrono::steady_clock::time_point next_rescue_{};
    std::set<std::pair<std::string, std::string>> published_;
    bool stopping_ = false;
};

} // namespace hs::queue
