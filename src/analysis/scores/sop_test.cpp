#include <gtest/gtest.h>

#include "analysis/scores/sop.hpp"

namespace hs::analysis {
namespace {

Question question(const std::string& id, double weight) {
    Question q;
    q.id = id;
    q.weight = weight;
    return q;
}

Answer answer(const std::string& id, AnswerState state, double weight) {
    Answer a;
    a.question_id = id;
    a.state = state;
    a.weight = weight;
    return a;
}

/// Two sections: 30 (a 20, b 10) and 10 (c 1).
Scorecard two_sections() {
    Scorecard card;
    card.sections.resize(2);
    card.sections[0].id = "first";
    card.sections[0].weight = 30;
    card.sections[0].questions = {question("a", 20), question("b", 10)};
    card.sections[1].id = "second";
    card.sections[1].weight = 10;
    card.sections[1].questions = {question("c", 1)};
    return card;
}

std::vector<Answer> answers(AnswerState a, AnswerState b, AnswerState c) {
    return {answer("a", a, 20), answer("b", b, 10), answer("c", c, 1)};
}

constexpr auto pass = AnswerState::pass;
constexpr auto fails = AnswerState::fail;
constexpr auto na = AnswerState::na;
constexpr auto open = AnswerState::needs_review;

struct Case {
    const char* what;
    ScoringMode mode;
    AnswerState a, b, c;
    double score;
};

class FormScoreTable : public testing::TestWithParam<Case> {};

TEST_P(FormScoreTable, MatchesTheFormula) {
    const auto& given = GetParam();
    auto card = two_sections();
    card.scoring.mode = given.mode;
    card.sections[0].questions[0].points = Points{20, false};
    card.sections[0].questions[1].points = Points{10, false};
    card.sections[1].questions[0].points = Points{1, false};
    const auto result = form_score(card, answers(given.a, given.b, given.c));
    EXPECT_DOUBLE_EQ(result.score, given.score) << given.what;
}

INSTANTIATE_TEST_SUITE_P(
    Modes,
    FormScoreTable,
    testing::Values(
        // section one 20/30, section two 1: (30 * 2/3 + 10 * 1) / 40
        Case{"weighted", ScoringMode::weighted, pass, fails, pass, 0.75},
        Case{"weighted, b excluded", ScoringMode::weighted, pass, na, fails, 0.75},
        Case{"weighted, a section without counted questions leaves",
             ScoringMode::weighted,
             pass,
             fails,
             na,
             0.6667},
        Case{"questions ignore sections", ScoringMode::questions, pass, fails, pass, 0.6774},
        Case{"sections count questions alike", ScoringMode::sections, pass, fails, pass, 0.625},
        Case{"points", ScoringMode::points, fails, pass, pass, 0.3548},
        Case{"needs_review does not count", ScoringMode::weighted, pass, open, pass, 1.0}));

TEST(FormScore, NothingCountableIsNotScored) {
    const auto result = form_score(two_sections(), answers(na, open, na));
    EXPECT_FALSE(result.scored);
    EXPECT_EQ(result.score, 0.0);
}

TEST(FormScore, CoverageMakesProvisional) {
    const auto result = form_score(two_sections(), answers(open, pass, pass));
    EXPECT_DOUBLE_EQ(result.coverage, 11.0 / 31.0);
    EXPECT_TRUE(result.provisional);
    EXPECT_FALSE(form_score(two_sections(), answers(pass, open, na)).provisional);
}

TEST(FormScore, CriticalOfTheFormCaps) {
    auto card = two_sections();
    card.sections[1].questions[0].critical = Critical{CriticalScope::form, 0.40};
    const auto result = form_score(card, answers(pass, pass, fails));
    EXPECT_DOUBLE_EQ(result.score, 0.40);
    EXPECT_TRUE(result.critical_form_failed);
    // Below the cap the score stays.
    EXPECT_DOUBLE_EQ(form_score(card, answers(fails, pass, fails)).score, 0.25);
    // Nobody is failed on a guess.
    EXPECT_DOUBLE_EQ(form_score(card, answers(pass, pass, open)).score, 1.0);
}

TEST(FormScore, CriticalOfASectionEmptiesIt) {
    auto card = two_sections();
    card.sections[0].questions[1].critical = Critical{CriticalScope::section, std::nullopt};
    const auto result = form_score(card, answers(pass, fails, pass));
    EXPECT_DOUBLE_EQ(result.score, 0.25);
    EXPECT_FALSE(result.critical_form_failed);
    EXPECT_TRUE(result.critical_failed);
}

TEST(FormScore, BonusNeverLowersAndNeverExceedsOne) {
    auto card = two_sections();
    auto bonus = question("d", 5);
    bonus.points = Points{20, true};
    card.sections[1].questions.push_back(bonus);
    auto given = answers(pass, fails, pass);
    given.push_back(answer("d", pass, 5));
    EXPECT_DOUBLE_EQ(form_score(card, given).score, 0.95);
    given.back().state = fails;
    EXPECT_DOUBLE_EQ(form_score(card, given).score, 0.75);
    auto full = answers(pass, pass, pass);
    full.push_back(answer("d", pass, 5));
    EXPECT_DOUBLE_EQ(form_score(card, full).score, 1.0);
}

TEST(FormScore, RoundsHalfAwayFromZeroOnce) {
    Scorecard card;
    card.sections.resize(1);
    card.sections[0].id = "only";
    card.sections[0].weight = 1;
    card.sections[0].questions = {question("a", 1), question("b", 31)};
    // 1/32 = 0.03125: half of a basis point goes up.
    const auto result = form_score(card, {answer("a", pass, 1), answer("b", fails, 31)});
    EXPECT_DOUBLE_EQ(result.score, 0.0313);
}

TEST(FormScore, PartialScoresCount) {
    auto card = two_sections();
    auto given = answers(fails, pass, pass);
    given[0].score = 0.5; // two of four steps
    EXPECT_DOUBLE_EQ(form_score(card, given).score, 0.75);
}

TEST(OptionScore, SumsChosenOptionsAndClamps) {
    Question q;
    q.type = QuestionType::multi;
    q.options.resize(2);
    q.options[0].id = "x";
    q.options[0].score = 70;
    q.options[1].id = "y";
    q.options[1].score = 50;
    EXPECT_DOUBLE_EQ(*option_score(q, {"x"}), 0.7);
    EXPECT_DOUBLE_EQ(*option_score(q, {"x", "y"}), 1.0);
    EXPECT_FALSE(option_score(q, {"z"}));
}

TEST(NumericScore, TakesTheMatchingRange) {
    Question q;
    q.type = QuestionType::numeric;
    q.options.resize(2);
    q.options[0].max = 10;
    q.options[0].score = 100;
    q.options[1].min = 10;
    q.options[1].score = 20;
    EXPECT_DOUBLE_EQ(*numeric_score(q, 3), 1.0);
    EXPECT_DOUBLE_EQ(*numeric_score(q, 11), 0.2);
}

} // namespace
} // namespace hs::analysis
