#include <gtest/gtest.h>

#include "pipeline/prices.hpp"

namespace hs::pipeline {
namespace {

Result<Prices> table(const std::string& rows) {
    return Prices::read(parse_json(R"({"prices":[)" + rows + "]}").value());
}

providers::Consumption tokens(std::int64_t in, std::int64_t out, std::int64_t cached = 0) {
    return {.tokens_in = in, .tokens_out = out, .tokens_cached = cached};
}

TEST(Prices, TokensCostByTheMillionAndCachedOnesLess) {
    const auto prices =
        table(R"({"provider":"p","model":"m","tokens_in":2,"tokens_out":10,"tokens_cached":0.5})");
    ASSERT_TRUE(prices);
    EXPECT_DOUBLE_EQ(prices->cost("p", "m", tokens(1'000'000, 100'000)).value(), 3);
    EXPECT_DOUBLE_EQ(prices->cost("p", "m", tokens(1'000'000, 0, 400'000)).value(), 1.4);
    EXPECT_DOUBLE_EQ(prices->cost("p", "m", tokens(100, 0, 400)).value(), 0.00005)
        << "no more can come from a cache than was read";
}

TEST(Prices, AudioCostsByTheHour) {
    const auto prices = table(R"({"provider":"p","model":"m","audio_hour":0.36})");
    providers::Consumption heard;
    heard.audio_seconds = 600;
    EXPECT_DOUBLE_EQ(prices->cost("p", "m", heard).value(), 0.06);
}

TEST(Prices, TheLongestMatchCountsAndNobodyGuesses) {
    const auto prices = table(R"({"provider":"p","model":"big*","tokens_in":1},
        {"provider":"p","model":"big-mini*","tokens_in":2},{"provider":"p","model":"big-mini-1","tokens_in":3})");
    ASSERT_TRUE(prices);
    EXPECT_EQ(prices->find("p", "big-2026")->tokens_in, 1);
    EXPECT_EQ(prices->find("p", "big-mini-2026")->tokens_in, 2);
    EXPECT_EQ(prices->find("p", "big-mini-1")->tokens_in, 3);
    EXPECT_EQ(prices->find("q", "big-mini-1"), nullptr);
    EXPECT_EQ(prices->find("p", "bi"), nullptr);
    EXPECT_FALSE(prices->cost("p", "small", tokens(1, 1)));
}

TEST(Prices, WhatTheServerReportsGoesBeforeTheTable) {
    const auto prices = table(R"({"provider":"p","model":"m","tokens_in":2})");
    auto used = tokens(1'000'000, 0);
    used.cost_usd = 0.7;
    EXPECT_DOUBLE_EQ(prices->cost("p", "m", used).value(), 0.7);
    EXPECT_DOUBLE_EQ(prices->cost("p", "unknown", used).value(), 0.7);
}

TEST(Prices, ATableThatCannotBeMeantIsRefused) {
    EXPECT_FALSE(Prices::read(parse_json(R"([1])").value()));
    EXPECT_FALSE(table(R"({"provider":"p","tokens_in":2})"));
    EXPECT_FALSE(table(R"({"provider":"p","model":"m","tokens_in":-1})"));
    EXPECT_FALSE(table(R"({"provider":"p","model":"m","tokens_in":"2"})"));
    const auto typo = table(R"({"provider":"p","model":"m","token_in":2})");
    ASSERT_FALSE(typo);
    EXPECT_EQ(typo.error().code, "prices.invalid");
}

TEST(Prices, AnotherTableHasAnotherVersion) {
    const auto one = table(R"({"provider":"p","model":"m","tokens_in":2})");
    const auto same = table(R"({"model":"m","provider":"p","tokens_in":2})");
    const auto other = table(R"({"provider":"p","model":"m","tokens_in":2.5})");
    EXPECT_EQ(one->version(), same->version());
    EXPECT_NE(one->version(), other->version());
}

} // namespace
} // namespace hs::pipeline
