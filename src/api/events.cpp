// What happens, as it happens: the stream of server-sent events and the tickets for it.
#include "store/events.hpp"

#include <algorithm>
#include <array>

#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "base/text.hpp"

namespace hs::api {

namespace {

constexpr std::array<std::string_view, 6> families{
    "call", "escalation", "job", "review", "insight", "budget"};
constexpr std::size_t ticket_bytes = 32;

bool plain_word(std::string_view word) {
    return !word.empty() &&
           std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

/// "*", "call.*" or "call.analyzed".
bool valid_type(std::string_view type) {
    if (type == "*") return true;
    const auto dot = type.find('.');
    if (dot == std::string_view::npos) return false;
    const auto rest = type.substr(dot + 1);
    return std::ranges::find(families, type.substr(0, dot)) != families.end() &&
           (rest == "*" || plain_word(rest));
}

Result<pipeline::EventFilter> filter_of(const http::Request& request) {
    pipeline::EventFilter filter;
    if (const auto types = request.query_value("types")) {
        for (const auto part : split(*types, ',')) {
            const auto type = trim(part);
            if (!valid_type(type))
                return fail(ErrorKind::invalid,
                            "query.choice",
                            "types: call.*, escalation.*, job.*, review.*, insight.*, budget.* or "
                            "one of their events.");
            filter.types.emplace_back(type);
        }
    }
    if (const auto agent = request.query_value("agent_id")) {
        filter.agent_id = AgentId::parse(*agent);
        if (!filter.agent_id) return fail(ErrorKind::invalid, "query.invalid", "agent_id: a UUID.");
    }
    if (request.query_value("city_id")) {
        TRY(filter.city_id, whole_number(request, "city_id", 0, 1, 2147483647));
    }
    return filter;
}

/// The header of a client that comes back, or the parameter of one that cannot send headers.
Result<std::optional<store::EventPlace>> last_event(const http::Request& request) {
    auto text = request.header("last-event-id");
    if (!text) text = request.query_value("last_event_id");
    if (!text || text->empty()) return std::optional<store::EventPlace>();
    const auto place = store::EventPlace::parse(*text);
    if (!place)
        return fail(ErrorKind::invalid, "query.invalid", "Last-Event-ID: the id of an event.");
    return std::optional(*place);
}

Task<Result<void>> check_ticket(const Context& context, const http::Request& request) {
    const auto ticket = request.query_value("ticket");
    if (!ticket) co_return Result<void>{};
    const auto hash = sha256(bytes_of(*ticket));
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    bool good = false;
    // HEAD begins no stream: it must not use up the ticket of the GET that follows.
    if (request.method == http::Method::head) {
        good = co_await store::ticket_good(*unit, tenant, hash);
    } else {
        good = co_await store::take_ticket(*unit, tenant, hash);
    }
    if (good) co_return Result<void>{};
    co_return fail(ErrorKind::unauthorized,
                   "auth.invalid",
                   "This ticket is not known, has been used or is older than a minute.");
}

Task<http::Response> stream_events(const Context& context, http::Request request) {
    auto filter = filter_of(request);
    if (!filter) co_return http::problem(request, filter.error());
    const auto after = last_event(request);
    if (!after) co_return http::problem(request, after.error());
    const auto admitted = co_await check_ticket(context, request);
    if (!admitted) co_return http::problem(request, admitted.error());
    const auto listener =
        context.events->listen(request.principal.tenant, *std::move(filter), *after);
    http::Response response;
    response.content_type = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("X-Accel-Buffering", "no"); // proxies hand on every line at once
    http::LiveBody body;
    body.next = [listener] { return listener->next(); };
    body.stop = [listener] { listener->stop(); };
    response.live = std::move(body);
    co_return response;
}

Task<http::Response> make_ticket(const Context& context, http::Request request) {
    Bytes secret(ticket_bytes);
    random_bytes(secret);
    const auto ticket = base64url(secret);
    const auto hash = sha256(bytes_of(ticket));
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto expires = co_await store::insert_ticket(*unit, tenant, hash, request.principal.name);
    JsonWriter json;
    json.begin_object().field("ticket", ticket).field("expires_at", rfc3339(expires));
    co_return http::json_response(201, json.end_object().take());
}

} // namespace

void add_event_routes(http::Router& router, const Context& context) {
    router.add(
        {.method = http::Method::get,
         .pattern = "/api/events",
         .permission = "escalations:read",
         .handler = [&context](http::Request r) { return stream_events(context, std::move(r)); },
         .strict_query = true,
         .query = {"types", "agent_id", "city_id", "last_event_id", "ticket"}});
    router.add(
        {.method = http::Method::post,
         .pattern = "/api/events/ticket",
         .permission = "escalations:read",
         .handler = [&context](http::Request r) { return make_ticket(context, std::move(r)); },
         .strict_query = true});
}

} // namespace hs::api
