#include <gtest/gtest.h>

#include "analysis/eval/report.hpp"
#include "analysis/eval/word_errors.hpp"

namespace hs::analysis {
namespace {

constexpr const char* dataset = R"({"calls": [
  {"id": "b", "language": "en", "duration": 4, "transcript":
    [{"turn": 1, "speaker": "agent", "start": 0, "end": 2, "text": "hello"}],
   "expected": {"sop": {"greeting": "fail", "closing": "partial"}, "escalation": true,
                "sentiment_direction": "none", "resolution_validity_score": 0.75}},
  {"id": "a", "language": "en", "duration": 4, "transcript":
    [{"turn": 1, "speaker": "agent", "start": 0, "end": 2, "text": "good morning"}],
   "expected": {"sop": {"greeting": "pass"}, "escalation": false}},
  {"id": "c", "language": "en", "duration": 4, "transcript":
    [{"turn": 1, "speaker": "agent", "start": 0, "end": 2, "text": "yes"}],
   "expected": {"sop": {"greeting": "fail"}, "escalation": false}},
  {"id": "d", "language": "en", "file": "d.mp3", "duration": 4, "transcript":
    [{"turn": 1, "speaker": "agent", "start": 0, "end": 2, "text": "yes"}],
   "expected": {"sop": {"greeting": "na"}}},
  {"id": "h", "language": "hi", "split": "holdout", "duration": 4, "transcript":
    [{"turn": 1, "speaker": "agent", "start": 0, "end": 2, "text": "नमस्ते"}],
   "expected": {"sop": {"greeting": "pass"}}},
  {"id": "silent", "language": "und", "transcript": [], "expected": {"sop": {}}}
]})";

std::vector<LabelledCall> calls() {
    auto read = read_dataset(*parse_json(dataset));
    EXPECT_TRUE(read.has_value()) << (read ? "" : read.error().message);
    return read ? *read : std::vector<LabelledCall>();
}

TEST(Dataset, SplitsBySortedIds) {
    std::map<std::string, std::string> splits;
    for (const auto& call : calls())
        splits[call.id] = call.split;
    const std::map<std::string, std::string> expected = {
        {"a", "dev"}, {"b", "check"}, {"c", "dev"}, {"d", "dev"}, {"h", "holdout"}};
    EXPECT_EQ(splits, expected); // the silent call is left out
}

TEST(Dataset, LeavesPartialLabelsOut) {
    for (const auto& call : calls())
        if (call.id == "b") {
            EXPECT_FALSE(call.sop.contains("closing"));
            EXPECT_FALSE(call.direction.has_value());
            EXPECT_EQ(call.resolution, 0.75);
        }
    EXPECT_FALSE(read_dataset(*parse_json("[]")).has_value());
    EXPECT_FALSE(read_dataset(*parse_json(R"({"calls": [1]})")).has_value());
}

Evaluation answered(AnswerState state) {
    Evaluation evaluation;
    Answer answer;
    answer.question_id = "greeting";
    answer.state = state;
    evaluation.answers.push_back(answer);
    return evaluation;
}

std::vector<Point> judged(const std::map<std::string, AnswerState>& states) {
    std::vector<Point> points;
    for (const auto& call : calls())
        if (states.contains(call.id)) add_points(call, answered(states.at(call.id)), points);
    return points;
}

TEST(Table, CountsFailAsPositive) {
    const auto table = table_of(judged({{"a", AnswerState::fail},         // false alarm
                                        {"b", AnswerState::fail},         // found
                                        {"c", AnswerState::needs_review}, // open
                                        {"d", AnswerState::pass},         // na was right
                                        {"h", AnswerState::pass}}));
    ASSERT_EQ(table.questions.size(), 1U);
    const auto& counts = table.questions[0].counts;
    EXPECT_EQ(counts.labelled, 5);
    EXPECT_EQ(counts.answered, 4);
    EXPECT_EQ(counts.right, 2);
    EXPECT_EQ(counts.true_positive, 1);
    EXPECT_EQ(counts.false_positive, 1);
    EXPECT_EQ(counts.false_negative, 0);
    EXPECT_EQ(counts.true_negative, 2);
    EXPECT_DOUBLE_EQ(*counts.agreement(), 0.5);
    EXPECT_DOUBLE_EQ(counts.coverage(), 0.8);
    EXPECT_EQ(table.sop_by_language.at("hi").counts.right, 1);
    EXPECT_EQ(table.escalation.counts.labelled, 3);
    EXPECT_FALSE(table.escalation.counts.precision().has_value()); // nothing was flagged
    EXPECT_EQ(table.resolution.counts.right, 0);
}

