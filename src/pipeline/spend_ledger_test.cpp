// R-31 and part of R-30: budgets hold whatever happens at once, and nothing is counted twice.
#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/provider_gate.hpp"
#include "support/imposter.hpp"
#include "support/postgres.hpp"

namespace hs::pipeline {
namespace {

using namespace std::chrono_literals;
using test::ImposterReply;
using ::testing::HasSubstr;
using ::testing::Not;

/// A dollar for ten requests of 100,000 tokens, of which half turn out to be used.
constexpr std::int64_t tokens = 100'000;

store::BudgetDefaults budget(std::optional<double> day, std::optional<double> month = {}) {
    store::BudgetDefaults out;
    out.day_usd = day;
    out.month_usd = month;
    return out;
}

class SpendLedgerTest : public testing::Test {
public:
    SpendLedgerTest() {
        live.base.sql("INSERT INTO calls (tenant_id, id, audio_url, call_timestamp, "
                      "processing_status) VALUES ('" +
                      tenant.str() + "', '" + call + "', 'local:x', now(), 'transcribed')");
        server.otherwise([](const auto&) { return ImposterReply{.body = "{}"}; });
    }

    std::unique_ptr<SpendLedger> ledger_of(store::BudgetDefaults defaults = {}) {
        const auto table = parse_json(
            R"({"prices":[{"provider":"p","model":"m","tokens_in":1},{"provider":"p","model":"heard","audio_hour":3.6}]})");
        return std::make_unique<SpendLedger>(
            SpendLedger::Parts{*live.database, clock, live.log, live.metrics},
            Prices::read(table.value()).value(),
            std::move(defaults));
    }

    /// A worker process with a ledger of its own.
    std::unique_ptr<ProviderGate> worker(SpendLedger& with) {
        ProviderGate::Parts parts{
            .database = *live.database,
            .keys = keys,
            .clock = clock,
            .transport =
                [this](OutboundRequest request) { return client.send(std::move(request)); },
            .log = live.log,
            .metrics = live.metrics,
            .ledger = &with};
        return std::make_unique<ProviderGate>(std::move(parts), ProviderGateOptions{});
    }

    providers::ProviderRequest request(const std::string& fingerprint = "f",
                                       const std::string& model = "m") const {
        providers::ProviderRequest out;
        out.provider = "p";
        out.model = model;
        out.key_id = "k";
        out.area = "model";
        out.fingerprint = fingerprint;
        out.http.method = "POST";
        out.http.url = server.url() + "/x";
        out.http.allow_private = true;
        out.expected.tokens_in = tokens;
        out.expected.tokens_out = 1;
        out.questions = {"a", "b"};
        return out;
    }

    static providers::Reading half_used() {
        providers::Reading reading;
        reading.sound = true;
        reading.consumed.tokens_in = tokens / 2;
        return reading;
    }

    Result<InboundReply> send(providers::Exchange& exchange, providers::ProviderRequest what) {
        return live.loop.wait(exchange.send(std::move(what)));
    }

    void read(providers::Exchange& exchange, const providers::ProviderRequest& what) {
        live.loop.wait(exchange.read(what, half_used()));
    }

    Result<Uuid> reserve(SpendLedger& ledger, const std::string& fingerprint = "f") {
        return live.loop.wait(ledger.reserve(purpose(), request(fingerprint)));
    }

    void sweep(SpendLedger& ledger) { live.loop.wait(ledger.sweep(std::vector<TenantId>{tenant})); }

    void spend(SpendLedger& ledger, const std::string& fingerprint) {
        const auto id = reserve(ledger, fingerprint);
        ASSERT_TRUE(id);
        providers::Consumption used;
        used.tokens_in = tokens;
        live.loop.wait(ledger.settle(purpose(), *id, 0, request(), used));
    }

    [[nodiscard]] SpendPurpose purpose() const { return {tenant, call, std::nullopt}; }

    std::int64_t rows(const std::string& where) {
        return live.base.count("SELECT count(*) FROM paid_requests WHERE " + where);
    }

