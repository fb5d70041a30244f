#include "api/once.hpp"

#include <algorithm>
#include <exception>

#include "api/ingest_reply.hpp"
#include "base/json.hpp"
#include "pipeline/request_keys.hpp"

namespace hs::api {

namespace {

constexpr std::size_t longest_scope = 300; // it is part of an index

bool good(const http::Response& response) {
    return response.status >= 200 && response.status < 300;
}

/// Method and path; a path that is too long or too odd for a column stands there as its hash.
std::string scope_of(const http::Request& request) {
    const auto visible = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
    const bool plain =
        request.path.size() <= longest_scope && std::ranges::all_of(request.path, visible);
    return "POST " + (plain ? request.path : sha256_hex(request.path));
}

/// What makes two requests the same: who sends it, where to, and what it says; not how its JSON is
/// laid out.
Sha256 fingerprint_of(const http::Request& request) {
    json::object told{{"path", json::string(request.path)},
                      {"principal", json::string(request.principal.name)}};
    auto parameters = request.query;
    std::ranges::sort(parameters);
    json::array query;
    for (const auto& [name, value] : parameters)
        query.push_back(json::array{json::string(name), json::string(value)});
    told["query"] = std::move(query);
    if (auto body = parse_json(request.body)) {
        told["body"] = *std::move(body);
    } else {
        told["bytes"] = json::string(sha256_hex(request.body));
    }
    const auto text = canonical_json(told);
    return sha256(bytes_of(text));
}

store::Reservation reservation_of(const http::Request& request, std::string key, Time now) {
    return {.scope = scope_of(request),
            .key = std::move(key),
            .fingerprint = fingerprint_of(request),
            .call_id = CallId::make(now),
            .created_at = now,
            .holder = Uuid::random()};
}

http::Response first_reply(const store::KeptReply& kept) {
    auto response = http::json_response(kept.status, kept.body);
    response.headers = kept.headers;
    response.headers.emplace_back("Idempotency-Replayed", "true");
    return response;
}

/// After a work that has committed by itself.
Task<void>
keep_afterwards(const Context& context, TenantId tenant, Once& once, const http::Response& reply) {
    const auto unit = context.services.database.unit({.tenant = tenant});
    try {
        const bool ours = co_await once.keep(*unit, reply);
        if (!ours) context.services.log.warn("idempotency.overtaken");
    } catch (const pg::DatabaseError& error) {
        // The key stays taken until its lease ends; the answer to the client matters more.
        context.services.log.warn("idempotency.not_kept", {{"sqlstate", error.sqlstate()}});
    }
}

/// With the key in hand: the handler's reply, kept if it is a good one.
Task<http::Response> run(const Context& context,
                         http::Request request,
                         OnceHandler handler,
                         const store::Reservation& reservation,
                         Repeated repeated) {
    const auto tenant = request.principal.tenant;
    Once once(tenant, reservation, repeated);
    http::Response response;
    std::exception_ptr thrown; // a handler cannot await: what it caught goes on after the release
    try {
        response = co_await handler(context, std::move(request), once);
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown || !good(response)) {
        co_await pipeline::free_key(context.services, tenant, reservation);
        if (thrown) std::rethrow_exception(thrown);
    } else if (!once.kept()) {
        co_await keep_afterwards(context, tenant, once, response);
    }
    co_return response;
}

Task<http::Response>
answer(const Context& context, http::Request request, OnceHandler handler, Repeated repeated) {
    const auto key = idempotency_key(request);
    if (!key) co_return http::problem(request, key.error());
    if (!*key) {
        Once none;
        auto response = co_await handler(context, std::move(request), none);
        co_return response;
    }
    const auto reservation = reservation_of(request, **key, context.services.clock.now());
    const auto taken =
        co_await pipeline::take_key(context.services, request.principal.tenant, reservation);
    if (const auto refused = pipeline::not_ours(taken)) co_return http::problem(request, *refused);
    if (taken.state == store::ReservationState::ours) {
        auto response = co_await run(context, std::move(request), handler, reservation, repeated);
        co_return response;
    }
    if (taken.reply) co_return first_reply(*taken.reply);
    auto again = Once::again();
    auto response = co_await handler(context, std::move(request), again);
    if (good(response)) response.headers.emplace_back("Idempotency-Replayed", "true");
    co_return response;
}

} // namespace

Once Once::again() {
    Once once;
    once.replayed_ = true;
    return once;
}

Task<bool> Once::keep(pg::Session& session, http::Response response) {
    if (!reservation_) co_return true;
    if (repeated_ == Repeated::as_it_is) {
        kept_ = co_await store::finish_reservation(session, tenant_, *reservation_);
        co_return kept_;
    }
    store::KeptReply reply;
    reply.status = response.status;
    reply.headers = std::move(response.headers);
    reply.body = std::move(response.body);
    reply.about = about_;
    kept_ = co_await store::finish_with_reply(session, tenant_, *reservation_, std::move(reply));
    co_return kept_;
}

Task<http::Response>
Once::commit(pg::Transaction& transaction, const http::Request& request, http::Response response) {
    const bool ours = co_await keep(transaction, response);
    if (!ours) {
        co_await transaction.rollback();
        co_return http::problem(request, pipeline::overtaken());
    }
    co_await transaction.commit();
    co_return response;
}

http::Handler once(const Context& context, OnceHandler handler, Repeated repeated) {
    return [&context, handler, repeated](http::Request request) {
        return answer(context, std::move(request), handler, repeated);
    };
}

} // namespace hs::api
