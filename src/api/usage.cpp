// What was spent on providers, and what may be.
#include <algorithm>
#include <array>
#include <memory>

#include "api/figures_reply.hpp"
#include "api/json_body.hpp"
#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "base/crypto.hpp"
#include "http/conditional.hpp"
#include "pipeline/spend_ledger.hpp"
#include "queue/job.hpp"

namespace hs::api {

namespace {

constexpr int most_rows = 1000;
constexpr double most_usd = 10'000'000;
constexpr std::size_t most_providers = 20;
constexpr std::array<std::string_view, 5> groups{"day", "model", "question", "run", "call"};
/// What calls wait for when they wait for money.
constexpr std::array budget_codes{
    "budget.exhausted", "budget.wait", "budget.stopped", "budget.unpriced"};

Result<store::UsageAsked> asked_usage(const http::Request& request) {
    store::UsageAsked asked;
    TRY(const auto days, range_of(request));
    if (days.from) asked.from = day_text(*days.from);
    if (days.to) asked.to = day_text(*days.to);
    asked.by = "model";
    if (const auto by = request.query_value("group_by")) {
        if (std::ranges::find(groups, *by) == groups.end())
            return fail(
                ErrorKind::invalid, "query.choice", "group_by: day, model, question, run or call.");
        asked.by = *by;
    }
    TRY(asked.limit, whole_number(request, "limit", 100, 1, most_rows));
    return asked;
}

void write_sum(JsonWriter& json, const store::UsageSum& sum) {
    json.field("requests", sum.requests).key("tokens_in").number(sum.tokens_in, 1);
    json.key("tokens_out").number(sum.tokens_out, 1);
    json.key("tokens_cached").number(sum.tokens_cached, 1);
    json.key("audio_minutes").number(sum.audio_seconds / 60, 4);
    json.key("cost_usd").number(sum.cost_usd, 6);
    json.field("unpriced_requests", sum.unpriced_requests);
    json.field("estimated_requests", sum.estimated_requests);
}

void write_limit(JsonWriter& json, const char* name, const std::optional<double>& limit) {
    json.key(name);
    if (limit) {
        json.number(*limit, 4);
    } else {
        json.null();
    }
}

void write_windows(JsonWriter& json, const store::BudgetState& state) {
    for (const auto& window : state.windows) {
        json.key(window.grain).begin_object().field("starts", window.starts);
        json.field("ends", rfc3339(window.ends));
        write_limit(json, "limit_usd", window.limit_usd);
        json.key("spent_usd").number(window.spent_usd, 6);
        json.key("reserved_usd").number(window.reserved_usd, 6).end_object();
    }
}

void write_switches(JsonWriter& json, const store::BudgetState& state) {
    json.field("policy", state.policy).field("stopped", state.stopped);
    json.key("stopped_providers").begin_array();
    for (const auto& provider : state.stopped_providers)
        json.string(provider);
    json.end_array();
}

Task<http::Response> show_usage(const Context& context, http::Request request) {
    const auto asked = asked_usage(request);
    if (!asked) co_return http::problem(request, asked.error());
    auto whole = *asked;
    whole.by.reset();
    whole.limit = 1;
    const auto tenant = request.principal.tenant;
    const pg::Scope scope{.tenant = tenant};
    const std::unique_ptr<pg::Session> unit = co_await context.slow_reads->begin(scope);
    const auto rows = co_await store::usage_sums(*unit, tenant, *asked);
    const auto sums = co_await store::usage_sums(*unit, tenant, whole);
    const auto& defaults = context.services.ledger->defaults();
    const auto state = co_await store::budget_state(*unit, tenant, defaults);
    JsonWriter json;
    json.begin_object().field("from", asked->from).field("to", asked->to);
    json.field("group_by", asked->by).key("data").begin_array();
    for (const auto& row : rows) {
        json.begin_object().field("key", row.key);
        write_sum(json, row);
        json.end_object();
    }
    json.end_array().key("total").begin_object();
    write_sum(json, sums.empty() ? store::UsageSum() : sums.front());
    json.end_object().key("budget").begin_object();
    write_windows(json, state);
    write_switches(json, state);
    json.end_object().field("price_version", context.services.ledger->prices().version());
    auto response = http::json_response(200, json.end_object().take());
    response.headers.emplace_back("Cache-Control", "no-store");
    co_return response;
}

std::string settings_body(const store::BudgetState& state) {
    JsonWriter json;
    json.begin_object().key("budget").begin_object();
    for (const auto& window : state.windows)
        write_limit(json, window.grain == "day" ? "day_usd" : "month_usd", window.limit_usd);
    write_switches(json, state);
    return json.end_object().end_object().take();
}

std::string tag_of(const std::string& body) {
    return "\"" + sha256_hex(body).substr(0, 24) + "\"";
}

http::Response settings_reply(const store::BudgetState& state) {
    auto response = http::json_response(200, settings_body(state));
    response.headers.emplace_back("ETag", tag_of(response.body));
    response.headers.emplace_back("Cache-Control", "no-store");
    return response;
}

Task<http::Response> show_settings(const Context& context, http::Request request) {
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto& defaults = context.services.ledger->defaults();
    const auto state = co_await store::budget_state(*unit, tenant, defaults);
    co_return settings_reply(state);
}

/// The members that are there, null included: it takes a tenant's own figure back.
json::object budget_changes(const json::object& sent, std::vector<http::FieldError>& faults) {
    BodyReader reader(json::serialize(sent));
    json::object out;
    for (const auto* name : {"day_usd", "month_usd"}) {
        const auto value = reader.number(name, 0, most_usd);
        if (value) out[name] = *value;
    }
    if (const auto policy = reader.text("policy", 16)) out["policy"] = json::string(*policy);
    if (const auto stopped = reader.flag("stopped")) out["stopped"] = *stopped;
    json::array providers;
    for (const auto& provider : reader.texts("stopped_providers", most_providers, 64))
        providers.push_back(json::string(provider));
    faults = reader.finish();
    if (out.contains("policy") && out["policy"] != "cheaper" && out["policy"] != "wait")
        faults.push_back({"policy", "field.choice", "Use cheaper or wait."});
    for (auto& fault : faults)
        fault.field.insert(0, "budget.");
    if (sent.contains("stopped_providers")) out["stopped_providers"] = std::move(providers);
    for (const auto* name : {"day_usd", "month_usd", "policy"}) {
        const auto* value = sent.if_contains(name);
        if (value != nullptr && value->is_null()) out[name] = nullptr;
    }
    return out;
}

/// What the body asks to be changed; `faults` says what is wrong with it.
json::object asked_changes(const http::Request& request, std::vector<http::FieldError>& faults) {
    const auto sent = parse_json(request.body);
    const auto* budget =
        sent && sent->is_object() ? sent->get_object().if_contains("budget") : nullptr;
    if (budget != nullptr && budget->is_object() && sent->get_object().size() == 1)
        return budget_changes(budget->get_object(), faults);
    faults.push_back({"budget", "field.required", "Send {\"budget\": {…}} and nothing else."});
    return {};
}

http::Response changed_meanwhile(const http::Request& request) {
    const Error changed{ErrorKind::conflict,
                        "precondition.failed",
                        "The settings have changed since they were read.",
                        std::nullopt};
    return http::problem(request, changed);
}

Task<http::Response> change_settings(const Context& context, http::Request request) {
    std::vector<http::FieldError> faults;
    const auto changes = asked_changes(request, faults);
    if (!faults.empty()) co_return body_problem(request, faults);
    const auto tenant = request.principal.tenant;
    const auto& services = context.services;
    const auto& defaults = services.ledger->defaults();
    auto transaction = co_await services.database.begin({.tenant = tenant});
    co_await store::hold_budget(*transaction, tenant);
    const auto before = co_await store::budget_state(*transaction, tenant, defaults);
    if (!http::if_match(request, tag_of(settings_body(before))))
        co_return changed_meanwhile(request);
    co_await store::set_budget(*transaction, tenant, changes);
    auto entry = audit_entry(request, "settings.update", "settings:budget");
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    const auto after = co_await store::budget_state(*transaction, tenant, defaults);
    // Who waits for money learns now whether there is some.
    std::vector<std::string> waiting(budget_codes.begin(), budget_codes.end());
    co_await queue::hurry_snoozed(*transaction, tenant, std::move(waiting));
    co_await transaction->commit();
    services.wake(pipeline::speech_queue, tenant);
    services.wake(pipeline::judge_queue, tenant);
    co_return settings_reply(after);
}

} // namespace

void add_usage_routes(http::Router& router, const Context& context) {
    using http::Method;
    router.add(
        {.method = Method::get,
         .pattern = "/api/usage",
         .permission = "usage:read",
         .handler = [&context](http::Request r) { return show_usage(context, std::move(r)); },
         .strict_query = true,
         .query = {"from", "to", "group_by", "limit"}});
    router.add(
        {.method = Method::get,
         .pattern = "/api/settings",
         .permission = "tenant:manage",
         .handler = [&context](http::Request r) { return show_settings(context, std::move(r)); },
         .strict_query = true});
    router.add(
        {.method = Method::patch,
         .pattern = "/api/settings",
         .permission = "tenant:manage",
         .handler = [&context](http::Request r) { return change_settings(context, std::move(r)); },
         .body = http::BodyKind::json,
         .strict_query = true});
}

} // namespace hs::api
