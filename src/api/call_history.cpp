// What became of a call: its evaluations, one by one, and every step it took.
#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "store/call_changes.hpp"
#include "store/calls.hpp"

namespace hs::api {

namespace {

constexpr int page_cap = 50;
constexpr int most_steps = 1000;

void write_head(JsonWriter& json, const store::PastEvaluation& evaluation) {
    json.field("id", evaluation.id.str()).field("created_at", rfc3339(evaluation.created_at));
    json.field("current", evaluation.current).field("reason", evaluation.reason);
    json.field("transcript_id", evaluation.transcript_id.str());
    json.key("scorecard").begin_object().field("key", evaluation.scorecard_key);
    json.field("version", evaluation.scorecard_version);
    json.field("hash", evaluation.scorecard_hash).end_object();
    json.field("prompt_id", evaluation.prompt_id).field("prompt_hash", evaluation.prompt_hash);
    json.field("evaluator", evaluation.evaluator).field("model", evaluation.model);
    json.field("scored", evaluation.scored).field("provisional", evaluation.provisional);
    json.key("coverage").number(evaluation.coverage, 4);
    json.field("degraded", evaluation.degraded).field("tokens_in", evaluation.tokens_in);
    json.field("tokens_out", evaluation.tokens_out).key("cost_usd");
    json.number(evaluation.cost_usd, 6).field("latency_ms", evaluation.latency_ms);
    json.field("supersedes",
               evaluation.supersedes ? std::optional(evaluation.supersedes->str()) : std::nullopt);
}

json::object document_of(const store::PastEvaluation& evaluation) {
    auto parsed = parse_json(evaluation.document_json);
    return parsed && parsed->is_object() ? std::move(parsed->as_object()) : json::object();
}

Task<http::Response> list_evaluations(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 2, page_cap);
    if (!page) co_return http::problem(request, page.error());
    const auto after = history_place(*page);
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto call = co_await store::find_call(*unit, tenant, *id);
    if (!call) co_return http::problem(request, call_not_found(text));
    auto evaluations =
        co_await store::list_evaluations(*unit, tenant, *id, after, page->limit + 1, std::nullopt);
    std::optional<std::string> cursor;
    if (evaluations.size() > static_cast<std::size_t>(page->limit)) {
        evaluations.pop_back();
        const std::vector<std::string> last{exact_time(evaluations.back().created_at),
                                            evaluations.back().id.str()};
        cursor = next_cursor(context, scope, last);
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& evaluation : evaluations) {
        json.begin_object();
        write_head(json, evaluation);
        json.key("raw_scores");
        const auto document = document_of(evaluation);
        const auto* scores = document.if_contains("raw_scores");
        json.document(scores == nullptr ? json::value(nullptr) : *scores).end_object();
    }
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, *page, *cursor);
    co_return response;
}

Task<http::Response> show_evaluation(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    const auto which = EvaluationId::parse(request.path_params.at("eid"));
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    std::vector<store::PastEvaluation> found;
    if (which) found = co_await store::list_evaluations(*unit, tenant, *id, std::nullopt, 1, which);
    if (found.empty()) {
        const Error unknown{ErrorKind::not_found,
                            "evaluation.not_found",
                            "This call has no such evaluation.",
                            std::nullopt};
        co_return http::problem(request, unknown);
    }
    JsonWriter json;
    json.begin_object();
    write_head(json, found.front());
    for (const auto& member : document_of(found.front())) {
        // Those that the head tells already come first and once.
        const auto name = member.key();
        if (name != "scored" && name != "provisional" && name != "coverage")
            json.key(name).document(member.value());
    }
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response> list_steps(const Context& context, http::Request request) {
    const auto& text = request.path_params.at("id");
    const auto id = CallId::parse(text);
    if (!id) co_return http::problem(request, call_not_found(text));
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto steps = co_await store::call_steps(*unit, tenant, *id, most_steps);
    if (steps.empty()) co_return http::problem(request, call_not_found(text));
    JsonWriter out;
    out.begin_object().key("data").begin_array();
    for (const auto& step : steps) {
        out.begin_object().field("at", rfc3339(step.at)).field("type", step.type);
        const auto payload = parse_json(step.payload_json);
        out.field("principal", step.principal).key("payload");
        out.document(payload ? *payload : json::value(nullptr)).end_object();
    }
    out.end_array().null_field("next_cursor");
    co_return http::json_response(200, out.end_object().take());
}

} // namespace

void add_call_history_routes(http::Router& router, const Context& context) {
    const auto read = [&](std::string pattern, std::vector<std::string> query, auto handler) {
        router.add({.method = http::Method::get,
                    .pattern = std::move(pattern),
                    .permission = "calls:read",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .strict_query = true,
                    .query = std::move(query)});
    };
    read("/api/calls/{id}/evaluations", {"limit", "cursor"}, list_evaluations);
    read("/api/calls/{id}/evaluations/{eid}", {}, show_evaluation);
    read("/api/calls/{id}/events", {}, list_steps);
}

} // namespace hs::api
