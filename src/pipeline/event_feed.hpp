/// Events to listeners: one reader a process and tenant, whatever the number of listeners.
///
/// The reader asks the database four times a second, and only while somebody listens: a NOTIFY in
/// the writing transaction would make all commits of the cluster queue for one lock. Each event is
/// put into words once and shared by all who want it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "pg/database.hpp"
#include "store/events.hpp"

namespace hs::pipeline {

struct EventFilter {
    std::vector<std::string> types; // "call.analyzed", "escalation.*", "*"; empty: all
    std::optional<AgentId> agent_id;
    std::optional<std::int64_t> city_id;

    [[nodiscard]] bool matches(const store::StoredEvent& event) const;
};

class EventFeed {
public:
    /// `executor`: where the readers run; `database` must outlive its thread.
    EventFeed(pg::Database& database,
              boost::asio::any_io_executor executor,
              Metrics& metrics,
              Log log);
    ~EventFeed();
    EventFeed(const EventFeed&) = delete;
    EventFeed& operator=(const EventFeed&) = delete;

    class Listener;
    /// A stream of server-sent events behind `after`, or from now on. Costs nothing before its
    /// first next().
    [[nodiscard]] std::shared_ptr<Listener>
    listen(TenantId tenant, EventFilter filter, std::optional<store::EventPlace> after);

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// One listener; used by one coroutine, on one thread, except where said otherwise.
class EventFeed::Listener {
public:
    Listener(std::shared_ptr<State> state,
             TenantId tenant,
             EventFilter filter,
             std::optional<store::EventPlace> after);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Waits for events, at most 15 seconds: then a comment line. nullopt after the end, which a
    /// `stream.end` event with its reason (shutdown, slow, database) announces.
    Task<std::optional<std::string>> next();
    /// Ends the stream. On the thread of next().
    void stop();

private:
    friend struct EventFeed::State;
    struct Inbox;

    Task<std::string> begin();
    Task<std::string> replay();
    Task<void> wait();
    std::string take();
    std::string end(const char* reason);

    std::shared_ptr<State> state_;
    TenantId tenant_;
    EventFilter filter_;
    std::optional<store::EventPlace> after_; // everything up to here was sent or is not wanted
    store::EventPlace present_;              // the database's place when the stream began
    std::shared_ptr<Inbox> inbox_;
    std::optional<store::EventPlace> gap_end_; // replay ends here, once attached
    bool stopping_ = false;
    enum class Phase { fresh, catching_up, live, ended } phase_ = Phase::fresh;
};

} // namespace hs::pipeline
