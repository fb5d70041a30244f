/// What happened, for those who listen: written in the transaction it tells of, read in an order in
/// which nothing can appear behind a reader's back.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "pg/session.hpp"

namespace hs::store {

/// Transaction and number: the order of delivery.
struct EventPlace {
    std::uint64_t xid = 0;
    std::int64_t id = 0;
    auto operator<=>(const EventPlace&) const = default;

    [[nodiscard]] std::string str() const; ///< "7412-98"
    [[nodiscard]] static std::optional<EventPlace> parse(std::string_view text);
};

struct StoredEvent {
    EventPlace place;
    std::string type; // "call.analyzed"
    std::optional<CallId> call_id;
    std::optional<AgentId> agent_id;
    std::optional<std::int64_t> city_id;
    std::optional<Uuid> escalation_id;
    std::string payload_json;
    Time created_at;
};

struct EventPage {
    std::vector<StoredEvent> events;
    std::vector<EventPlace> unreadable; // rows that say nothing we could tell: left out of `events`
    std::optional<EventPlace> last; // of all rows, readable or not; nothing when there were none
    bool full = false;              // as many rows as were asked for
};

/// Events behind `after`, up to and with `upto`, that no transaction still running can precede.
Task<EventPage> events_after(pg::Session& session,
                             TenantId tenant,
                             EventPlace after,
                             std::optional<EventPlace> upto,
                             int limit);
/// Every event that can be read by now lies before this place, every later one behind it.
Task<EventPlace> present_place(pg::Session& session);
/// Whether events behind `place` have been thrown away.
Task<bool> place_expired(pg::Session& session, TenantId tenant, EventPlace place);
/// Throws away a batch of those older than 24 hours; gives how many.
Task<std::int64_t> purge_events(pg::Session& session, TenantId tenant, int batch);

/// A ticket by its hash; good for a minute.
Task<Time> insert_ticket(pg::Session& session, TenantId tenant, Sha256 hash, std::string principal);
/// Uses the ticket up: true once at most.
Task<bool> take_ticket(pg::Session& session, TenantId tenant, Sha256 hash);
/// Whether the ticket could be used now; leaves it.
Task<bool> ticket_good(pg::Session& session, TenantId tenant, Sha256 hash);
Task<void> purge_tickets(pg::Session& session, TenantId tenant);

} // namespace hs::store
