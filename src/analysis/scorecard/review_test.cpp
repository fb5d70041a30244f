#include <map>

#include <gtest/gtest.h>

#include "analysis/judging/pack.hpp"

namespace hs::analysis {
namespace {

const Grounds& grounds() {
    static const auto loaded = load_grounds(std::string(HS_SOURCE_DIR) + "/scorecards");
    return **loaded;
}

/// Texts by "key@version".
ScorecardTexts texts(std::map<std::string, std::string> known) {
    return [known = std::move(known)](const std::string& key, int version) -> Result<std::string> {
        const auto found = known.find(key + "@" + std::to_string(version));
        if (found != known.end()) return found->second;
        return fail(ErrorKind::not_found, "file.missing", "there is none");
    };
}

std::string card(const std::string& key, const std::string& more) {
    return "scorecard: {key: " + key + ", version: 1, title: {en: T, hi: T}}\n" + more;
}

std::string codes(const ScorecardReview& review) {
    std::string out;
    for (const auto& finding : review.findings)
        if (finding.severity == Severity::error)
            out += finding.code + "@" + finding.file + ":" + std::to_string(finding.line) + " ";
    return out;
}

constexpr const char* section = R"(sections:
  - id: talk
    title: {en: Talk, hi: बात}
    weight: 1
    questions:
      - id: hello
        title: {en: Hello, hi: नमस्ते}
        instructions: {en: The agent says hello before anything else is said.}
        weight: 1
        automation: {order: [rule], rule: hello}
)";
constexpr const char* rule = R"(rules:
  - id: hello
    pass: '[agent] "hello"'
    else: fail
    tests: [{agent: "hello there", want: pass}]
)";

TEST(Review, ASoundDocumentHasNoErrorsAndItsTestsAreRun) {
    const auto text = card("small", std::string(section) + rule);
    const auto review = review_scorecard(grounds(), texts({}), text, "document");
    EXPECT_EQ(codes(review), "");
    EXPECT_EQ(review.tests, 1U);
    EXPECT_EQ(review.card.key, "small");
}

TEST(Review, WhatIsExtendedDecidesTheHashToo) {
    const auto base = card("base", std::string(section) + rule);
    const auto text =
        "scorecard: {key: child, version: 1, title: {en: T, hi: T}, extends: base@1}\n";
    const auto one = review_scorecard(grounds(), texts({{"base@1", base}}), text, "document");
    EXPECT_EQ(codes(one), "");
    EXPECT_EQ(one.tests, 0U) << "those of the base are not its own";
    auto heavier = base;
    heavier.replace(heavier.find("weight: 1\n"), 10, "weight: 2\n");
    const auto other = review_scorecard(grounds(), texts({{"base@1", heavier}}), text, "document");
    EXPECT_NE(one.card.content_hash, other.card.content_hash);
    const auto identified =
        identify_scorecard(texts({{"base@1", base}, {"child@1", text}}), "child", 1);
    ASSERT_TRUE(identified);
    EXPECT_EQ(identified->content_hash, one.card.content_hash);
    EXPECT_EQ(codes(review_scorecard(grounds(), texts({}), text, "document")), "S05@document:1 ");
}

TEST(Review, CirclesAndBombsEnd) {
    const auto circle =
        "scorecard: {key: round, version: 1, title: {en: T, hi: T}, extends: round@1}\n";
    const auto turned =
        review_scorecard(grounds(), texts({{"round@1", circle}}), circle, "document");
    EXPECT_FALSE(turned.sound());
    std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
    for (char name = 'b'; name <= 'i'; ++name)
        bomb += std::string(1, name) + ": &" + name + " [*" + char(name - 1) + ",*" +
                char(name - 1) + ",*" + char(name - 1) + ",*" + char(name - 1) + ",*" +
                char(name - 1) + "]\n";
    const auto review = review_scorecard(grounds(), texts({}), bomb, "document");
    EXPECT_EQ(codes(review), "S04@document:1 ");
}

TEST(Review, ATestThatFailsIsAnErrorInItsPlace) {
    auto text = card("small", std::string(section) + rule);
    text.replace(text.find("want: pass"), 10, "want: fail");
    const auto review = review_scorecard(grounds(), texts({}), text, "document");
    EXPECT_EQ(codes(review), "E07@document:16 ");
}

} // namespace
} // namespace hs::analysis
