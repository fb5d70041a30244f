// Evaluation runs: started, listed, cancelled, promoted.
#include "pipeline/evaluation_runs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/call_filters.hpp"
#include "api/json_body.hpp"
#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "api/run_json.hpp"
#include "api/scorecard_json.hpp"
#include "pipeline/run_estimate.hpp"

namespace hs::api {

namespace {

constexpr int page_cap = 50;
constexpr std::size_t most_name = 100;
constexpr int sample_size = 1000;

Error run_not_found() {
    return {ErrorKind::not_found, "run.not_found", "There is no such run.", std::nullopt};
}

struct SentRun {
    std::optional<std::string> name;
    std::string key;
    std::optional<int> version;
    std::optional<json::object> filter;
    std::optional<std::string> call;
    bool dry = false;
    store::RunChoice choice;
    std::vector<http::FieldError> faults;
};

/// A member of a filter as it would stand in the query of a list of calls.
std::string as_query(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    return json::serialize(value);
}

/// The filter is read by what reads the query of a list of calls.
void read_filter(SentRun& sent) {
    http::Request query;
    for (const auto& member : *sent.filter) {
        const std::string name(member.key());
        if (std::ranges::find(filter_names, name) == filter_names.end()) {
            sent.faults.push_back(
                {"filter." + name.substr(0, 64), "field.unknown", "No such filter."});
        } else if (member.value().is_structured() || member.value().is_null()) {
            sent.faults.push_back({"filter." + name, "field.type", "One value."});
        } else {
            query.query.emplace_back(name, as_query(member.value()));
        }
    }
    auto filters = asked_filters(query);
    if (filters) {
        sent.choice.filters = *std::move(filters);
    } else {
        sent.faults.push_back({"filter", "field.choice", filters.error().message});
    }
}

SentRun sent_run(const http::Request& request) {
    BodyReader body(request.body);
    SentRun sent;
    sent.name = body.text("name", most_name);
    sent.filter = body.object("filter");
    sent.call = body.text("call_id", 64);
    sent.dry = body.flag("dry_run").value_or(false);
    const auto scorecard = body.object("scorecard");
    sent.faults = body.finish();
    if (scorecard) {
        BodyReader named(*scorecard, "scorecard.");
        sent.key = named.required_text("key", 60);
        const auto number = named.number("version", 1, 1'000'000);
        if (number) sent.version = static_cast<int>(*number);
        for (auto& fault : named.finish())
            sent.faults.push_back(std::move(fault));
        if (!sent.version || *sent.version != *number)
            sent.faults.push_back({"scorecard", "field.required", "version: a whole number."});
    } else if (sent.faults.empty()) {
        sent.faults.push_back({"scorecard", "field.required", "This field is required."});
    }
    if (sent.filter.has_value() == sent.call.has_value())
        sent.faults.push_back(
            {"filter", "field.choice", "Send a filter or a call_id, one of both."});
    if (sent.filter) read_filter(sent);
    if (sent.call) sent.choice.only = CallId::parse(*sent.call);
    if (sent.call && !sent.choice.only)
        sent.faults.push_back({"call_id", "field.choice", "A UUID."});
    return sent;
}

void write_whole(JsonWriter& json, const char* name, std::optional<std::int64_t> number) {
    json.key(name);
    number ? json.integer(*number) : json.null();
}

Task<http::Response> dry_run(const Context& context,
                             const http::Request& request,
                             pipeline::JudgePtr judge,
                             store::RunChoice choice) {
    const auto tenant = request.principal.tenant;
    choice.most = pipeline::most_run_calls + 1;
    const pg::Scope scope{.tenant = tenant};
    const std::unique_ptr<pg::Session> unit = co_await context.slow_reads->begin(scope);
    const auto preview = co_await store::preview_run(*unit, tenant, std::move(choice), sample_size);
    const auto& card = judge->card();
    const auto estimate = co_await pipeline::estimate_run(context.services, tenant, card, preview);
    JsonWriter json;
    json.begin_object().field("dry_run", true).key("scorecard");
    write_ref(json, {card.key, card.version, card.content_hash});
    json.field("calls", preview.calls);
    json.field("too_many", preview.calls > pipeline::most_run_calls);
    json.field("audio_seconds", preview.seconds)
        .field("words", store::of_all_calls(preview, preview.words));
    json.field("words_exact", preview.sampled == preview.calls).key("judging_seconds");
    json.number(preview.latency_ms * static_cast<double>(preview.calls) / 1000.0, 1);
    write_whole(json, "tokens_in", estimate.tokens_in);
    write_whole(json, "tokens_out", estimate.tokens_out);
    json.key("cost_usd");
    estimate.cost_usd ? json.number(*estimate.cost_usd, 4) : json.null();
    json.field("note", estimate.note);
    co_return http::json_response(200, json.end_object().take());
}

Task<http::Response>
run_reply(const Context& context, const http::Request& request, Uuid id, int status) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto found = co_await store::list_runs(*unit, tenant, id, std::nullopt, 1);
    if (found.empty()) co_return http::problem(request, run_not_found());
    JsonWriter json;
    json.begin_object();
    write_run(json, found.front());
    auto response = http::json_response(status, json.end_object().take());
    if (status == 202)
        response.headers.emplace_back("Location", "/api/evaluation-runs/" + id.str());
    co_return response;
}

Task<http::Response> begin_run(const Context& context, const http::Request& request) {
    auto sent = sent_run(request);
    if (!sent.faults.empty()) co_return body_problem(request, sent.faults);
    const auto tenant = request.principal.tenant;
    const auto version = co_await find_scorecard_version(context, tenant, sent.key, sent.version);
    if (!version) {
        const std::vector<http::FieldError> faults{
            {"scorecard", "field.choice", "There is no such version."}};
        co_return body_problem(request, faults);
    }
    const auto ref = version->ref;
    // One that this program cannot compile would fail call by call.
    const auto judge = co_await context.services.scorecards.version(tenant, ref);
    if (!judge) co_return http::problem(request, judge.error());
    if (sent.dry) {
        auto by = *judge;
        co_return co_await dry_run(context, request, std::move(by), std::move(sent.choice));
    }
    pipeline::RunRequest asked;
    asked.run.id = Uuid::v7(context.services.clock.now());
    asked.run.name = sent.name.value_or(fmt::format("{}@{}", ref.key, ref.version));
    asked.run.scorecard = ref;
    if (sent.filter) asked.run.filter_json = json::serialize(*sent.filter);
    asked.choice = std::move(sent.choice);
    const auto id = asked.run.id;
    auto caller = caller_of(request);
    const auto started =
        co_await pipeline::start_run(context.services, std::move(caller), std::move(asked));
    if (!started) co_return http::problem(request, started.error());
    co_return co_await run_reply(context, request, id, 202);
}

Task<http::Response> create_run(const Context& context, http::Request request) {
    std::optional<pg::DatabaseError> refused;
    try {
        co_return co_await begin_run(context, request);
    } catch (const pg::DatabaseError& error) { // the schema's own refusal
        refused = error;
    }
    if (refused->sqlstate() != too_many_matches) throw *refused;
    co_return http::problem(request, too_broad());
}

Task<http::Response> list_runs(const Context& context, http::Request request) {
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 2, page_cap);
    if (!page) co_return http::problem(request, page.error());
    const auto after = history_place(*page);
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto runs = co_await store::list_runs(*unit, tenant, std::nullopt, after, page->limit + 1);
    std::optional<std::string> cursor;
    if (runs.size() > static_cast<std::size_t>(page->limit)) {
        runs.pop_back();
        const std::vector<std::string> last{exact_time(runs.back().created_at),
                                            runs.back().id.str()};
        cursor = next_cursor(context, scope, last);
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& run : runs) {
        json.begin_object();
        write_run(json, run);
        json.end_object();
    }
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, *page, *cursor);
    co_return response;
}

