#include "store/idempotency.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "store/queries.hpp"

namespace hs::store {

namespace {

std::string written(const std::vector<std::pair<std::string, std::string>>& headers) {
    json::array list;
    for (const auto& [name, value] : headers)
        list.push_back(json::array{json::string(name), json::string(value)});
    return json::serialize(list);
}

std::optional<KeptReply> kept_reply(const pg::Row& row) {
    if (row.null("reply_status")) return std::nullopt;
    KeptReply reply;
    reply.status = static_cast<int>(row.integer("reply_status"));
    reply.body = row.text("reply_body");
    const auto headers = parse_json(row.text("reply_headers"));
    if (!headers || !headers->is_array()) return reply;
    for (const auto& header : headers->get_array()) {
        const auto& parts = header.as_array();
        reply.headers.emplace_back(parts.at(0).as_string(), parts.at(1).as_string());
    }
    return reply;
}

} // namespace

Task<ReservationResult> reserve(pg::Session& session, TenantId tenant, Reservation reservation) {
    const Bytes fingerprint(reservation.fingerprint.begin(), reservation.fingerprint.end());
    const auto taken = co_await session.run(sql::reserve,
                                            pg::params(tenant,
                                                       reservation.scope,
                                                       reservation.key,
                                                       fingerprint,
                                                       reservation.call_id,
                                                       reservation.created_at,
                                                       reservation.holder));
    if (!taken.empty()) {
        const auto row = taken.front();
        co_return ReservationResult{
            ReservationState::ours, CallId{row.uuid("call_id")}, row.time("call_created_at")};
    }
    const auto rows = co_await session.run(sql::find_reservation,
                                           pg::params(tenant, reservation.scope, reservation.key));
    // Released between the two statements: the caller's client tries again.
    if (rows.empty()) {
        co_return ReservationResult{
            ReservationState::in_progress, reservation.call_id, reservation.created_at};
    }
    const auto row = rows.front();
    const CallId call{row.uuid("call_id")};
    const auto created_at = row.time("call_created_at");
    if (!std::ranges::equal(row.bytes("fingerprint"), fingerprint)) {
        co_return ReservationResult{ReservationState::other_request, call, created_at};
    }
    const auto state =
        row.boolean("finished") ? ReservationState::replay : ReservationState::in_progress;
    co_return ReservationResult{state, call, created_at, kept_reply(row)};
}

Task<bool> finish_reservation(pg::Session& session, TenantId tenant, Reservation reservation) {
    const auto rows = co_await session.run(
        sql::finish_reservation,
        pg::params(tenant, reservation.scope, reservation.key, reservation.holder));
    co_return rows.affected() == 1;
}

Task<bool>
finish_with_reply(pg::Session& session, TenantId tenant, Reservation reservation, KeptReply reply) {
    pg::Params params = pg::params(tenant,
                                   reservation.scope,
                                   reservation.key,
                                   reservation.holder,
                                   reply.status,
                                   written(reply.headers),
                                   reply.body,
                                   reply.about);
    const auto rows = co_await session.run(sql::finish_with_reply, std::move(params));
    co_return rows.affected() == 1;
}

Task<void> release_reservation(pg::Session& session, TenantId tenant, Reservation reservation) {
    co_await session.run(
        sql::release_reservation,
        pg::params(tenant, reservation.scope, reservation.key, reservation.holder));
}

Task<void> purge_reservations(pg::Session& session, TenantId tenant) {
    co_await session.run(sql::purge_reservations, pg::params(tenant));
}

Task<void> insert_audit(pg::Session& session, TenantId tenant, AuditEntry entry) {
    co_await session.run(sql::insert_audit,
                         pg::params(tenant,
                                    entry.principal,
                                    entry.address,
                                    entry.action,
                                    entry.object,
                                    entry.after_hash,
                                    entry.request_id,
                                    entry.result));
}

} // namespace hs::store
