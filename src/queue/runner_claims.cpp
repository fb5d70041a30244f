// Claiming: which queues have free slots, whose turn it is, and jobs that must run alone.
#include "queue/runner_state.hpp"
#include "queue/transitions.hpp"

namespace hs::queue {

using namespace std::chrono_literals;

namespace {

constexpr auto ring_age_idle = 1s;
constexpr auto ring_age_busy = 2s;

} // namespace

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

} // namespace hs::queue
