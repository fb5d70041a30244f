#include "store/events.hpp"

#include <charconv>

#include "pg/text_format.hpp"
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

EventPlace place_of(const pg::Row& row) {
    return {whole<std::uint64_t>(row.view("xid")).value_or(0), row.integer("id")};
}

/// PostgreSQL knows times that we do not: before the year 1, after 9999, without end.
std::optional<Time> time_we_know(std::string_view text) {
    const auto time = pg::parse_timestamp(text);
    const bool endless = time == Time::min() || time == Time::max();
    return endless ? std::nullopt : time;
}

/// Nothing for a row with a time that cannot be told; the schema sees to the other columns.
std::optional<StoredEvent> read_event(const pg::Row& row) {
    const auto created_at = time_we_know(row.view("created_at"));
    if (!created_at) return std::nullopt;
    StoredEvent event;
    event.place = place_of(row);
    event.type = row.text("type");
    if (const auto call = row.optional_uuid("call_id")) event.call_id = CallId{*call};
    if (const auto agent = row.optional_uuid("agent_id")) event.agent_id = AgentId{*agent};
    event.city_id = row.optional_integer("city_id");
    event.escalation_id = row.optional_uuid("escalation_id");
    event.payload_json = row.text("payload");
    event.created_at = *created_at;
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

Task<EventPage> events_after(pg::Session& session,
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
    EventPage page;
    int count = 0;
    for (const auto row : rows) {
        const auto place = place_of(row);
        if (auto event = read_event(row)) {
            page.events.push_back(*std::move(event));
        } else {
            page.unreadable.push_back(place);
        }
        page.last = place;
        ++count;
    }
    page.full = count == limit;
    co_return page;
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
