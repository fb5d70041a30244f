#include <gtest/gtest.h>

#include "analysis/rules/rule_test_support.hpp"

namespace hs::analysis {
namespace {

using namespace rule_test;

struct Case {
    const char* expression;
    Lines lines;
    bool holds;
    const char* quotes = nullptr;
};

class Expression : public testing::TestWithParam<Case> {};

TEST_P(Expression, HoldsOrNot) {
    const auto heard = hear(GetParam().expression, GetParam().lines);
    EXPECT_EQ(heard.error, "");
    EXPECT_EQ(heard.truth, GetParam().holds ? Truth::yes : Truth::no) << GetParam().expression;
    if (GetParam().quotes != nullptr) {
        EXPECT_EQ(heard.quotes, GetParam().quotes);
    }
}

const Lines short_call = {{agent, "Welcome to Swift Volt, this is Ritika."},
                          {customer, "I want my money back today"},
                          {agent, "Okay."},
                          {agent, "We cannot do that, the policy says five to seven working days."},
                          {customer, "Let me talk to your manager"},
                          {agent, "Sorry sir, the manager is not available. Anything else?"}};

TEST(Language, HindiMeansBothScriptsAndATagWithScriptOnlyItself) {
    auto call = call_of({{customer, "mere paise wapas chahiye"}});
    call.turns.front().language = "hi-Latn";
    const auto text = tokenise(call);
    const auto holds = [&](const char* expression) {
        auto book = book_of("{lists: {}, rules: []}");
        const auto id = book.add_expression(expression);
        RuleRun run(book, {call, text, nullptr, nullptr, {}, nullptr});
        return run.evaluate(*id).truth == Truth::yes;
    };
    EXPECT_TRUE(holds("[lang hi] \"paise\""));
    EXPECT_TRUE(holds("[lang hi-Latn] \"paise\""));
    EXPECT_FALSE(holds("[lang h] \"paise\""));
    EXPECT_FALSE(holds("[lang en] \"paise\""));
}

INSTANTIATE_TEST_SUITE_P(
    Strings,
    Expression,
    testing::Values(
        Case{"\"money back\"", short_call, true, "money back"},
        Case{"\"money|cash back|return\"", short_call, true},
        Case{"\"back money\"", short_call, false},
        Case{"\"want back\"/2", short_call, true, "want my money back"},
        Case{"\"want back\"/1", short_call, false},
        Case{"\"want my? money\"", short_call, true, "want my money"},
        Case{"\"want my? own? money\"", short_call, true},
        Case{"\"my _ back\"", short_call, true, "my money back"},
        Case{"\"wel* to\"", short_call, true, "Welcome to"},
        Case{"\"~says\"", {{agent, "the policy said so, I am saying"}}, true, "saying"},
        Case{"\"%fone\"", {{agent, "your phone please"}}, true, "phone"},
        Case{"\"=phone\"", {{agent, "your Phone please"}}, true, "Phone"},
        Case{"\"=fone\"", {{agent, "your phone please"}}, false},
        Case{"\"[num] to [num] working days\"", short_call, true, "five to seven working days."},
        Case{"\"[duration]\"", {{agent, "in half an hour"}}, true, "half an hour"},
        Case{"\"[num:4..6]\"",
             {{customer, "it is double four two one"}},
             true,
             "double four two one"},
        Case{"\"[num:4..6]\"", {{customer, "it is double four two"}}, false},
        Case{"\"[amount]\"", {{agent, "Rs. 1,499 only"}}, true, "Rs. 1,499"},
        Case{"\"[amount]\"", {{agent, "do sau rupaye wapas"}}, true, "do sau rupaye"},
        Case{"\"by [time]\"", {{agent, "by 5 pm"}}, true, "by 5 pm"},
        Case{"\"[date]\"", {{agent, "on 12th March"}}, true, "12th March"},
        Case{"\"[email]\"", {{agent, "write to help@volt.in now"}}, true, "help@volt.in"},
        Case{"\"[phone]\"", {{customer, "98765 43210"}}, true, "98765 43210"},
        Case{"\"one hundred percent\"", {{agent, "100% guarantee"}}, true},
        Case{"\"otp\"", {{agent, "the O T P please"}}, true, "O T P"},
        Case{"\"o t p\"", {{agent, "the OTP please"}}, true, "OTP"},
        Case{"\"kripya bataiye\"", {{agent, "कृपया बताइए"}}, true, "कृपया बताइए"},
        Case{"\"शिकायत\"", {{customer, "meri shikayat likhiye"}}, true, "shikayat"},
        Case{"\"money back policy\"/8", short_call, false}));

INSTANTIATE_TEST_SUITE_P(
    Scopes,
    Expression,
    testing::Values(Case{"[agent] \"money\"", short_call, false},
                    Case{"[customer] \"money\"", short_call, true},
                    Case{"[agent, first 2 turns] \"sorry\"", short_call, false},
                    Case{"[first 1 turn, agent] \"welcome\"", short_call, true},
                    Case{"[agent, last 1 turn] \"anything else\"", short_call, true},
                    Case{"[agent, last 1 turn] \"policy\"", short_call, false},
                    Case{"[agent] ([turns 3..3] \"policy\")", short_call, true},
                    Case{"[first 8 s] \"money\"", short_call, true},
                    Case{"[first 4 s] \"money\"", short_call, false},
                    Case{"[last 4 s] \"sorry\"", short_call, true},
                    Case{"[0%..50%] \"manager\"", short_call, false},
                    Case{"[last 50%] \"manager\"", short_call, true},
                    Case{"[4 s..8 s] \"money\"", short_call, true},
                    Case{"[unknown] \"money\"", short_call, false},
                    Case{"[any] \"money\"", short_call, true},
                    Case{"[question] \"anything else\"", short_call, true},
                    Case{"[question] \"sorry\"", short_call, false},
                    Case{"[lang hi] \"money\"", short_call, false},
                    Case{"[negated ok] \"do that\"", short_call, true},
                    Case{"\"do that\"", short_call, false},
                    Case{"[negated only] \"do that\"", short_call, true},
                    Case{"[negated only] \"money\"", short_call, false}));

INSTANTIATE_TEST_SUITE_P(
    Logic,
    Expression,
    testing::Values(
        Case{"true and not false", short_call, true},
        Case{"\"money\" and \"manager\"", short_call, true, "money / manager / manager"},
        Case{"\"money\" and \"refund\"", short_call, false},
        Case{"\"money\" or \"refund\"", short_call, true, "money"},
        Case{"not \"refund\"", short_call, true, ""},
        Case{"not [customer] \"refund\" and \"money\"", short_call, true, "money"},
        Case{"\"a\" or \"money\" and \"refund\"", short_call, false},
        Case{"count(\"manager\") = 2", short_call, true},
        Case{"count(\"manager\" or \"money\") > 3", short_call, false},
        Case{"\"want\" near/1 \"money\"", short_call, true, "want my money"},
        Case{"\"money\" near/1 \"want\"", short_call, true, "want my money"},
        Case{"\"want\" near/0 \"money\"", short_call, false},
        Case{"\"money\" before/5 \"want\"", short_call, false},
        Case{"\"want\" before/5 \"money\"", short_call, true},
        Case{"\"manager\" not near/1 \"your\"", short_call, true, "manager"},
        Case{"\"money\" not near/3 \"back\"", short_call, false},
        Case{"\"money\" same turn \"today\"", short_call, true},
        Case{"\"money\" same turn \"manager\"", short_call, false},
        Case{"[customer] \"money\" then within 20s [agent] \"[num] working days\"",
             short_call,
             true,
             "money / seven working days."},
        Case{"\"money\" then within 500 ms \"policy\"", short_call, false},
        Case{"\"policy\" then \"money\"", short_call, false},
        // "Okay." is a backchannel: the reply is the turn after it.
        Case{"[customer] \"money\" reply within 8s [agent] \"policy\"", short_call, true},
        Case{"[customer] \"money\" reply [agent] \"okay\"", short_call, false},
        Case{"\"vehicle\" reply \"[num]\"", {{agent, "vehicle?"}, {customer, "4412"}}, true},
        Case{"[customer] \"manager|supervisor|senior\" reply within 10s [agent] \"not available\"",
             short_call,
             true},
        Case{"\"money\" # the request\n and \"manager\"", short_call, true}));

TEST(Negation, SharingIsDeniedAskingIsNot) {
    const std::string asks = "[agent] (\"tell|give|share|read|send|bataiye @secret\"/6)";
    auto book = book_of("lists: {secret: [otp, cvv, {words: pin, not_before: [code]}]}");
    const auto truth = [&](const char* line) { return hear(book, asks, {{{agent, line}}}).truth; };
    EXPECT_EQ(truth("Please never share your OTP with anyone"), Truth::no);
    EXPECT_EQ(truth("Tell me the O T P"), Truth::yes);
    EXPECT_EQ(truth("Can't you tell me the OTP?"), Truth::yes);
    EXPECT_EQ(truth("Tell me your area pin code"), Truth::no);
    EXPECT_EQ(truth("Tell me your card pin"), Truth::yes);
    EXPECT_EQ(truth("kripya otp mat bataiye"), Truth::no);
    EXPECT_EQ(truth("आप ओटीपी किसी को मत बताइए"), Truth::no);
}

TEST(Negation, AnAngryCallThatIsNone) {
    const Lines call = {
        {customer, "I am not angry and I do not want to complain or go to court. Just fix it."}};
    EXPECT_EQ(hear("[customer] \"court|police\"", call).truth, Truth::no);
    EXPECT_EQ(hear("[customer] \"angry\"", call).truth, Truth::no);
    EXPECT_EQ(hear("[customer] \"court\"", {{customer, "Fix it or I go to court"}}).truth,
              Truth::yes);
}

TEST(Negation, AWordInTheGapDeniesToo) {
    EXPECT_EQ(hear("\"i have released\"/1", {{agent, "I have not released it"}}).truth, Truth::no);
    EXPECT_EQ(hear("\"i have released\"/1", {{agent, "I have just released it"}}).truth,
              Truth::yes);
    EXPECT_EQ(hear("\"not working\"", {{customer, "it is not working"}}).truth, Truth::yes);
}

TEST(Lists, AreSlotsAndAtoms) {
    auto book = book_of(R"(
lists:
  brand: [swift volt]
  greet: ["thank* for calling|choosing @brand", "good morning|evening", "how may|can we help/2"]
)");
    const Lines call = {{agent, "Good morning, thank you for calling Swift Volt"}};
    EXPECT_EQ(hear(book, "@greet", {call}).quotes, "Good morning,");
    EXPECT_EQ(hear(book, "\"calling @brand\"", {call}).quotes, "calling Swift Volt");
    const Lines other = {{agent, "how exactly may we help"}};
    EXPECT_EQ(hear(book, "@greet", {other}).truth, Truth::yes);
}

TEST(Lists, EntriesMayRefuseNeighbours) {
    auto book = book_of("lists: {x: [{words: pin, not_before: [code], not_after: [hair]}]}");
    EXPECT_EQ(hear(book, "@x", {{{agent, "the pin code"}}}).truth, Truth::no);
    EXPECT_EQ(hear(book, "@x", {{{agent, "the hair pin"}}}).truth, Truth::no);
    EXPECT_EQ(hear(book, "@x", {{{agent, "the pin"}}}).truth, Truth::yes);
}

TEST(Values, FiguresEventsAndMetadata) {
    auto book = book_of("{}");
    ConversationMetrics metrics;
    metrics.agent.wpm = 190;
    metrics.silence_ratio = 0.25;
    metrics.customer.talk_ms = 9000;
    metrics.holds.push_back({5000, 26000, true, false, 2});
    metrics.interruptions.push_back({9000, 9500, Role::agent});
    SentimentResult sentiment;
    sentiment.turn_scores = {0.0, -0.6, 0.0, 0.2, 0.5, 0.0};
    sentiment.turn_weights = {1, 1, 0, 1, 1, 1};
    const Situation call{
        short_call, false, &metrics, &sentiment, {{"queue", "swap"}, {"repeat", "3"}}};
    const auto truth = [&](const char* text) {
        const auto heard = hear(book, text, call);
        EXPECT_EQ(heard.error, "") << text;
        return heard.truth;
    };
    EXPECT_EQ(truth("metric.agent.wpm > 180"), Truth::yes);
    EXPECT_EQ(truth("metric.silence_ratio > 20 %"), Truth::yes);
    EXPECT_EQ(truth("metric.customer.talk_ms < 10 s"), Truth::yes);
    EXPECT_EQ(truth("metric.agent.wpm between 100 and 170"), Truth::no);
    EXPECT_EQ(truth("metric.customer.wpm > 1"), Truth::unknown); // not measurable
    EXPECT_EQ(truth("event(hold)"), Truth::yes);
    EXPECT_EQ(truth("event(hold) > 30 s"), Truth::no);
    EXPECT_EQ(truth("event(interruption by agent)"), Truth::yes);
    EXPECT_EQ(truth("event(interruption by customer)"), Truth::no);
    EXPECT_EQ(truth("event(overlap)"), Truth::unknown); // null for calls separated by voice
    EXPECT_EQ(truth("event(hold) and not ([agent] \"hold\" then within 15s event(hold))"),
              Truth::yes);
    EXPECT_EQ(truth("sentiment(customer) < 0"), Truth::yes);
    EXPECT_EQ(truth("[customer] sentiment_max >= 0.5"), Truth::yes);
    EXPECT_EQ(truth("sentiment_min(customer, last 1 turn) < 0"), Truth::no);
    EXPECT_EQ(truth("meta.queue = swap"), Truth::yes);
    EXPECT_EQ(truth("meta.queue in (\"other\", \"swap\")"), Truth::yes);
    EXPECT_EQ(truth("meta.queue contains \"wa\""), Truth::yes);
    EXPECT_EQ(truth("meta.repeat >= 3"), Truth::yes);
    EXPECT_EQ(truth("meta.city missing"), Truth::yes);
    EXPECT_EQ(truth("answer.verification = pass"), Truth::unknown);
}

struct Wrong {
    const char* expression;
    const char* code;
    int column;
};

class Refused : public testing::TestWithParam<Wrong> {};

TEST_P(Refused, WithCodeAndColumn) {
    auto book = book_of("lists: {known: [word]}");
    const auto id = book.add_expression(GetParam().expression, {"f.yaml", 7, 1});
    ASSERT_FALSE(id.has_value()) << GetParam().expression;
    EXPECT_EQ(id.error().code, "rule.invalid");
    const auto place =
        std::string(GetParam().code) + " f.yaml:7:" + std::to_string(GetParam().column) + " ";
    EXPECT_NE(id.error().message.find(place), std::string::npos) << id.error().message;
}

INSTANTIATE_TEST_SUITE_P(Errors,
                         Refused,
                         testing::Values(Wrong{"\"a\" and", "E01", 8},
                                         Wrong{"\"a\" \"b\"", "E01", 5},
                                         Wrong{"(\"a\"", "E01", 5},
                                         Wrong{"[agent \"a\"", "E01", 8},
                                         Wrong{"[sideways] \"a\"", "E01", 2},
                                         Wrong{"\"open", "E01", 1},
                                         Wrong{"$", "E01", 1},
                                         Wrong{"\"\"", "E01", 2},
                                         Wrong{"\"_ _\"", "E01", 2},
                                         Wrong{"\"a?\"", "E01", 2},
                                         Wrong{"\"a||b\"", "E01", 2},
                                         Wrong{"@unknown", "E02", 1},
                                         Wrong{"\"tell @unknown\"", "E02", 7},
                                         Wrong{"nobody", "E02", 1},
                                         Wrong{"event(party)", "E02", 7},
                                         Wrong{"metric.agent.height > 2", "E02", 1},
                                         Wrong{"[first 0 turns] \"a\"", "E04", 10},
                                         Wrong{"[60%..20%] \"a\"", "E04", 10},
                                         Wrong{"[turns 5..2] \"a\"", "E04", 12},
                                         Wrong{"\"a b\"/9", "E05", 8},
                                         Wrong{"\"a\" then within 20 \"b\"", "E06", 20},
                                         Wrong{"event(hold) > 20", "E06", 17},
                                         Wrong{"metric.agent.wpm > 20 s", "E06", 1},
                                         Wrong{"[first 10] \"a\"", "E06", 10},
                                         Wrong{"\"ref.*nd\"", "E08", 2},
                                         Wrong{"\"a (b)\"", "E08", 4},
                                         Wrong{"\"[a-z]\"", "E08", 2}));

} // namespace
} // namespace hs::analysis