Task<http::Response> answer_change(const Context& context,
                                   const http::Request& request,
                                   pipeline::RunChange change,
                                   int status) {
    const auto id = Uuid::parse(request.path_params.at("id"));
    if (change == pipeline::RunChange::unknown_run)
        co_return http::problem(request, run_not_found());
    if (change == pipeline::RunChange::wrong_state) {
        const Error refused{
            ErrorKind::conflict, "run.state", "The run is in no state for this.", std::nullopt};
        co_return http::problem(request, refused);
    }
    co_return co_await run_reply(context, request, *id, status);
}

Task<http::Response> cancel_run(const Context& context, http::Request request) {
    const auto id = Uuid::parse(request.path_params.at("id"));
    if (!id) co_return http::problem(request, run_not_found());
    auto caller = caller_of(request);
    const auto change = co_await pipeline::cancel_run(context.services, std::move(caller), *id);
    co_return co_await answer_change(context, request, change, 200);
}

Task<http::Response> promote_run(const Context& context, http::Request request) {
    const auto id = Uuid::parse(request.path_params.at("id"));
    if (!id) co_return http::problem(request, run_not_found());
    auto caller = caller_of(request);
    const auto change = co_await pipeline::promote_run(context.services, std::move(caller), *id);
    co_return co_await answer_change(context, request, change, 202);
}

} // namespace

void add_evaluation_run_routes(http::Router& router, const Context& context) {
    router.add({.method = http::Method::get,
                .pattern = "/api/evaluation-runs",
                .permission = "runs:manage",
                .handler = [&context](http::Request r) { return list_runs(context, std::move(r)); },
                .strict_query = true,
                .query = {"limit", "cursor"}});
    router.add(
        {.method = http::Method::post,
         .pattern = "/api/evaluation-runs",
         .permission = "runs:manage",
         .handler = [&context](http::Request r) { return create_run(context, std::move(r)); },
         .body = http::BodyKind::json,
         .strict_query = true});
    const auto change = [&](std::string pattern, auto handler) {
        router.add({.method = http::Method::post,
                    .pattern = std::move(pattern),
                    .permission = "runs:manage",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .strict_query = true});
    };
    change("/api/evaluation-runs/{id}/cancel", cancel_run);
    change("/api/evaluation-runs/{id}/promote", promote_run);
}

} // namespace hs::api