    std::string money(const std::string& column, const std::string& grain = "day") {
        return live.base
            .sql("SELECT " + column + "::float8::text FROM budget_windows WHERE tenant_id = '" +
                 tenant.str() + "' AND grain = '" + grain + "'")
            .at(0);
    }

    std::int64_t events(const std::string& type) {
        return live.base.count("SELECT count(*) FROM events WHERE type = '" + type + "'");
    }

    test::Imposter server;
    test::LiveDatabase live;
    HttpClient client;
    MasterKey keys{Key256{1, 2, 3}};
    SystemClock clock;
    TenantId tenant = test::TestDatabase::tenant();
    std::string call = "00000000-0000-4000-8000-00000000ca11";
};

TEST_F(SpendLedgerTest, APaidReplyIsCountedInDayAndMonthByWhatWasUsed) {
    const auto ledger = ledger_of();
    const auto gate = worker(*ledger);
    const auto exchange = gate->exchange(tenant, call);
    ASSERT_TRUE(send(*exchange, request()));
    EXPECT_EQ(rows("state = 'answered' AND journal_run = 1"), 1);
    EXPECT_EQ(money("reserved_usd"), "0.1");
    read(*exchange, request());
    EXPECT_EQ(rows("state = 'settled' AND cost_usd = 0.05 AND tokens_in = 50000"), 1);
    for (const auto* grain : {"day", "month"}) {
        EXPECT_EQ(money("reserved_usd", grain), "0");
        EXPECT_EQ(money("spent_usd", grain), "0.05");
    }
}

TEST_F(SpendLedgerTest, AfterAKillTheNextRunSettlesFromTheKeptReplyOnce) {
    {
        const auto ledger = ledger_of();
        const auto crashed = worker(*ledger);
        const auto exchange = crashed->exchange(tenant, call);
        ASSERT_TRUE(send(*exchange, request())) << "and nobody reads it before the kill";
    }
    for (int run = 0; run < 3; ++run) {
        const auto ledger = ledger_of();
        const auto next = worker(*ledger);
        const auto exchange = next->exchange(tenant, call);
        ASSERT_TRUE(send(*exchange, request()));
        read(*exchange, request());
    }
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_EQ(rows("true"), 1);
    EXPECT_EQ(money("spent_usd"), "0.05");
    EXPECT_EQ(money("reserved_usd"), "0");
}

TEST_F(SpendLedgerTest, WhatNobodyComesBackToIsSweptOnce) {
    const auto ledger = ledger_of();
    const auto gate = worker(*ledger);
    ASSERT_TRUE(send(*gate->exchange(tenant, call), request("answered")));
    ASSERT_TRUE(reserve(*ledger, "never sent"));
    sweep(*ledger);
    EXPECT_EQ(rows("state IN ('answered', 'reserved')"), 2) << "they may still be under way";
    live.base.sql("UPDATE paid_requests SET created_at = now() - interval '46 minutes'");
    sweep(*ledger);
    sweep(*ledger);
    EXPECT_EQ(rows("state = 'settled' AND estimated AND cost_usd = 0.1"), 1);
    EXPECT_EQ(rows("state = 'released' AND cost_usd = 0"), 1);
    EXPECT_EQ(money("spent_usd"), "0.1");
    EXPECT_EQ(money("reserved_usd"), "0");
    // The job runs again after all.
    const auto late = gate->exchange(tenant, call);
    ASSERT_TRUE(send(*late, request("answered")));
    read(*late, request("answered"));
    EXPECT_EQ(money("spent_usd"), "0.1");
}

TEST_F(SpendLedgerTest, AReservationEndsOnceWhoeverEndsIt) {
    const auto ledger = ledger_of();
    const auto id = reserve(*ledger);
    ASSERT_TRUE(id);
    providers::Consumption used;
    used.tokens_in = tokens / 2;
    const auto what = request();
    for (int i = 0; i < 2; ++i)
        live.loop.wait(ledger->settle(purpose(), *id, 0, what, used));
    live.loop.wait(ledger->release(purpose(), *id));
    EXPECT_EQ(money("spent_usd"), "0.05");
    EXPECT_EQ(money("reserved_usd"), "0");
    EXPECT_EQ(rows("state = 'settled'"), 1);
}

TEST_F(SpendLedgerTest, ARequestThatCameToNothingGivesItsMoneyBack) {
    const auto ledger = ledger_of();
    const auto gate = worker(*ledger);
    server.then({.status = 400, .body = "no"});
    const auto refused = send(*gate->exchange(tenant, call), request());
    ASSERT_TRUE(refused);
    EXPECT_EQ(rows("state = 'released'"), 1);
    server.then({.trick = ImposterReply::Trick::drop});
    EXPECT_FALSE(send(*gate->exchange(tenant, call), request("g")));
    EXPECT_EQ(rows("state = 'released'"), 2);
    EXPECT_EQ(money("reserved_usd"), "0");
}

TEST_F(SpendLedgerTest, FiftyAtOnceSpendNoMoreThanThereIs) {
    const auto ledger = ledger_of(budget(1.0));
    std::vector<providers::ProviderRequest> requests; // outlive what is asked about them
    for (int i = 0; i < 50; ++i)
        requests.push_back(request(std::to_string(i)));
    std::vector<std::future<Result<Uuid>>> asked;
    for (const auto& one : requests)
        asked.push_back(live.loop.start(ledger->reserve(purpose(), one)));
    std::vector<Uuid> granted;
    for (auto& one : asked) {
        auto reserved = one.get();
        if (reserved)
            granted.push_back(*reserved);
        else
            EXPECT_EQ(reserved.error().code, "budget.exhausted");
    }
    EXPECT_EQ(granted.size(), 10U);
    // Half of each is used; what that leaves can be spent.
    providers::Consumption used;
    used.tokens_in = tokens / 2;
    for (const auto& id : granted)
        live.loop.wait(ledger->settle(purpose(), id, 0, request(), used));
    std::size_t more = 0;
    while (reserve(*ledger, "more" + std::to_string(more)))
        ++more;
    EXPECT_EQ(more, 5U);
    EXPECT_EQ(money("(spent_usd + reserved_usd)"), "1");
    EXPECT_EQ(events("budget.exhausted"), 1);
}

TEST_F(SpendLedgerTest, TheNextDayHasMoneyAgainUntilTheMonthIsSpent) {
    const auto ledger = ledger_of(budget(0.1, 0.2));
    ASSERT_TRUE(reserve(*ledger));
    EXPECT_FALSE(reserve(*ledger));
    // Yesterday's: the day is another, the month the same.
    live.base.sql("UPDATE budget_windows SET starts = starts - 400 WHERE grain = 'day'");
    ASSERT_TRUE(reserve(*ledger));
    live.base.sql("UPDATE budget_windows SET starts = starts - 800 WHERE grain = 'day'");
    const auto third = reserve(*ledger);
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, "budget.exhausted");
}

TEST_F(SpendLedgerTest, FourFifthsAreToldOnce) {
    const auto ledger = ledger_of(budget(1.0));
    for (int i = 0; i < 9; ++i) {
        EXPECT_EQ(events("budget.alert"), i >= 8 ? 1 : 0) << i;
        spend(*ledger, std::to_string(i));
    }
    EXPECT_EQ(events("budget.alert"), 1);
    const auto raised = ledger_of(budget(2.0));
    for (int i = 9; i < 18; ++i) {
        EXPECT_EQ(events("budget.alert"), i >= 16 ? 2 : 1) << "of the new limit " << i;
        spend(*raised, std::to_string(i));
    }
    EXPECT_EQ(events("budget.alert"), 2);
}

TEST_F(SpendLedgerTest, TheGaugeTellsOfTheTenantThatIsNearestToItsEnd) {
    const auto ledger = ledger_of(budget(1.0));
    const auto mine = tenant;
    spend(*ledger, "mine");
    tenant = live.base.another_tenant();
    for (int i = 0; i < 3; ++i)
        spend(*ledger, std::to_string(i));
    const std::vector<TenantId> both{mine, tenant};
    live.loop.wait(ledger->sweep(both));
    const auto page = live.metrics.prometheus_text();
    EXPECT_THAT(page, HasSubstr("hacksmart_budget_used_ratio{window=\"day\"} 0.3\n"));
    EXPECT_THAT(page, Not(HasSubstr(tenant.str())));
}

TEST_F(SpendLedgerTest, TheTenantsOwnFiguresGoBeforeTheConfiguration) {
    const auto ledger = ledger_of(budget(0.0));
    EXPECT_FALSE(reserve(*ledger));
    live.base.sql("INSERT INTO budgets (tenant_id, day_usd) VALUES ('" + tenant.str() + "', 5)");
    EXPECT_TRUE(reserve(*ledger));
    tenant = live.base.another_tenant();
    EXPECT_FALSE(reserve(*ledger));
}

TEST_F(SpendLedgerTest, TheSwitchHoldsAtOnceForAllOrOneProvider) {
    const auto ledger = ledger_of();
    live.base.sql("INSERT INTO budgets (tenant_id, stopped) VALUES ('" + tenant.str() + "', true)");
    const auto stopped = reserve(*ledger);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, "budget.stopped");
    live.base.sql("UPDATE budgets SET stopped = false, stopped_providers = '{q}'");
    EXPECT_TRUE(reserve(*ledger));
    live.base.sql("UPDATE budgets SET stopped_providers = '{q,p}'");
    EXPECT_FALSE(reserve(*ledger));
}

