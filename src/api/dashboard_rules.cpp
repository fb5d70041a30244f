// How often each question of the scorecard was met, missed, or left for review.
#include <algorithm>
#include <map>

#include "api/dashboard_json.hpp"
#include "api/figures_json.hpp"
#include "api/figures_reply.hpp"
#include "api/routes.hpp"

namespace hs::api {

namespace {

constexpr std::int64_t enough = 30; // firm answers, for a place in the ranking

struct RuleRow {
    std::string id;
    store::Answers now{};
    store::Answers before{};
};

/// Most missed first among those with enough answers, then the others the same way.
bool goes_before(const RuleRow& a, const RuleRow& b) {
    const bool a_ranked = a.now.firm() >= enough;
    const bool b_ranked = b.now.firm() >= enough;
    if (a_ranked != b_ranked) return a_ranked;
    const auto left = a.now.missed * std::max<std::int64_t>(b.now.firm(), 1);
    const auto right = b.now.missed * std::max<std::int64_t>(a.now.firm(), 1);
    return left != right ? left > right : a.id < b.id;
}

Task<std::vector<RuleRow>> rule_rows(pg::Session& session,
                                     TenantId tenant,
                                     const ComparedDays& days,
                                     store::CallFilter calls) {
    std::map<std::string, RuleRow> by_rule;
    store::OverTime asked{days.now, std::move(calls)};
    for (const auto& place : co_await store::answers_over_time(session, tenant, asked))
        by_rule[place.rule_id].now += place.answers;
    asked.days = days.before;
    for (const auto& place : co_await store::answers_over_time(session, tenant, asked))
        by_rule[place.rule_id].before += place.answers;
    std::vector<RuleRow> rows;
    for (auto& [id, row] : by_rule) {
        row.id = id;
        rows.push_back(std::move(row));
    }
    std::ranges::sort(rows, goes_before);
    co_return rows;
}

void write_counts(JsonWriter& json, const store::Answers& answers) {
    json.field("met", answers.met).field("missed", answers.missed);
    json.field("needs_review", answers.unsure).field("n", answers.firm());
    write_score(json, "miss_rate", miss_share(answers));
}

Task<http::Response> rules_reply(const Context& context,
                                 const http::Request& request,
                                 store::Narrowing asked,
                                 Day today) {
    const auto days = compared_days(asked.days, today);
    if (!days) co_return http::problem(request, days.error());
    const auto tenant = request.principal.tenant;
    const bool known = store::answer_sums_know(asked.calls);
    const auto session = co_await figures_session(context, tenant, known);
    const auto rows = co_await rule_rows(*session, tenant, *days, asked.calls);
    const auto titles = context.services.judge.question_titles();
    JsonWriter json;
    json.begin_object();
    write_days(json, *days);
    json.key("data").begin_array();
    for (const auto& row : rows) {
        const auto title = titles.find(row.id);
        json.begin_object().field("rule_id", row.id);
        json.field("title", title == titles.end() ? std::nullopt : std::optional(title->second));
        write_counts(json, row.now);
        json.key("previous").begin_object();
        write_counts(json, row.before);
        json.end_object();
        if (row.now.firm() == 0 || row.before.firm() == 0) {
            json.null_field("change");
        } else {
            const auto change = change_in_points(miss_share(row.now), miss_share(row.before));
            write_decimal(json, "change", change, 4);
        }
        json.end_object();
    }
    co_return http::json_response(200, json.end_array().end_object().take());
}

Task<http::Response> rules(const Context& context, http::Request request) {
    const auto asked = narrowing_of(request, {"state", "city_id", "agent_id", "issue", "language"});
    if (!asked) co_return http::problem(request, asked.error());
    MakeFigures make = [&context, &request, &asked](const store::Edition& edition) {
        return rules_reply(context, request, *asked, edition.today);
    };
    auto limited = within_limit(request, std::move(make));
    co_return co_await figures_reply(
        context, request, narrowing_text(*asked), Keeping::finished, std::move(limited));
}

} // namespace

void add_rule_figure_routes(http::Router& router, const Context& context) {
    router.add({.method = http::Method::get,
                .pattern = "/api/dashboard/rules",
                .permission = "figures:read",
                .handler = [&context](http::Request r) { return rules(context, std::move(r)); },
                .strict_query = true,
                .query = {"from", "to", "state", "city_id", "agent_id", "issue", "language"}});
}

} // namespace hs::api
