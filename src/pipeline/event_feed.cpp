#include "pipeline/event_feed.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <unordered_set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/json.hpp"

namespace hs::pipeline {

namespace asio = boost::asio;

namespace {

constexpr auto poll_every = std::chrono::milliseconds(250);
constexpr auto after_trouble = std::chrono::seconds(1);
constexpr auto comment_every = std::chrono::seconds(15);
constexpr int page = 500;
constexpr std::size_t most_waiting = 1000; // events; a listener behind by more is dropped
constexpr std::size_t most_told = 1000;    // unreadable events remembered

/// An event in words, shared by all who want it.
struct Worded {
    store::StoredEvent event;
    std::string frame;
};

std::string data_of(const store::StoredEvent& event) {
    JsonWriter json;
    json.begin_object().field("id", event.place.str()).field("type", event.type);
    json.field("at", rfc3339(event.created_at));
    json.field("call_id", event.call_id ? std::optional(event.call_id->str()) : std::nullopt);
    json.field("agent_id", event.agent_id ? std::optional(event.agent_id->str()) : std::nullopt);
    json.key("city_id");
    if (event.city_id) {
        json.integer(*event.city_id);
    } else {
        json.null();
    }
    json.field("escalation_id",
               event.escalation_id ? std::optional(event.escalation_id->str()) : std::nullopt);
    // Through the parser: the database writes numbers by other rules.
    const auto payload = parse_json(event.payload_json);
    json.key("payload").document(payload ? *payload : boost::json::value(nullptr));
    return json.end_object().take();
}

std::string frame_of(const store::StoredEvent& event) {
    return "id: " + event.place.str() + "\nevent: " + event.type + "\ndata: " + data_of(event) +
           "\n\n";
}

std::string notice(const char* type, const char* reason) {
    JsonWriter json;
    json.begin_object().field("type", type).field("reason", reason);
    return std::string("event: ") + type + "\ndata: " + json.end_object().take() + "\n\n";
}

} // namespace

/// What the reader's thread hands to a listener's.
struct EventFeed::Listener::Inbox {
    Inbox(const asio::any_io_executor& executor, EventFilter wanted)
        : timer(executor), filter(std::move(wanted)) {}

    asio::steady_timer timer; // the listener's wait; touched on its own thread only
    const EventFilter filter;
    std::mutex mutex; // guards the rest
    std::deque<std::shared_ptr<const Worded>> waiting;
    bool overflowed = false;
};

struct EventFeed::State : std::enable_shared_from_this<State> {
    using InboxPtr = std::shared_ptr<Listener::Inbox>;

    struct Tenant {
        store::EventPlace place; // everything up to here was given to the listeners
        std::unordered_set<InboxPtr> inboxes;
        bool reading = false;
    };

    State(pg::Database& base, asio::any_io_executor runs_on, Metrics& metrics, Log logger)
        : database(base), executor(std::move(runs_on)), log(std::move(logger)),
          listeners(metrics.gauge("hacksmart_event_listeners", "Listeners to the event stream")),
          dropped(metrics.counter("hacksmart_event_listeners_dropped_total",
                                  "Listeners that were too slow")),
          unreadable(metrics.counter("hacksmart_events_unreadable_total",
                                     "Events that were left out of all streams")) {}

    /// Gives the place from which the inbox gets every event; `from` is where a reader starts that
    /// does not run yet.
    store::EventPlace attach(TenantId tenant, const InboxPtr& inbox, store::EventPlace from);
    void detach(TenantId tenant, const InboxPtr& inbox);
    Task<void> read(TenantId tenant);
    Task<bool> read_once(TenantId tenant);
    void publish(TenantId tenant, store::EventPage read);
    void tell_unreadable(TenantId tenant, const std::vector<store::EventPlace>& places);
    static void put(const InboxPtr& inbox, const std::shared_ptr<const Worded>& event);