TEST_F(SpendLedgerTest, ABudgetLetsNothingGoWhosePriceNobodyKnows) {
    const auto free = ledger_of();
    EXPECT_TRUE(live.loop.wait(free->reserve(purpose(), request("f", "unknown"))));
    const auto limited = ledger_of(budget(std::nullopt, 100.0));
    const auto refused = live.loop.wait(limited->reserve(purpose(), request("f", "unknown")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "budget.unpriced");
    EXPECT_EQ(refused.error().retry_after, 300s) << "nobody's fault but the table's";
}

TEST_F(SpendLedgerTest, AudioIsPaidByItsLength) {
    const auto ledger = ledger_of();
    auto heard = request("f", "heard");
    heard.expected = {};
    heard.expected.audio_seconds = 600;
    const auto id = live.loop.wait(ledger->reserve(purpose(), heard));
    ASSERT_TRUE(id);
    live.loop.wait(ledger->settle(purpose(), *id, 0, heard, heard.expected));
    EXPECT_EQ(rows("cost_usd = 0.6 AND audio_seconds = 600 AND NOT estimated"), 1);
}

TEST_F(SpendLedgerTest, UsageByQuestionSharesTheCostEvenly) {
    const auto ledger = ledger_of();
    const auto id = reserve(*ledger);
    ASSERT_TRUE(id);
    providers::Consumption used;
    used.tokens_in = tokens;
    live.loop.wait(ledger->settle(purpose(), *id, 0, request(), used));
    const auto unit = live.database->unit({.tenant = tenant});
    store::UsageAsked asked;
    asked.by = "question";
    asked.limit = 10;
    const auto sums = live.loop.wait(store::usage_sums(*unit, tenant, asked));
    ASSERT_EQ(sums.size(), 2U);
    EXPECT_EQ(sums[0].key, "a");
    EXPECT_DOUBLE_EQ(sums[0].cost_usd, 0.05);
    EXPECT_DOUBLE_EQ(sums[1].tokens_in, 50'000);
    asked.by = "call";
    const auto calls = live.loop.wait(store::usage_sums(*unit, tenant, asked));
    ASSERT_EQ(calls.size(), 1U);
    EXPECT_EQ(calls[0].key, call);
    EXPECT_DOUBLE_EQ(calls[0].cost_usd, 0.1);
    EXPECT_EQ(calls[0].requests, 1);
}

} // namespace
} // namespace hs::pipeline
