#include <algorithm>

#include <gtest/gtest.h>

#include "analysis/scorecard/answer_expression.hpp"
#include "analysis/scorecard/lint.hpp"
#include "analysis/scorecard/load.hpp"
#include "analysis/scorecard/scorecard.hpp"

namespace hs::analysis {
namespace {

const std::string small = R"(scorecard: {key: small, version: 1, title: {en: Small, hi: छोटा}}
sections:
  - id: only
    title: {en: Only, hi: एक}
    weight: 10
    questions:
      - id: greeting
        title: {en: Greeting, hi: अभिवादन}
        instructions: {en: The agent greets the caller in the first turn.}
        weight: 5
        automation: {order: [rule], rule: greeting}
)";

std::vector<Diagnostic> problems_of(const std::string& text) {
    auto document = read_scorecard(text, "small.yaml");
    const auto found = lint(document.card, {"greeting", "other"});
    document.problems.insert(document.problems.end(), found.begin(), found.end());
    return document.problems;
}

bool has(const std::vector<Diagnostic>& problems, std::string_view code, int line) {
    return std::any_of(problems.begin(), problems.end(), [&](const Diagnostic& problem) {
        return problem.code == code && (line == 0 || problem.line == line);
    });
}

std::string with(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(ScorecardLoad, ReadsASmallOne) {
    const auto document = read_scorecard(small, "small.yaml");
    EXPECT_TRUE(document.problems.empty()) << to_text(document.problems);
    EXPECT_EQ(document.card.key, "small");
    ASSERT_NE(document.card.question("greeting"), nullptr);
    EXPECT_EQ(document.card.question("greeting")->place.line, 7);
    EXPECT_EQ(document.card.content_hash.size(), 64U);
    EXPECT_TRUE(problems_of(small).empty()) << to_text(problems_of(small));
}

TEST(ScorecardLoad, HashIgnoresLayoutButNotContent) {
    const auto one = read_scorecard(small, "a").card.content_hash;
    EXPECT_EQ(one, read_scorecard("# a remark\n" + small, "b").card.content_hash);
    EXPECT_NE(one, read_scorecard(with(small, "weight: 5", "weight: 6"), "a").card.content_hash);
}

struct Bad {
    const char* from;
    const char* to;
    const char* code;
    int line;
};

class ScorecardLint : public testing::TestWithParam<Bad> {};

TEST_P(ScorecardLint, NamesThePlace) {
    const auto& bad = GetParam();
    const auto problems = problems_of(with(small, bad.from, bad.to));
    EXPECT_TRUE(has(problems, bad.code, bad.line)) << to_text(problems);
}

INSTANTIATE_TEST_SUITE_P(
    Mistakes,
    ScorecardLint,
    testing::Values(
        Bad{"weight: 5", "weight: heavy", "S01", 10},
        Bad{"weight: 5", "wieght: 5", "S02", 10},
        Bad{"weight: 5", "weight: 5\n        type: maybe", "S03", 11},
        Bad{"rule: greeting}", "rule: nowhere}", "S10", 0},
        Bad{", hi: अभिवादन", "", "S11", 7},
        Bad{"weight: 5", "weight: 0", "S15", 7},
        Bad{"weight: 5", "weight: 5\n        type: text", "S16", 3},
        Bad{"weight: 5", "weight: 5\n        type: single", "S17", 7},
        Bad{"order: [rule]", "order: [guess]", "S19", 0},
        Bad{"order: [rule], rule: greeting",
            "order: [llm]}\n        critical: {scope: form",
            "S21",
            7},
        Bad{"weight: 5", "weight: 5\n        enable_if: answer.greeting = pass", "S23", 7},
        Bad{"scorecard:", "scorecard: [", "S00", 0}));

TEST(AnswerExpression, HoldsAndRefuses) {
    const AnswerLookup lookup = [](std::string_view id) -> std::optional<std::string> {
        return id == "a" ? "pass" : "na";
    };
    EXPECT_TRUE(AnswerExpression::parse("answer.a = pass and not answer.b = pass")->holds(lookup));
    EXPECT_FALSE(AnswerExpression::parse("answer.b != na or (false and true)")->holds(lookup));
    for (const char* wrong : {"answer.a", "a = pass", "answer.a = pass)", "(answer.a = pass", ""})
        EXPECT_FALSE(AnswerExpression::parse(wrong)) << wrong;
    EXPECT_FALSE(AnswerExpression::parse(std::string(100, '(') + "true"));
}

TEST(SelectScorecard, MostSpecificThenNewest) {
    Scorecard general;
    general.version = 1;
    Scorecard newer;
    newer.version = 2;
    Scorecard refunds;
    refunds.version = 1;
    refunds.selector.issue_category = {"Refund Request"};
    const std::vector<const Scorecard*> active{&general, &newer, &refunds};
    EXPECT_EQ(select_scorecard(active, {"refund request", "en", "NEW_ISSUE"}), &refunds);
    EXPECT_EQ(select_scorecard(active, {"Payment", "en", "NEW_ISSUE"}), &newer);
    EXPECT_EQ(select_scorecard({&refunds}, {"Payment", "en", "NEW_ISSUE"}), nullptr);
}

TEST(Extended, ReplacesAndRemovesById) {
    auto base = read_scorecard(small, "base").card;
    auto child = read_scorecard(with(small, "weight: 5", "weight: 7"), "child").card;
    EXPECT_EQ(extended(base, child, {}).question("greeting")->weight, 7);
    EXPECT_EQ(extended(base, child, {"greeting"}).question("greeting"), nullptr);
    child.sections.clear();
    EXPECT_EQ(extended(base, child, {}).question("greeting")->weight, 5);
}

} // namespace
} // namespace hs::analysis