    pg::Database& database;
    asio::any_io_executor executor;
    Log log;
    Gauge& listeners;
    Counter& dropped;
    Counter& unreadable;
    std::mutex mutex; // guards the rest
    std::map<TenantId, Tenant> tenants;
    std::set<std::pair<TenantId, store::EventPlace>> told; // unreadable ones, logged and counted
    bool closed = false;
};

store::EventPlace
EventFeed::State::attach(TenantId tenant, const InboxPtr& inbox, store::EventPlace from) {
    bool start = false;
    store::EventPlace place;
    {
        const std::scoped_lock lock(mutex);
        auto& entry = tenants[tenant];
        start = !entry.reading;
        // Who still listens has everything up to the reader's old place and nothing behind it.
        if (start && entry.inboxes.empty()) entry.place = from;
        entry.reading = true;
        entry.inboxes.insert(inbox);
        place = entry.place;
    }
    listeners.add(1);
    // Not under the lock: the reader may run at once, on this thread.
    if (start)
        asio::co_spawn(executor, read(tenant), [self = shared_from_this(), tenant](auto failure) {
            if (!failure) return;
            self->log.error("events.reader_ended", {{"tenant", tenant.str()}});
            const std::scoped_lock lock(self->mutex);
            self->tenants[tenant].reading = false; // the next listener starts another one
        });
    return place;
}

void EventFeed::State::detach(TenantId tenant, const InboxPtr& inbox) {
    const std::scoped_lock lock(mutex);
    if (tenants[tenant].inboxes.erase(inbox) > 0) listeners.add(-1);
}

/// Reads as long as somebody of the tenant listens.
Task<void> EventFeed::State::read(TenantId tenant) {
    const auto self = shared_from_this();
    asio::steady_timer pause(executor);
    bool wanted = true;
    while (wanted) {
        bool more = false;
        bool trouble = false;
        try {
            more = co_await read_once(tenant);
        } catch (const pg::DatabaseError&) {
            // Listeners wait with us; what happens meanwhile is read afterwards.
            trouble = true;
        } catch (const std::exception& failure) {
            // Nobody else would give this tenant's listeners anything: tried again as well.
            log.error("events.reader_failed",
                      {{"tenant", tenant.str()}, {"reason", failure.what()}});
            trouble = true;
        }
        if (!more) {
            pause.expires_after(trouble ? std::chrono::milliseconds(after_trouble) : poll_every);
            boost::system::error_code ignored;
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        const std::scoped_lock lock(mutex);
        auto& entry = tenants[tenant];
        wanted = !closed && !entry.inboxes.empty();
        entry.reading = wanted;
    }
}

/// True when there is more to read at once.
Task<bool> EventFeed::State::read_once(TenantId tenant) {
    store::EventPlace place;
    {
        const std::scoped_lock lock(mutex);
        place = tenants[tenant].place;
    }
    const auto unit = database.unit({.tenant = tenant});
    auto read = co_await store::events_after(*unit, tenant, place, std::nullopt, page);
    tell_unreadable(tenant, read.unreadable);
    const bool full = read.full;
    if (read.last) publish(tenant, std::move(read));
    co_return full;
}

/// Once an event: whoever replays it later finds it again.
void EventFeed::State::tell_unreadable(TenantId tenant,
                                       const std::vector<store::EventPlace>& places) {
    for (const auto& place : places) {
        {
            const std::scoped_lock lock(mutex);
            if (told.size() >= most_told) told.clear(); // better told twice than kept for ever
            if (!told.emplace(tenant, place).second) continue;
        }
        unreadable.add();
        log.error("event.unreadable", {{"tenant", tenant.str()}, {"event_id", place.str()}});
    }
}

/// `read` holds a row at least.
void EventFeed::State::publish(TenantId tenant, store::EventPage read) {
    std::vector<std::shared_ptr<const Worded>> worded;
    for (auto& event : read.events) {
        auto frame = frame_of(event);
        worded.push_back(
            std::make_shared<const Worded>(Worded{std::move(event), std::move(frame)}));
    }
    // Place and inboxes change together: who attaches later gets what lies behind the new place.
    const std::scoped_lock lock(mutex);
    auto& entry = tenants[tenant];
    entry.place = *read.last;
    for (const auto& inbox : entry.inboxes)
        for (const auto& event : worded)
            if (inbox->filter.matches(event->event)) put(inbox, event);
}

void EventFeed::State::put(const InboxPtr& inbox, const std::shared_ptr<const Worded>& event) {
    const std::scoped_lock lock(inbox->mutex);
    if (inbox->overflowed) return;
    const bool asleep = inbox->waiting.empty();
    if (inbox->waiting.size() >= most_waiting) {
        inbox->overflowed = true;
        inbox->waiting.clear();
    } else {
        inbox->waiting.push_back(event);
    }
    if (asleep) asio::post(inbox->timer.get_executor(), [inbox] { inbox->timer.cancel(); });
}

bool EventFilter::matches(const store::StoredEvent& event) const {
    if (agent_id && event.agent_id != agent_id) return false;
    if (city_id && event.city_id != city_id) return false;
    if (types.empty()) return true;
    return std::ranges::any_of(types, [&](const std::string& type) {
        const bool family = type.ends_with('*');
        return family ? event.type.starts_with(std::string_view(type).substr(0, type.size() - 1))
                      : event.type == type;
    });
}

EventFeed::EventFeed(pg::Database& database,
                     asio::any_io_executor executor,
                     Metrics& metrics,
                     Log log)
    : state_(std::make_shared<State>(database, std::move(executor), metrics, std::move(log))) {}

EventFeed::~EventFeed() {
    const std::scoped_lock lock(state_->mutex);
    state_->closed = true;
}

std::shared_ptr<EventFeed::Listener>
EventFeed::listen(TenantId tenant, EventFilter filter, std::optional<store::EventPlace> after) {
    return std::make_shared<Listener>(state_, tenant, std::move(filter), after);
}

EventFeed::Listener::Listener(std::shared_ptr<State> state,
                              TenantId tenant,
                              EventFilter filter,
                              std::optional<store::EventPlace> after)
    : state_(std::move(state)), tenant_(tenant), filter_(std::move(filter)), after_(after) {}

EventFeed::Listener::~Listener() {
    if (inbox_) state_->detach(tenant_, inbox_);
}

void EventFeed::Listener::stop() {
    stopping_ = true;
    if (inbox_) inbox_->timer.cancel();
}

Task<std::optional<std::string>> EventFeed::Listener::next() {
    if (phase_ == Phase::ended) co_return std::nullopt;
    std::string text;
    bool trouble = false;
    try {
        if (phase_ == Phase::fresh) text = co_await begin();
        while (text.empty() && phase_ == Phase::catching_up)
            text = co_await replay();
    } catch (const pg::DatabaseError&) {
        trouble = true;
    }
    if (trouble) co_return end("database");
    if (stopping_) co_return text + end("shutdown");
    if (!text.empty()) co_return text;
    co_await wait();
    co_return take();
}

/// The first words: where the listener stands, so that it can come back even if nothing happens.
Task<std::string> EventFeed::Listener::begin() {
    const auto executor = co_await asio::this_coro::executor;
    auto inbox = std::make_shared<Inbox>(executor, filter_);
    const auto unit = state_->database.unit({.tenant = tenant_});
    const bool coming_back = after_.has_value();
    const char* missed = nullptr;
    present_ = co_await store::present_place(*unit);
    if (!coming_back) {
        after_ = present_;
    } else if (*after_ > present_) {
        // Of another database, or made up: nothing would ever lie behind it.
        after_ = present_;
        missed = "unknown";
    } else {
        const bool expired = co_await store::place_expired(*unit, tenant_, *after_);
        if (expired) missed = "expired";
    }
    std::string text = "retry: 2000\nid: " + after_->str() + "\n\n";
    if (missed != nullptr) text += notice("stream.gap", missed);
    inbox_ = std::move(inbox);
    phase_ = Phase::catching_up;
    co_return text;
}

/// One page of what happened before; attaches to the reader when a page is not full, and then
/// fetches what lies between that page and the reader's place.
Task<std::string> EventFeed::Listener::replay() {
    const auto unit = state_->database.unit({.tenant = tenant_});
    const auto read = co_await store::events_after(*unit, tenant_, *after_, gap_end_, page);
    state_->tell_unreadable(tenant_, read.unreadable);
    std::string text;
    for (const auto& event : read.events)
        if (filter_.matches(event)) text += frame_of(event);
    if (read.last) after_ = *read.last;
    if (read.full) co_return text;
    if (!gap_end_) {
        // The reader starts where the database stood, not at a place the client named.
        after_ = std::max(*after_, present_);
        gap_end_ = state_->attach(tenant_, inbox_, *after_);
        if (*gap_end_ > *after_) co_return text; // one more round
    }
    phase_ = Phase::live;
    co_return text;
}

Task<void> EventFeed::Listener::wait() {
    {
        const std::scoped_lock lock(inbox_->mutex);
        if (!inbox_->waiting.empty() || inbox_->overflowed) co_return;
        inbox_->timer.expires_after(comment_every);
    }
    // put() and stop() cancel from this thread: they cannot come between the look and the wait.
    boost::system::error_code ignored;
    co_await inbox_->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

std::string EventFeed::Listener::take() {
    std::deque<std::shared_ptr<const Worded>> events;
    bool overflowed = false;
    {
        const std::scoped_lock lock(inbox_->mutex);
        events.swap(inbox_->waiting);
        overflowed = inbox_->overflowed;
    }
    std::string text;
    for (const auto& event : events) {
        if (event->event.place <= *after_) continue; // the replay had it already
        after_ = event->event.place;
        text += event->frame;
    }
    if (overflowed) {
        state_->dropped.add();
        return text + end("slow");
    }
    if (stopping_) return text + end("shutdown");
    return text.empty() ? ": \n\n" : text;
}

std::string EventFeed::Listener::end(const char* reason) {
    phase_ = Phase::ended;
    return notice("stream.end", reason);
}

} // namespace hs::pipeline
