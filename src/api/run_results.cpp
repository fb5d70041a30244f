// What came of evaluation runs: figures, changed calls, flips, one run beside another.
#include "api/call_filters.hpp"
#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "api/run_json.hpp"
#include "store/evaluation_runs.hpp"

namespace hs::api {

namespace {

constexpr int page_cap = 50;

Error run_not_found() {
    return {ErrorKind::not_found, "run.not_found", "There is no such run.", std::nullopt};
}

Task<std::optional<store::StoredRun>>
find_run(const Context& context, TenantId tenant, std::string text) {
    const auto id = Uuid::parse(text);
    if (!id) co_return std::nullopt;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto found = co_await store::list_runs(*unit, tenant, *id, std::nullopt, 1);
    if (found.empty()) co_return std::nullopt;
    co_return std::move(found.front());
}

Task<std::optional<store::StoredRun>> run_of_path(const Context& context,
                                                  const http::Request& request) {
    auto text = request.path_params.at("id");
    co_return co_await find_run(context, request.principal.tenant, std::move(text));
}

Task<http::Response> show_run(const Context& context, http::Request request) {
    const auto run = co_await run_of_path(context, request);
    if (!run) co_return http::problem(request, run_not_found());
    const auto tenant = request.principal.tenant;
    const pg::Scope scope{.tenant = tenant};
    const std::unique_ptr<pg::Session> unit = co_await context.slow_reads->begin(scope);
    const auto scores = co_await store::run_scores(*unit, tenant, run->id);
    const auto rules = co_await store::run_rules(*unit, tenant, run->id);
    JsonWriter json;
    json.begin_object();
    write_run(json, *run);
    json.key("result").begin_object();
    write_shift(json, scores, rules);
    co_return http::json_response(200, json.end_object().end_object().take());
}

std::optional<std::string> text_of(const std::optional<Uuid>& id) {
    return id ? std::optional(id->str()) : std::nullopt;
}

void write_result(JsonWriter& json, const store::RunResultRow& row) {
    json.begin_object().field("call_id", row.call.str()).field("state", row.state);
    json.field("before", text_of(row.before)).field("evaluation_id", text_of(row.evaluation));
    json.field("changed", row.changed).field("flips", row.flips);
    write_quality(json, row.quality_before, row.quality_after);
    write_flagged(json, row.flagged_before, row.flagged_after);
    json.field("error_code", row.error_code).field("outcome", row.outcome).end_object();
}

Task<http::Response> list_results(const Context& context, http::Request request) {
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 1, page_cap);
    if (!page) co_return http::problem(request, page.error());
    const auto changed = switched_on(request, "changed_only");
    if (!changed) co_return http::problem(request, changed.error());
    const auto run = co_await run_of_path(context, request);
    if (!run) co_return http::problem(request, run_not_found());
    store::ResultPage asked;
    asked.changed_only = *changed;
    asked.limit = page->limit + 1;
    if (page->after) asked.after = CallId::parse(page->after->at(0));
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto rows = co_await store::run_results(*unit, tenant, run->id, asked);
    std::optional<std::string> cursor;
    if (rows.size() > static_cast<std::size_t>(page->limit)) {
        rows.pop_back();
        const std::vector<std::string> last{rows.back().call.str()};
        cursor = next_cursor(context, scope, last);
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& row : rows)
        write_result(json, row);
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, *page, *cursor);
    co_return response;
}

Task<http::Response> list_flips(const Context& context, http::Request request) {
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 2, page_cap);
    if (!page) co_return http::problem(request, page.error());
    auto question = asked_text(request, "question_id");
    if (!question) co_return http::problem(request, question.error());
    const auto run = co_await run_of_path(context, request);
    if (!run) co_return http::problem(request, run_not_found());
    store::FlipPage asked;
    asked.question = *std::move(question);
    asked.limit = page->limit + 1;
    if (page->after) {
        asked.after_call = CallId::parse(page->after->at(0));
        asked.after_question = page->after->at(1);
    }
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto flips = co_await store::run_flips(*unit, tenant, run->id, std::move(asked));
    std::optional<std::string> cursor;
    if (flips.size() > static_cast<std::size_t>(page->limit)) {
        flips.pop_back();
        const std::vector<std::string> last{flips.back().call.str(),
                                            flips.back().change.question_id};
        cursor = next_cursor(context, scope, last);
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& flip : flips) {
        json.begin_object().field("call_id", flip.call.str());
        write_change(json, flip.change);
        json.end_object();
    }
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, *page, *cursor);
    co_return response;
}

Task<http::Response> compare_runs(const Context& context, http::Request request) {
    const auto first = request.query_value("a");
    const auto second = request.query_value("b");
    if (!first || !second)
        co_return http::problem(
            request, {ErrorKind::invalid, "query.required", "a and b: two runs.", std::nullopt});
    const auto tenant = request.principal.tenant;
    std::string one(*first);
    std::string other(*second);
    const auto a = co_await find_run(context, tenant, std::move(one));
    const auto b = co_await find_run(context, tenant, std::move(other));
    if (!a || !b) co_return http::problem(request, run_not_found());
    const pg::Scope scope{.tenant = tenant};
    const std::unique_ptr<pg::Session> unit = co_await context.slow_reads->begin(scope);
    const auto scores = co_await store::compare_run_scores(*unit, tenant, a->id, b->id);
    const auto rules = co_await store::compare_runs(*unit, tenant, a->id, b->id);
    JsonWriter json;
    json.begin_object().key("a").begin_object();
    write_run(json, *a);
    json.end_object().key("b").begin_object();
    write_run(json, *b);
    json.end_object().field("calls", scores.calls);
    write_shift(json, scores, rules);
    co_return http::json_response(200, json.end_object().take());
}

} // namespace

void add_run_result_routes(http::Router& router, const Context& context) {
    const auto read = [&](std::string pattern, std::vector<std::string> query, auto handler) {
        router.add({.method = http::Method::get,
                    .pattern = std::move(pattern),
                    .permission = "runs:manage",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .strict_query = true,
                    .query = std::move(query)});
    };
    read("/api/evaluation-runs/{id}", {}, show_run);
    read("/api/evaluation-runs/{id}/results", {"changed_only", "limit", "cursor"}, list_results);
    read("/api/evaluation-runs/{id}/flips", {"question_id", "limit", "cursor"}, list_flips);
    read("/api/evaluation-runs/compare", {"a", "b"}, compare_runs);
}

} // namespace hs::api
