// Turns of calls by their words, with the place of each word and its time.
#include "store/search.hpp"

#include <array>

#include "api/call_filters.hpp"
#include "api/figures_reply.hpp"
#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "pg/session.hpp"
#include "store/call_views.hpp"

namespace hs::api {

namespace {

constexpr const char* too_many_matches = "HS001"; // raised by calls_saying
constexpr int page_cap = 20;
constexpr int largest_page = 50;

struct Search {
    store::ListRequest list;
    std::string words;
    std::optional<std::string> role;
    ListPage page;
    std::string scope;
};

Error bad(const char* code, std::string message) {
    return {ErrorKind::invalid, code, std::move(message), std::nullopt};
}

Result<json::object> filters_of(const http::Request& request) {
    TRY(const auto asked,
        narrowing_of(request, {"state", "city_id", "agent_id", "issue", "language"}));
    TRY(auto filters, parse_json(store::filter_text(asked.calls)));
    auto& members = filters.as_object();
    if (asked.days.from) members["from_day"] = json::string(day_text(*asked.days.from));
    if (asked.days.to) members["to_day"] = json::string(day_text(*asked.days.to));
    return std::move(members);
}

Result<Search> search_of(const Context& context, const http::Request& request) {
    Search search;
    TRY(const auto text, asked_text(request, "q"));
    if (!text) return std::unexpected(bad("query.required", "q: words to look for."));
    if (request.query_value("mode").value_or("text") != "text")
        return std::unexpected(bad("query.choice", "mode: text."));
    if (const auto speaker = request.query_value("speaker")) {
        if (*speaker != "agent" && *speaker != "customer")
            return std::unexpected(bad("query.choice", "speaker: agent or customer."));
        search.role = std::string(*speaker);
    }
    TRY(search.list.filters, filters_of(request));
    search.list.filters["q"] = json::string(*text);
    search.words = store::wanted_words(*text);
    search.scope = list_scope(request);
    TRY(search.page, list_page(context, request, search.scope, 2, page_cap));
    if (search.page.limit > largest_page && request.query_value("limit"))
        return std::unexpected(bad("query.range", "limit: 1 to 50."));
    if (!request.query_value("limit")) search.page.limit = page_cap;
    search.list.limit = search.page.limit + 1;
    if (search.page.after) {
        const auto id = CallId::parse(search.page.after->at(1));
        if (!id) return std::unexpected(bad("cursor.invalid", "This cursor is of another list."));
        search.list.after = store::ListPlace{search.page.after->at(0), *id};
    }
    return search;
}

void write_turn(JsonWriter& json, const store::FoundTurn& turn) {
    json.begin_object().field("turn", turn.turn).field("speaker", turn.role);
    json.key("start_time").number(static_cast<double>(turn.start_ms) / 1000.0, 2);
    json.key("end_time").number(static_cast<double>(turn.end_ms) / 1000.0, 2);
    json.field("text", turn.text).key("highlights").begin_array();
    for (const auto& place : turn.highlights)
        json.begin_object().field("from", place.from).field("to", place.to).end_object();
    json.end_array().end_object();
}

void write_call(JsonWriter& json, const Call& call, const std::vector<store::FoundTurn>& turns) {
    json.begin_object().field("call_id", call.id.str());
    json.field("call_timestamp", rfc3339(call.call_timestamp));
    json.field("primary_issue_category", call.primary_issue_category);
    json.key("agent").begin_object();
    json.field("agent_id", call.agent_id ? std::optional(call.agent_id->str()) : std::nullopt);
    json.field("name", call.agent_name.empty() ? "Unknown" : call.agent_name);
    json.end_object().key("city").begin_object().key("city_id");
    call.city_id ? json.integer(call.city_id->value) : json.null();
    json.field("name", call.city_name.empty() ? "Unknown" : call.city_name);
    json.end_object().key("turns").begin_array();
    for (const auto& turn : turns)
        write_turn(json, turn);
    json.end_array().end_object();
}

Task<http::Response> answer(const Context& context, const http::Request& request, Search search) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto places = co_await store::list_calls(*unit, tenant, search.list);
    std::optional<std::string> cursor;
    if (places.size() > static_cast<std::size_t>(search.page.limit)) {
        places.pop_back();
        const std::vector<std::string> last{places.back().sorted_by, places.back().id.str()};
        cursor = next_cursor(context, search.scope, last);
    }
    std::vector<CallId> ids;
    for (const auto& place : places)
        ids.push_back(place.id);
    const auto views = co_await store::call_objects(*unit, tenant, ids);
    auto turns = co_await store::found_turns(*unit, tenant, ids, search.words, search.role);
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& view : views)
        write_call(json, view.call, turns[view.call.id]);
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, search.page, *cursor);
    co_return response;
}

Task<http::Response> search_turns(const Context& context, http::Request request) {
    const auto search = search_of(context, request);
    if (!search) co_return http::problem(request, search.error());
    std::optional<pg::DatabaseError> refused;
    try {
        co_return co_await answer(context, request, *search);
    } catch (const pg::DatabaseError& error) { // the schema's own refusal, see calls_saying
        refused = error;
    }
    if (refused->sqlstate() != too_many_matches) throw *refused;
    co_return http::problem(
        request, bad("query.too_broad", "More than 50,000 calls have these words. Add a word."));
}

} // namespace

void add_search_routes(http::Router& router, const Context& context) {
    router.add(
        {.method = http::Method::get,
         .pattern = "/api/search",
         .permission = "search:use",
         .handler = [&context](http::Request r) { return search_turns(context, std::move(r)); },
         .strict_query = true,
         .query = {"q",
                   "mode",
                   "speaker",
                   "agent_id",
                   "city_id",
                   "state",
                   "issue",
                   "language",
                   "from",
                   "to",
                   "limit",
                   "cursor"}});
}

} // namespace hs::api
