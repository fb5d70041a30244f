#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.hpp"
#include "pipeline/insights.hpp"

namespace hs::pipeline {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t words(const std::string& text) {
    std::size_t count = 0;
    for (const auto part : split(text, ' '))
        count += part.empty() ? 0 : 1;
    return count;
}

JudgedCall call_with(std::string code, std::string better = "It will be done by Monday.") {
    JudgedCall call;
    call.deviations = {{.code = std::move(code), .should_have_said = std::move(better)}};
    return call;
}

AgentPicture picture() {
    AgentPicture picture{.month = "2026-11"};
    picture.now = {.calls = 3, .analysed = 3, .escalated = 1, .quality = 7832, .sop = 7000};
    picture.before = {.calls = 2, .analysed = 2, .quality = 7500, .sop = 7400};
    picture.calls = {call_with("vague_resolution"), call_with("vague_resolution"), JudgedCall{}};
    return picture;
}

TEST(InsightTemplates, MonthTellsFiguresRepetitionAndFocus) {
    auto three = picture();
    for (auto& call : three.calls)
        call.answers = {{.title = "Greeting", .passed = true},
                        {.title = "Closing", .passed = false}};
    const auto texts = template_writer().write(three);
    ASSERT_TRUE(texts);
    EXPECT_EQ(*texts->month,
              "3 calls, quality 0.78 (+0.03). Strong: Greeting. Repeated: vague resolution in 2 "
              "calls. Flagged: 1 call. Focus: say “It will be done by Monday.”.");
}

TEST(InsightTemplates, ChangeComparesTheShownNumbers) {
    auto changed = picture();
    changed.earlier_calls = {call_with("no_greeting"), call_with("no_greeting")};
    const auto texts = template_writer().write(changed);
    EXPECT_EQ(
        *texts->change,
        "Quality 0.75 to 0.78 (+0.03), process 0.74 to 0.70 (-0.04). Calls 2 to 3. Flagged 0% "
        "to 33%. New: vague resolution. Gone: no greeting.");
}

TEST(InsightTemplates, NothingBeforeMeansNoComparison) {
    auto alone = picture();
    alone.before = {};
    const auto texts = template_writer().write(alone);
    EXPECT_THAT(*texts->month, HasSubstr("quality 0.78. "));
    EXPECT_EQ(*texts->change, "3 calls, none in the 30 days before to compare with.");
    EXPECT_EQ(*texts->overall,
              "{name}: 3 calls in the last 30 days, quality 0.78. No earlier month on record to "
              "compare with.");
}

TEST(InsightTemplates, OverallLooksBackOverTheMonthsOnRecord) {
    auto long_known = picture();
    long_known.record = {{"2026-10", 8100}, {"2026-09", std::nullopt}, {"2026-08", 7000}};
    EXPECT_EQ(*template_writer().write(long_known)->overall,
              "{name}: 3 calls in the last 30 days, quality 0.78. 3 months on record: quality 0.70 "
              "in 2026-08, 0.78 in 2026-11 (+0.08). Best: 0.81 in 2026-10.");
    long_known.record = {{"2026-10", 7100}};
    EXPECT_THAT(*template_writer().write(long_known)->overall, HasSubstr("best month so far"));
}

TEST(InsightTemplates, UnanalysedCallsHaveNoQuality) {
    AgentPicture waiting{.month = "2026-11"};
    waiting.now = {.calls = 4, .analysed = 0};
    waiting.before = {.calls = 1, .analysed = 1, .quality = 5000};
    const auto texts = template_writer().write(waiting);
    EXPECT_EQ(*texts->month, "4 calls, 0 analysed, no quality score yet.");
    EXPECT_EQ(*texts->change, "Calls 1 to 4.");
}

TEST(InsightTemplates, LongInputsKeepTheWordLimits) {
    std::string long_text;
    for (int i = 0; i < 300; ++i)
        long_text += "word ";
    auto picture_of_many = picture();
    picture_of_many.calls.clear();
    picture_of_many.earlier_calls.clear();
    for (int i = 0; i < 50; ++i) {
        auto call =
            call_with("a_very_long_code_of_many_words_number_" + std::to_string(i % 5), long_text);
        call.remark = long_text;
        call.answers = {{.title = long_text, .passed = true}};
        picture_of_many.calls.push_back(call);
        call.deviations.front().code = "another_code_of_the_days_before_" + std::to_string(i % 5);
        picture_of_many.earlier_calls.push_back(call);
    }
    const auto agent = template_writer().write(picture_of_many);
    EXPECT_LE(words(*agent->month), 100U);
    EXPECT_LE(words(*agent->change), 50U);
    CityPicture city{.month = "2026-11"};
    city.now = city.today = picture_of_many.now;
    city.calls = city.calls_today = picture_of_many.calls;
    city.issues = city.issues_today = {{long_text, 40}};
    const auto texts = template_writer().write(city);
    for (const auto& text : {texts->daily, texts->month, texts->overall, texts->focus})
        EXPECT_LE(words(*text), 100U);
}

TEST(InsightTemplates, RisksAreTheMostFrequentDeviationsAtMostTen) {
    CityPicture city{.month = "2026-11"};
    city.now = {.calls = 30, .analysed = 30};
    for (int code = 0; code < 12; ++code) {
        for (int i = 0; i < 2 + code; ++i)
            city.calls.push_back(call_with("code_" + std::string(1, char('a' + code))));
    }
    city.calls.push_back(call_with("seen_once"));
    const auto texts = template_writer().write(city);
    ASSERT_EQ(texts->risks.size(), 10U);
    EXPECT_EQ(texts->risks.front(), "Code l in 13 of 91 calls");
    EXPECT_THAT(texts->risks, Not(::testing::Contains(HasSubstr("once"))));
}

TEST(InsightTemplates, FocusIsMadeOnlyWhenWanted) {
    CityPicture city{.month = "2026-11"};
    city.now = {.calls = 2, .analysed = 2};
    city.calls = {call_with("no_greeting", "Good morning."),
                  call_with("no_greeting", "Good morning.")};
    city.calls[0].agent = AgentId{Uuid::random()};
    city.calls[1].agent = AgentId{Uuid::random()};
    EXPECT_EQ(*template_writer().write(city)->focus,
              "No greeting in 2 calls. No greeting came from 2 agents. Practise: “Good morning.”.");
    city.focus_wanted = false;
    EXPECT_FALSE(template_writer().write(city)->focus);
}

TEST(InsightTemplates, AdviceOfOneCallIsNotQuoted) {
    auto three = picture();
    three.calls = {call_with("no_greeting", "marker of one call"),
                   call_with("no_greeting", "Good day."),
                   call_with("no_greeting", "Good day.")};
    EXPECT_THAT(*template_writer().write(three)->month, HasSubstr("Focus: say “Good day.”."));
    three.calls.pop_back();
    for (auto& call : three.calls)
        call.answers = {{.title = "Closing", .passed = false}};
    const auto month = *template_writer().write(three)->month;
    EXPECT_THAT(month, HasSubstr("Focus: Closing, failed in 2 calls."));
    EXPECT_THAT(month, Not(HasSubstr("marker")));
}

TEST(InsightAge, TextsAreGoodForAnHour) {
    const Time now{std::chrono::hours(1000)};
    const auto age = [&](auto made, auto asked) {
        return InsightAge{.made = now - made, .asked = now - asked, .now = now};
    };
    EXPECT_TRUE(still_fresh(age(59min, 0s), false));
    EXPECT_FALSE(still_fresh(age(60min, 0s), false));
    EXPECT_FALSE(still_fresh(age(59min, 0s), true));
    // Made by another request while this one waited for the lock.
    EXPECT_TRUE(still_fresh(age(1s, 2s), true));
    EXPECT_FALSE(still_fresh({.made = std::nullopt, .asked = now, .now = now}, false));
}

TEST(InsightTexts, LimitCutsAtSentences) {
    EXPECT_EQ(limited_words("One two. Three four.", 4), "One two. Three four.");
    EXPECT_EQ(limited_words("One two. Three four five.", 4), "One two.");
    EXPECT_EQ(limited_words("one two three", 2), "one two…");
    EXPECT_EQ(limited_words("  one   two ", 5), "one two");
}

TEST(InsightTexts, NameIsPutInOnce) {
    EXPECT_EQ(with_name("{name}: 3 calls", "{name} Rao"), "{name} Rao: 3 calls");
    EXPECT_EQ(with_name("3 calls", "Asha"), "3 calls");
}

TEST(InsightHistory, OneEntryAMonthNewestFirstAtMost24) {
    json::array history;
    for (int i = 0; i < 30; ++i) {
        const auto month = std::to_string(2024 + i / 12) + "-" + std::to_string(10 + i % 12);
        history = with_entry(history, {{"month", month}, {"insight", i}, {"kept", true}});
    }
    EXPECT_EQ(history.size(), 24U);
    EXPECT_EQ(history.front().at("insight"), 29);
    EXPECT_EQ(history.back().at("insight"), 6);
    const auto month = history.front().at("month");
    history = with_entry(history, {{"month", month}, {"insight", "again"}});
    EXPECT_EQ(history.size(), 24U);
    EXPECT_EQ(history.front().at("insight"), "again");
    EXPECT_EQ(history.at(1).at("insight"), 28);
    EXPECT_EQ(history.at(1).at("kept"), true);
}

TEST(InsightHistory, OddEntriesArePassedOver) {
    const auto parsed = parse_json(
        R"([7, {"month": 3}, {"month": "2026-10", "overall_score": 0.81234}, {"month": "2026-11"},
            {"month": "2026-09", "overall_score": "high"}])");
    const auto months = months_of(parsed->as_array(), "2026-11");
    ASSERT_EQ(months.size(), 2U);
    EXPECT_EQ(months[0].month, "2026-10");
    EXPECT_EQ(months[0].quality, 8123);
    EXPECT_FALSE(months[1].quality);
}

} // namespace
} // namespace hs::pipeline