TEST(Statistics, WilsonIntervalOfKnownFigures) {
    const auto [low, high] = wilson(8, 10);
    EXPECT_NEAR(low, 0.4902, 0.0005);
    EXPECT_NEAR(high, 0.9433, 0.0005);
    EXPECT_EQ(wilson(0, 0), Interval(0, 1));
}

TEST(Statistics, KappaNeedsTwoClasses) {
    const std::vector<Compared> one_class = {{"a", "pass", "pass"}, {"b", "pass", "pass"}};
    EXPECT_FALSE(kappa(one_class).has_value());
    EXPECT_FALSE(kappa_interval(one_class).has_value());
    // 20 of 25 yes/yes, 10 of 25 … : the textbook example gives 0.4.
    std::vector<Compared> items;
    const auto add = [&](int count, const char* expected, const char* got) {
        for (int i = 0; i < count; ++i)
            items.push_back({std::to_string(items.size()), expected, got});
    };
    add(20, "yes", "yes");
    add(5, "yes", "no");
    add(10, "no", "yes");
    add(15, "no", "no");
    EXPECT_NEAR(*kappa(items), 0.4, 1e-9);
    const auto interval = kappa_interval(items);
    ASSERT_TRUE(interval.has_value());
    EXPECT_LT(interval->first, 0.4);
    EXPECT_GT(interval->second, 0.4);
    EXPECT_EQ(kappa_interval(items), interval); // the same data, the same interval
}

TEST(Gates, BaselineLowersAGateThatWasNeverMet) {
    const std::vector<Gate> gates = {{"sop.agreement", 0.97}, {"sop.false_fails", 0.05, true}};
    EXPECT_TRUE(missed_gates({{"sop.agreement", 0.98}}, gates, {}).empty());
    EXPECT_EQ(missed_gates({{"sop.agreement", 0.90}}, gates, {}).size(), 1U);
    EXPECT_TRUE(missed_gates({{"sop.agreement", 0.90}}, gates, {{"sop.agreement", 0.90}}).empty());
    EXPECT_EQ(missed_gates({{"sop.agreement", 0.89}}, gates, {{"sop.agreement", 0.9}}).size(), 1U);
    EXPECT_EQ(missed_gates({{"sop.false_fails", 0.06}}, gates, {}).size(), 1U);
}

TEST(Gates, RegressionIsSignificantOnly) {
    std::vector<Point> before;
    std::vector<Point> now;
    for (int i = 0; i < 40; ++i) {
        const auto call = std::to_string(i);
        before.push_back({call, "en", "dev", "escalation", "no", "no", ""});
        now.push_back({call, "en", "dev", "escalation", "no", i < 10 ? "yes" : "no", ""});
    }
    EXPECT_EQ(regressions(before, now).size(), 1U);
    EXPECT_TRUE(regressions(before, before).empty());
    auto one_off = before;
    one_off[0].got = "yes"; // may be chance
    EXPECT_TRUE(regressions(before, one_off).empty());
}

TEST(Report, HidesMissesOfOtherSplits) {
    const auto points = judged({{"a", AnswerState::fail}, {"b", AnswerState::pass}});
    const auto text = misses_text(points, false);
    EXPECT_NE(text.find("a question:greeting: expected pass, got fail"), std::string::npos);
    EXPECT_EQ(text.find("b question:greeting"), std::string::npos);
    EXPECT_NE(text.find("check: "), std::string::npos);
    EXPECT_NE(misses_text(points, true).find("b question:greeting"), std::string::npos);
}

TEST(Report, IsItsOwnBaseline) {
    const auto points = judged({{"a", AnswerState::pass}, {"b", AnswerState::fail}});
    const auto baseline = read_baseline(report_json(table_of(points), points, true));
    ASSERT_TRUE(baseline.has_value());
    EXPECT_EQ(baseline->points.size(), points.size());
    EXPECT_DOUBLE_EQ(baseline->measures.at("sop.agreement"), 1.0);
    EXPECT_NE(flips_text(*baseline, *baseline).find("0 of "), std::string::npos);
    EXPECT_FALSE(read_baseline(json::object{}).has_value());
}

TEST(WordErrors, IgnoreCasePunctuationAndTheWayNumbersAreWritten) {
    const auto call = [](const char* text) {
        Transcript transcript;
        Turn turn;
        turn.role = Role::agent;
        turn.text = text;
        interpolate_words(turn);
        transcript.turns.push_back(turn);
        return transcript;
    };
    const auto same = word_errors(call("Slot 96, please!"), call("slot ninety six please"));
    EXPECT_EQ(same.errors, 0);
    EXPECT_EQ(same.words, 3);
    EXPECT_EQ(word_errors(call("one two three"), call("one three")).errors, 1);
    EXPECT_EQ(word_errors(call("red green blue"), call("")).errors, 3);
}

} // namespace
} // namespace hs::analysis
