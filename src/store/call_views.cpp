#include "store/call_views.hpp"

#include "store/queries.hpp"

namespace hs::store {

namespace {

std::vector<Uuid> uuids(const std::vector<CallId>& ids) {
    std::vector<Uuid> out;
    out.reserve(ids.size());
    for (const auto id : ids)
        out.push_back(id.value);
    return out;
}

Call read_call(const pg::Row& row) {
    Call call;
    call.id = CallId{row.uuid("id")};
    if (const auto agent = row.optional_uuid("agent_id")) call.agent_id = AgentId{*agent};
    call.agent_name = row.text("agent_name");
    call.agent_employee_id = row.optional_text("employee_id");
    if (const auto city = row.optional_integer("city_id"))
        call.city_id = CityId{static_cast<std::int32_t>(*city)};
    call.city_name = row.text("city_name");
    call.city_state = row.optional_text("city_state");
    call.customer_preferred_language = row.optional_text("customer_preferred_language");
    call.duration_seconds = static_cast<int>(row.optional_integer("duration_seconds").value_or(0));
    call.call_timestamp = row.time("call_timestamp");
    call.call_context = row.text("call_context");
    call.primary_issue_category = row.optional_text("primary_issue_category");
    call.processing_status = row.text("processing_status");
    call.failure_code = row.optional_text("failure_code");
    call.external_id = row.optional_text("external_id");
    return call;
}

CallView read_view(const pg::Row& row) {
    CallView view;
    view.call = read_call(row);
    view.sop = row.optional_integer("sop");
    view.communication = row.optional_integer("communication");
    view.sentiment = row.optional_integer("sentiment");
    view.resolution = row.optional_integer("resolution");
    view.quality = row.optional_integer("quality");
    view.priority = row.optional_integer("priority");
    view.analysed = row.boolean("analysed");
    view.provisional = row.boolean("provisional");
    view.escalated = row.boolean("escalated");
    view.emergency = row.boolean("emergency");
    view.demonstration = row.boolean("demonstration");
    view.business_insight = row.optional_text("business_insight");
    view.coaching_insight = row.optional_text("coaching_insight");
    view.why_flagged = row.optional_text("why_flagged");
    view.language_spoken = row.optional_text("language_spoken");
    view.sop_deviations_json = row.text("sop_deviations");
    view.issue_analysis_json = row.text("issue_analysis");
    view.resolution_analysis_json = row.text("resolution_analysis");
    view.sentiment_trajectory_json = row.text("sentiment_trajectory");
    return view;
}

pg::Params window_params(TenantId tenant, const Window& window) {
    pg::Params params = pg::params(tenant, window.minutes);
    if (window.after) {
        params.add(window.after->call_timestamp).add(window.after->id);
    } else {
        params.add(std::nullopt).add(std::nullopt);
    }
    params.add(window.limit);
    return params;
}

WindowPage read_page(const pg::Rows& rows) {
    WindowPage page;
    for (const auto row : rows) {
        page.calls.push_back({row.time("call_timestamp"), CallId{row.uuid("call_id")}});
        page.total = row.integer("total");
    }
    return page;
}

} // namespace

Task<std::vector<CallView>>
call_objects(pg::Session& session, TenantId tenant, std::vector<CallId> ids) {
    std::vector<CallView> views;
    if (ids.empty()) co_return views;
    const auto rows = co_await session.run(sql::call_objects, pg::params(tenant, uuids(ids)));
    for (const auto row : rows)
        views.push_back(read_view(row));
    co_return views;
}

Task<WindowPage> flagged_in_window(pg::Session& session, TenantId tenant, Window window) {
    const auto rows = co_await session.run(sql::flagged_in_window, window_params(tenant, window));
    co_return read_page(rows);
}

Task<WindowPage>
urgent_in_window(pg::Session& session, TenantId tenant, Window window, int priority) {
    auto params = window_params(tenant, window);
    params.add(priority);
    const auto rows = co_await session.run(sql::urgent_in_window, std::move(params));
    co_return read_page(rows);
}

Task<WindowPage> emergencies_in_window(pg::Session& session, TenantId tenant, Window window) {
    const auto rows =
        co_await session.run(sql::emergencies_in_window, window_params(tenant, window));
    co_return read_page(rows);
}

Task<std::optional<WorstCall>>
worst_call(pg::Session& session, TenantId tenant, AgentId agent, int days) {
    const auto rows = co_await session.run(sql::worst_call, pg::params(tenant, agent, days));
    if (rows.empty()) co_return std::nullopt;
    co_return WorstCall{CallId{rows.front().uuid("call_id")}, rows.front().text("local_date")};
}

Task<std::map<CallId, std::string>>
judged_words(pg::Session& session, TenantId tenant, std::vector<CallId> ids) {
    std::map<CallId, std::string> documents;
    const auto rows = co_await session.run(sql::judged_words, pg::params(tenant, uuids(ids)));
    for (const auto row : rows)
        documents[CallId{row.uuid("call_id")}] = row.text("document");
    co_return documents;
}

Task<std::map<CallId, Bytes>>
sealed_numbers(pg::Session& session, TenantId tenant, std::vector<CallId> ids) {
    std::map<CallId, Bytes> numbers;
    const auto rows = co_await session.run(sql::sealed_numbers, pg::params(tenant, uuids(ids)));
    for (const auto row : rows)
        numbers[CallId{row.uuid("id")}] = row.bytes("customer_phone_sealed");
    co_return numbers;
}

Task<std::vector<ListPlace>>
list_calls(pg::Session& session, TenantId tenant, ListRequest request) {
    pg::Params params = pg::params(tenant, json::serialize(request.filters), request.order);
    if (request.after) {
        params.add(request.after->sorted_by).add(request.after->id);
    } else {
        params.add(std::nullopt).add(std::nullopt);
    }
    params.add(request.limit);
    const auto rows = co_await session.run(sql::list_calls, std::move(params));
    std::vector<ListPlace> places;
    for (const auto row : rows)
        places.push_back({row.text("sorted_by"), CallId{row.uuid("call_id")}});
    co_return places;
}

Task<std::int64_t>
count_calls(pg::Session& session, TenantId tenant, json::object filters, int most) {
    const auto rows =
        co_await session.run(sql::count_calls, pg::params(tenant, json::serialize(filters), most));
    co_return rows.front().integer("calls");
}

} // namespace hs::store
