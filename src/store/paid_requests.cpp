#include "store/paid_requests.hpp"

#include "store/queries.hpp"

namespace hs::store {

namespace {

json::value figure(const std::optional<double>& value) {
    return value ? json::value(*value) : json::value(nullptr);
}

std::string text_of(const BudgetDefaults& defaults) {
    return json::serialize(json::object{{"day_usd", figure(defaults.day_usd)},
                                        {"month_usd", figure(defaults.month_usd)},
                                        {"policy", defaults.policy}});
}

std::string text_of(const PaidRequest& request) {
    json::array questions;
    for (const auto& question : request.questions)
        questions.push_back(json::string(question));
    json::value run = nullptr;
    if (request.run_id) run = json::string(request.run_id->str());
    return json::serialize(json::object{{"id", request.id.str()},
                                        {"provider", request.provider},
                                        {"model", request.model},
                                        {"area", request.area},
                                        {"subject", request.subject},
                                        {"run_id", run},
                                        {"questions", std::move(questions)},
                                        {"request_hash", request.request_hash},
                                        {"reserved_usd", request.reserved_usd},
                                        {"priced", request.priced},
                                        {"price_version", request.price_version},
                                        {"audio_seconds", request.audio_seconds}});
}

BudgetWindow window_of(const pg::Row& row) {
    BudgetWindow window;
    window.grain = row.text("grain");
    window.starts = row.text("starts");
    window.ends = row.time("ends");
    window.limit_usd = row.optional_real("limit_usd");
    window.reserved_usd = row.real("reserved_usd");
    window.spent_usd = row.real("spent_usd");
    return window;
}

UsageSum sum_of(const pg::Row& row) {
    UsageSum sum;
    sum.key = row.text("key");
    sum.requests = row.integer("requests");
    sum.tokens_in = row.real("tokens_in");
    sum.tokens_out = row.real("tokens_out");
    sum.tokens_cached = row.real("tokens_cached");
    sum.audio_seconds = row.real("audio_seconds");
    sum.cost_usd = row.real("cost_usd");
    sum.unpriced_requests = row.integer("unpriced_requests");
    sum.estimated_requests = row.integer("estimated_requests");
    return sum;
}

} // namespace

Task<ReserveVerdict> reserve_paid_request(pg::Session& session,
                                          TenantId tenant,
                                          const PaidRequest& request,
                                          const BudgetDefaults& defaults) {
    auto values = pg::params(tenant, text_of(request), text_of(defaults));
    const auto rows = co_await session.run(sql::reserve_paid_request, std::move(values));
    const auto row = rows.front();
    ReserveVerdict verdict;
    verdict.verdict = row.text("verdict");
    verdict.policy = row.text("policy");
    verdict.wait_seconds = row.integer("wait_seconds");
    co_return verdict;
}

Task<bool> close_paid_request(pg::Session& session,
                              TenantId tenant,
                              Uuid id,
                              const PaidOutcome& outcome,
                              const BudgetDefaults& defaults) {
    const json::object usage{{"tokens_in", outcome.tokens_in},
                             {"tokens_out", outcome.tokens_out},
                             {"tokens_cached", outcome.tokens_cached}};
    auto values = pg::params(tenant,
                             id,
                             outcome.settled ? "settled" : "released",
                             outcome.cost_usd,
                             json::serialize(usage),
                             text_of(defaults));
    const auto rows = co_await session.run(sql::close_paid_request, std::move(values));
    co_return rows.front().boolean("closed");
}

Task<std::optional<Uuid>> unsettled_request(pg::Session& session,
                                            TenantId tenant,
                                            const std::string& request_hash,
                                            int journal_run) {
    auto values = pg::params(tenant, request_hash, journal_run);
    const auto rows = co_await session.run(sql::unsettled_request, std::move(values));
    if (rows.empty()) co_return std::nullopt;
    co_return rows.front().uuid("id");
}

Task<std::vector<AbandonedRequest>>
abandoned_requests(pg::Session& session, TenantId tenant, double seconds, int most) {
    auto values = pg::params(tenant, seconds, most);
    const auto rows = co_await session.run(sql::abandoned_requests, std::move(values));
    std::vector<AbandonedRequest> out;
    for (const auto row : rows)
        out.push_back({row.uuid("id"), row.view("state") == "answered"});
    co_return out;
}

Task<void> purge_paid_requests(pg::Session& session, TenantId tenant) {
    co_await session.run(sql::purge_paid_requests, pg::params(tenant));
}

Task<BudgetState>
budget_state(pg::Session& session, TenantId tenant, const BudgetDefaults& defaults) {
    auto values = pg::params(tenant, text_of(defaults));
    const auto rows = co_await session.run(sql::budget_state, std::move(values));
    BudgetState state;
    for (const auto row : rows) {
        state.policy = row.text("policy");
        state.stopped = row.boolean("stopped");
        state.stopped_providers = row.text_array("stopped_providers");
        state.windows.push_back(window_of(row));
    }
    co_return state;
}

Task<void> hold_budget(pg::Session& session, TenantId tenant) {
    co_await session.run(sql::hold_budget, pg::params(tenant));
}

Task<void> set_budget(pg::Session& session, TenantId tenant, const json::object& changes) {
    auto values = pg::params(tenant, json::serialize(changes));
    co_await session.run(sql::set_budget, std::move(values));
}

Task<std::vector<UsageSum>> usage_sums(pg::Session& session, TenantId tenant, UsageAsked asked) {
    auto values = pg::params(tenant, asked.from, asked.to, asked.by, asked.limit);
    const auto rows = co_await session.run(sql::usage_sums, std::move(values));
    std::vector<UsageSum> out;
    for (const auto row : rows)
        out.push_back(sum_of(row));
    co_return out;
}

} // namespace hs::store
