#include "store/escalations.hpp"

#include "store/queries.hpp"

namespace hs::store {

namespace {

Escalation read_escalation(const pg::Row& row) {
    Escalation escalation;
    escalation.id = row.uuid("id");
    escalation.call_id = CallId{row.uuid("call_id")};
    escalation.evaluation_id = EvaluationId{row.uuid("evaluation_id")};
    escalation.reason = row.text("reason");
    escalation.score = row.integer("score");
    escalation.state = row.text("shown_state");
    escalation.assigned_to = row.optional_text("assigned_to");
    // A snooze that has run out is over, whatever the row still says.
    if (escalation.state == "snoozed") escalation.snoozed_until = row.time("snoozed_until");
    escalation.note = row.optional_text("note");
    escalation.changed_by = row.text("changed_by");
    escalation.created_at = row.time("created_at");
    escalation.updated_at = row.time("updated_at");
    escalation.call_timestamp = row.time("call_timestamp");
    if (const auto agent = row.optional_uuid("agent_id")) escalation.agent_id = AgentId{*agent};
    escalation.agent_name = row.text("agent_name");
    escalation.city_id = row.optional_integer("city_id");
    escalation.city_name = row.text("city_name");
    return escalation;
}

} // namespace

Task<bool> effectively_flagged(pg::Session& session, TenantId tenant, CallId call) {
    const auto rows = co_await session.run(sql::effectively_flagged, pg::params(tenant, call));
    co_return !rows.empty() && rows.front().boolean("flagged");
}

Task<void> raise_escalation(pg::Session& session, TenantId tenant, EscalationRaise raise) {
    pg::Params params = pg::params(
        tenant, raise.id, raise.call_id, raise.evaluation_id, raise.reason, raise.score, raise.who);
    co_await session.run(sql::raise_escalation, std::move(params));
}

Task<void> clear_escalation(
    pg::Session& session, TenantId tenant, CallId call, std::string note, std::string who) {
    co_await session.run(sql::clear_escalation, pg::params(tenant, call, note, who));
}

Task<bool> handle_escalation(pg::Session& session, TenantId tenant, EscalationAction action) {
    pg::Params params = pg::params(tenant,
                                   action.id,
                                   action.action,
                                   action.state,
                                   action.from,
                                   action.assigned_to,
                                   action.snoozed_until,
                                   action.note,
                                   action.who,
                                   action.event);
    const auto rows = co_await session.run(sql::handle_escalation, std::move(params));
    co_return !rows.empty();
}

Task<std::optional<Escalation>> find_escalation(pg::Session& session, TenantId tenant, Uuid id) {
    const auto rows = co_await session.run(sql::find_escalation, pg::params(tenant, id));
    if (rows.empty()) co_return std::nullopt;
    co_return read_escalation(rows.front());
}

Task<std::vector<ListedEscalation>>
list_escalations(pg::Session& session, TenantId tenant, EscalationList list) {
    const bool live = list.state && *list.state != "resolved";
    const pg::Query* query = live ? &sql::list_live_escalations : &sql::list_escalations;
    pg::Params params = pg::params(tenant,
                                   list.state,
                                   list.agent_id,
                                   list.city_id,
                                   list.after_place,
                                   list.after_id,
                                   list.limit);
    if (list.order != "-created_at") { // the usual one follows its index
        query = &sql::escalations_in_order;
        params.add(list.order);
    }
    const auto rows = co_await session.run(*query, std::move(params));
    std::vector<ListedEscalation> escalations;
    for (const auto row : rows)
        escalations.push_back({read_escalation(row), row.text("place")});
    co_return escalations;
}

} // namespace hs::store
