// Lists of calls: filters, full text, orders, pages, counts.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/call_filters.hpp"
#include "api/call_object.hpp"
#include "api/json_members.hpp"
#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace hs::api {

namespace {

constexpr std::array<std::string_view, 8> orders{"-call_timestamp",
                                                 "call_timestamp",
                                                 "-overall_quality",
                                                 "overall_quality",
                                                 "-coaching_priority",
                                                 "coaching_priority",
                                                 "-duration_seconds",
                                                 "duration_seconds"};
// Members of a row, in their order.
constexpr std::array<std::string_view, 18> members{"call_id",
                                                   "call_timestamp",
                                                   "audio_url",
                                                   "duration_seconds",
                                                   "processing_status",
                                                   "primary_issue_category",
                                                   "customer_preferred_language",
                                                   "agent",
                                                   "city",
                                                   "scores",
                                                   "call_context",
                                                   "external_id",
                                                   "failure_code",
                                                   "language_spoken",
                                                   "escalation_flagged",
                                                   "emergency",
                                                   "provisional",
                                                   "demonstration"};
constexpr int page_cap = 50;
constexpr int most_counted = 10000;

std::unexpected<Error> bad(const char* code, std::string message) {
    return fail(ErrorKind::invalid, code, std::move(message));
}

struct WantedList {
    store::ListRequest list;
    ListPage page;
    std::string scope;
    std::vector<std::string> fields; // members to show; empty: all
    bool counted = false;
};

/// `fields`: names of members, joined by commas.
Result<std::vector<std::string>> asked_fields(const http::Request& request) {
    std::vector<std::string> fields;
    const auto value = request.query_value("fields");
    if (!value) return fields;
    for (const auto part : split(*value, ',')) {
        if (std::ranges::find(members, part) == members.end())
            return bad("query.choice", fmt::format("fields: of {}.", fmt::join(members, ", ")));
        fields.emplace_back(part);
    }
    return fields;
}

Result<WantedList> wanted_list(const Context& context, const http::Request& request) {
    WantedList wanted;
    wanted.scope = list_scope(request);
    TRY(wanted.list.filters, asked_filters(request));
    const auto order = request.query_value("sort").value_or("-call_timestamp");
    if (std::ranges::find(orders, order) == orders.end())
        return bad("query.choice",
                   "sort: call_timestamp, overall_quality, coaching_priority or duration_seconds, "
                   "with - for descending.");
    wanted.list.order = std::string(order);
    const auto count = request.query_value("count").value_or("false");
    if (count != "true" && count != "false") return bad("query.choice", "count: true or false.");
    wanted.counted = count == "true";
    TRY(wanted.fields, asked_fields(request));
    TRY(wanted.page, list_page(context, request, wanted.scope, 2, page_cap));
    wanted.list.limit = wanted.page.limit + 1;
    if (wanted.page.after) {
        const auto id = CallId::parse(wanted.page.after->at(1));
        if (!id) return bad("cursor.invalid", "This cursor belongs to no such list.");
        wanted.list.after = store::ListPlace{wanted.page.after->at(0), *id};
    }
    return wanted;
}

std::string row_of(const Context& context, TenantId tenant, const store::CallView& view) {
    JsonWriter json;
    json.begin_object();
    write_call_summary(json, context, tenant, view);
    json.field("call_context", view.call.call_context);
    json.field("external_id", view.call.external_id).field("failure_code", view.call.failure_code);
    json.field("language_spoken", view.language_spoken);
    json.field("escalation_flagged", view.escalated).field("emergency", view.emergency);
    json.field("provisional", view.provisional);
    json.field("demonstration", view.demonstration).end_object();
    return json.take();
}

Task<http::Response>
answer(const Context& context, const http::Request& request, WantedList wanted) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto places = co_await store::list_calls(*unit, tenant, wanted.list);
    std::optional<std::string> cursor;
    if (places.size() > static_cast<std::size_t>(wanted.page.limit)) {
        places.pop_back();
        const std::vector<std::string> last{places.back().sorted_by, places.back().id.str()};
        cursor = next_cursor(context, wanted.scope, last);
    }
    std::vector<CallId> ids;
    for (const auto& place : places)
        ids.push_back(place.id);
    const auto views = co_await store::call_objects(*unit, tenant, ids);
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& view : views) {
        const auto row = row_of(context, tenant, view);
        json.raw(wanted.fields.empty() ? row : only_members(row, wanted.fields));
    }
    json.end_array().field("next_cursor", cursor);
    if (wanted.counted) {
        const auto count =
            co_await store::count_calls(*unit, tenant, wanted.list.filters, most_counted + 1);
        json.field("count", std::min<std::int64_t>(count, most_counted));
        json.field("count_exact", count <= most_counted);
    }
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, wanted.page, *cursor);
    co_return response;
}

Task<http::Response> list_calls(const Context& context, http::Request request) {
    const auto wanted = wanted_list(context, request);
    if (!wanted) co_return http::problem(request, wanted.error());
    std::optional<pg::DatabaseError> refused;
    try {
        co_return co_await answer(context, request, *wanted);
    } catch (const pg::DatabaseError& error) { // the schema's own refusal, see calls_saying
        refused = error;
    }
    if (refused->sqlstate() != too_many_matches) throw *refused;
    co_return http::problem(request, too_broad());
}

} // namespace

void add_call_list_routes(http::Router& router, const Context& context) {
    router.add(
        {.method = http::Method::get,
         .pattern = "/api/calls",
         .permission = "calls:read",
         .handler = [&context](http::Request r) { return list_calls(context, std::move(r)); },
         .strict_query = true,
         .query = {"agent_id", "city_id",     "state",     "issue",    "language",  "from",
                   "to",       "min_score",   "max_score", "flagged",  "emergency", "status",
                   "context",  "external_id", "rule",      "reviewed", "q",         "fields",
                   "sort",     "count",       "limit",     "cursor"}});
}

} // namespace hs::api
