#include "store/events.hpp"

#include <charconv>

#include "store/queries.hpp"

namespace hs::store {

namespace {

template <typename Number>
std::optional<Number> whole(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

StoredEvent read_event(const pg::Row& row) {
    StoredEvent event;
    event.place = {whole<std::uint64_t>(row.view("xid")).value_or(0), row.integer("id")};
    event.type = row.text("type");
    if (const auto call = row.optional_uuid("call_id")) event.call_id = CallId{*call};
    if (const auto agent = row.optional_uuid("agent_id")) event.agent_id = AgentId{*agent};
    event.city_id = row.optional_integer("city_id");
    event.escalation_id = row.optional_uuid("escalation_id");
    event.payload_json = row.text("payload");
    event.created_at = row.time("created_at");
    return event;
}

} // namespace

std::string EventPlace::str() const {
    return std::to_string(xid) + "-" + std::to_string(id);
}

std::optional<EventPlace> EventPlace::parse(std::string_view text) {
    const auto dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto xid = whole<std::uint64_t>(text.substr(0, dash));
    const auto id = whole<std::int64_t>(text.substr(dash + 1));
    if (!xid || !id || *id < 0) return std::nullopt;
    return EventPlace{*xid, *id};
}

Task<std::vector<StoredEvent>> events_after(pg::Session& session,
                                            TenantId tenant,
                                            EventPlace after,
                                            std::optional<EventPlace> upto,
                                            int limit) {
    pg::Params params = pg::params(tenant, std::to_string(after.xid), after.id);
    if (upto) {
        params.add(std::to_string(upto->xid)).add(upto->id);
    } else {
        params.add(std::nullopt).add(std::nullopt);
    }
    params.add(limit);
    const auto rows = co_await session.run(sql::events_after, std::move(params));
    std::vector<StoredEvent> events;
    for (const auto row : rows)
        events.push_back(read_event(row));
    co_return events;
}

Task<EventPlace> present_place(pg::Session& session) {
    const auto rows = co_await session.run(sql::present_place, pg::Params());
    // Numbers begin at 1: nothing of this transaction or a later one lies before it.
    co_return EventPlace{whole<std::uint64_t>(rows.front().view("xid")).value_or(0), 0};
}

Task<bool> place_expired(pg::Session& session, TenantId tenant, EventPlace place) {
    const auto rows = co_await session.run(sql::place_expired,
                                           pg::params(tenant, std::to_string(place.xid), place.id));
    co_return rows.front().boolean("expired");
}

Task<std::int64_t> purge_events(pg::Session& session, TenantId tenant, int batch) {
    const auto rows = co_await session.run(sql::purge_events, pg::params(tenant, batch));
    co_return rows.front().integer("purged");
}

Task<Time>
insert_ticket(pg::Session& session, TenantId tenant, Sha256 hash, std::string principal) {
    const Bytes bytes(hash.begin(), hash.end());
    const auto rows =
        co_await session.run(sql::insert_ticket, pg::params(tenant, bytes, principal));
    co_return rows.front().time("expires_at");
}

Task<bool> take_ticket(pg::Session& session, TenantId tenant, Sha256 hash) {
    const Bytes bytes(hash.begin(), hash.end());
    const auto rows = co_await session.run(sql::take_ticket, pg::params(tenant, bytes));
    co_return !rows.empty() && rows.front().boolean("valid");
}

Task<bool> ticket_good(pg::Session& session, TenantId tenant, Sha256 hash) {
    const Bytes bytes(hash.begin(), hash.end());
    const auto rows = co_await session.run(sql::ticket_good, pg::params(tenant, bytes));
    co_return !rows.empty();
}

Task<void> purge_tickets(pg::Session& session, TenantId tenant) {
    co_await session.run(sql::purge_tickets, pg::params(tenant));
}

} // namespace hs::store
