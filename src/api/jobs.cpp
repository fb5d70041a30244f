// Jobs and queues as operators see them: depth, age, pace, dead jobs with their cause.
#include "store/jobs.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/call_filters.hpp"
#include "api/list_page.hpp"
#include "api/once.hpp"
#include "api/routes.hpp"
#include "pipeline/requeue.hpp"

namespace hs::api {

namespace {

constexpr int page_cap = 50;
constexpr std::array<std::string_view, 5> states{
    "available", "running", "done", "dead", "cancelled"};

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole ? std::optional(number) : std::nullopt;
}

std::optional<std::string> written(const std::optional<Time>& time) {
    return time ? std::optional(rfc3339(*time)) : std::nullopt;
}

Task<http::Response> list_queues(const Context& context, http::Request request) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto queues = co_await store::queue_depths(*unit, tenant);
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& queue : queues) {
        json.begin_object().field("queue", queue.queue).field("available", queue.available);
        json.field("delayed", queue.delayed).field("running", queue.running);
        json.key("oldest_seconds").number(queue.oldest_seconds, 1);
        json.field("done_last_hour", queue.done_last_hour).field("dead", queue.dead);
        json.field("paused", queue.paused).end_object();
    }
    co_return http::json_response(200, json.end_array().end_object().take());
}

/// Code and sentence only: an error may hold more, for those who read the log.
void write_error(JsonWriter& json, const std::string& text) {
    json.key("error");
    const auto error = parse_json(text.empty() ? "null" : text);
    const auto* object = error ? error->if_object() : nullptr;
    if (object == nullptr) {
        json.null();
        return;
    }
    const auto member = [&](const char* name) {
        const auto* value = object->if_contains(name);
        return value != nullptr && value->is_string() ? std::string(value->as_string())
                                                      : std::string();
    };
    json.begin_object().field("code", member("code")).field("text", member("text")).end_object();
}

void write_job(JsonWriter& json, const store::JobView& job) {
    const auto call = CallId::parse(job.subject);
    json.begin_object().field("id", job.id.value).field("queue", job.queue);
    json.field("kind", job.kind).field("state", job.state);
    json.field("call_id", call ? std::optional(call->str()) : std::nullopt);
    json.field("priority", job.priority).field("runs", job.runs);
    json.field("failures", job.failures).field("crashes", job.crashes);
    json.field("run_at", written(job.run_at)).field("created_at", rfc3339(job.created_at));
    json.field("finished_at", written(job.finished_at));
    write_error(json, job.last_error_json);
    json.key("requeued_as");
    job.requeued_as ? json.integer(*job.requeued_as) : json.null();
    json.end_object();
}

Result<store::JobList> wanted_jobs(const http::Request& request) {
    store::JobList list;
    if (const auto state = request.query_value("state")) {
        if (std::ranges::find(states, *state) == states.end())
            return fail(ErrorKind::invalid,
                        "query.choice",
                        "state: available, running, done, dead or cancelled.");
        list.state = std::string(*state);
    }
    TRY(list.kind, asked_text(request, "kind"));
    if (const auto text = request.query_value("call_id")) {
        const auto id = CallId::parse(*text);
        if (!id) return fail(ErrorKind::invalid, "query.invalid", "call_id: a UUID.");
        list.subject = id->str();
    }
    return list;
}

Task<http::Response> list_jobs(const Context& context, http::Request request) {
    auto list = wanted_jobs(request);
    if (!list) co_return http::problem(request, list.error());
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 2, page_cap);
    if (!page) co_return http::problem(request, page.error());
    if (page->after) {
        list->after_time = parse_rfc3339(page->after->at(0));
        list->after_id = number_of(page->after->at(1));
    }
    list->limit = page->limit + 1;
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto jobs = co_await store::list_jobs(*unit, tenant, *list);
    std::optional<std::string> cursor;
    if (jobs.size() > static_cast<std::size_t>(page->limit)) {
        jobs.pop_back();
        const auto& last = jobs.back();
        const std::vector<std::string> place{exact_time(last.finished_at.value_or(last.created_at)),
                                             std::to_string(last.id.value)};
        cursor = next_cursor(context, scope, place);
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& job : jobs)
        write_job(json, job);
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, *page, *cursor);
    co_return response;
}

/// The reply is kept after the job: an attempt after a crash in between is told job.requeued.
Task<http::Response> retry(const Context& context, http::Request request, Once& /*once*/) {
    const auto number = number_of(request.path_params.at("id"));
    if (!number) {
        const Error unknown{ErrorKind::not_found, "job.not_found", "No such job.", std::nullopt};
        co_return http::problem(request, unknown);
    }
    const JobId dead{*number};
    const auto again = co_await pipeline::requeue_job(context.services, caller_of(request), dead);
    if (!again) co_return http::problem(request, again.error());
    JsonWriter json;
    json.begin_object().field("job_id", again->value).field("dead_job_id", dead.value);
    co_return http::json_response(202, json.end_object().take());
}

} // namespace

void add_job_routes(http::Router& router, const Context& context) {
    router.add(
        {.method = http::Method::get,
         .pattern = "/api/queues",
         .permission = "jobs:read",
         .handler = [&context](http::Request r) { return list_queues(context, std::move(r)); },
         .strict_query = true});
    router.add({.method = http::Method::get,
                .pattern = "/api/jobs",
                .permission = "jobs:read",
                .handler = [&context](http::Request r) { return list_jobs(context, std::move(r)); },
                .strict_query = true,
                .query = {"state", "kind", "call_id", "limit", "cursor"}});
    router.add({.method = http::Method::post,
                .pattern = "/api/jobs/{id}/retry",
                .permission = "jobs:manage",
                .handler = once(context, retry),
                .strict_query = true});
}

} // namespace hs::api
