// Wake-ups: what other processes tell this one, and what it tells them.
#include <boost/asio/use_awaitable.hpp>

#include "queue/runner_state.hpp"

namespace hs::queue {

using namespace std::chrono_literals;

namespace {

constexpr const char* channel = "hacksmart_jobs";
/// At most one NOTIFY a queue in this time: each takes a lock that commits queue behind.
constexpr auto notify_gap = 50ms;

} // namespace

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

} // namespace hs::queue
