#include <random>

#include <gtest/gtest.h>

#include "analysis/rules/rule_test_support.hpp"
#include "analysis/rules/rulebook.hpp"

namespace hs::analysis {
namespace {

using namespace rule_test;

const std::string rules = R"(
lists:
  secret: [otp, cvv, {words: pin, not_before: [code]}]
  greet: [good morning, welcome to]
  offer: ["how may|can i help"]
rules:
  - id: privacy
    title: {en: Agent asks for a secret}
    fail: '[agent] "tell|give|share|read|send @secret"/6'
    else: pass
    anchor: last_agent_turn
    tests:
      - {agent: "Please tell me the O T P", want: fail}
      - {agent: "Please never share your OTP with anyone", want: pass}
      - {agent: "Tell me your area pin code", want: pass}
  - id: greeting
    pass: '[agent, first 2 turns] @greet and [agent, first 2 turns] @offer'
    else: fail
    anchor: first_agent_turn
  - id: empathy
    applies: '[customer, first 3 turns] "stuck|broken"'
    pass: '[agent] "sorry"'
    else: fail
  - id: safe_greeting
    pass: 'greeting and not privacy'
    else: fail
  - id: asked_after_trouble
    pass: '[agent, after empathy] "otp"'
    else: na
  - id: trouble_heard
    pass: '[customer] "stuck|broken"'
    else: fail
  - id: soon_sorry
    pass: '[agent, next 2 turns after trouble_heard] "sorry"'
    else: fail
)";

RuleResult judge(const Lines& lines,
                 std::string_view rule,
                 bool machine = false,
                 double confidence = 1,
                 double role_confidence = 1) {
    const auto book = book_of(rules);
    EXPECT_FALSE(book.has_errors()) << to_string(book.lints().at(0));
    auto call = call_of(lines, machine);
    call.role_confidence = role_confidence;
    for (auto& turn : call.turns)
        for (auto& word : turn.words)
            word.confidence = confidence;
    const auto text = tokenise(call);
    RuleRun run(book, {call, text, nullptr, nullptr, {}, nullptr});
    return run.result(rule);
}

const Lines good = {{agent, "Good morning, how may I help?"},
                    {customer, "My scooter is stuck"},
                    {agent, "I am sorry to hear that."}};

TEST(Rules, PassQuotesWhatWasSaid) {
    const auto result = judge(good, "greeting");
    EXPECT_EQ(result.result, RuleOutcome::pass);
    EXPECT_EQ(result.deciding, DecidedBy::pass);
    ASSERT_EQ(result.evidence.size(), 2U);
    EXPECT_EQ(result.evidence[0].quote, "Good morning,");
    EXPECT_EQ(result.evidence[1].quote, "how may I help?");
    EXPECT_EQ(result.evidence[1].word_from, 2);
    EXPECT_EQ(result.evidence[1].turn, 1);
    EXPECT_EQ(result.evidence[0].kind, EvidenceKind::said);
}

TEST(Rules, OmissionCitesTheAnchorAndTheWindow) {
    const auto result = judge({{agent, "Yes?"}, {customer, "hi"}, {agent, "What?"}}, "greeting");
    EXPECT_EQ(result.result, RuleOutcome::fail);
    EXPECT_EQ(result.deciding, DecidedBy::otherwise);
    ASSERT_EQ(result.evidence.size(), 1U);
    EXPECT_EQ(result.evidence[0].kind, EvidenceKind::absence);
    EXPECT_EQ(result.evidence[0].quote, "Yes?");
    EXPECT_EQ(result.searched.turn_from, 1);
    EXPECT_EQ(result.searched.turn_to, 3);
    EXPECT_EQ(result.searched.words, 2);
}

TEST(Rules, CleanPassCitesTheLastAgentTurn) {
    const auto result = judge(good, "privacy");
    EXPECT_EQ(result.result, RuleOutcome::pass);
    ASSERT_EQ(result.evidence.size(), 1U);
    EXPECT_EQ(result.evidence[0].quote, "I am sorry to hear that.");
    EXPECT_EQ(result.evidence[0].kind, EvidenceKind::absence);
}

TEST(Rules, NotApplicableWithoutItsTrigger) {
    EXPECT_EQ(judge({{customer, "hello"}, {agent, "hello"}}, "empathy").result, RuleOutcome::na);
    const auto missed = judge({{customer, "it is stuck"}, {agent, "so?"}}, "empathy");
    EXPECT_EQ(missed.result, RuleOutcome::fail);
    EXPECT_EQ(missed.evidence.at(0).quote, "stuck"); // the trigger is the anchor
    EXPECT_EQ(missed.evidence.at(0).turn, 1);
}

TEST(Rules, ReferToEachOther) {
    EXPECT_EQ(judge(good, "safe_greeting").result, RuleOutcome::pass);
    auto asking = good;
    asking.emplace_back(agent, "Read me the OTP");
    EXPECT_EQ(judge(asking, "safe_greeting").result, RuleOutcome::fail);
    EXPECT_EQ(judge(asking, "asked_after_trouble").result, RuleOutcome::pass);
    EXPECT_EQ(
        judge({{agent, "the otp"}, {customer, "stuck"}, {agent, "sorry"}}, "asked_after_trouble")
            .result,
        RuleOutcome::na);
}

TEST(Rules, NextTurnsCountFromTheTurnBehindARule) {
    const auto outcome = [](const Lines& lines) { return judge(lines, "soon_sorry").result; };
    const Lines early = {{agent, "sorry"}, {customer, "stuck"}, {agent, "one"}, {agent, "two"}};
    EXPECT_EQ(outcome(early), RuleOutcome::fail); // said before, not after
    auto second = early;
    second[3] = {agent, "so sorry"};
    EXPECT_EQ(outcome(second), RuleOutcome::pass);
    auto third = early;
    third.emplace_back(agent, "so sorry");
    EXPECT_EQ(outcome(third), RuleOutcome::fail);
    EXPECT_EQ(outcome({{agent, "sorry"}, {customer, "fine"}}), RuleOutcome::fail);
}

TEST(Truth, WeakSpeechNeverAccuses) {
    const Lines silent = {{agent, "Yes?"}, {customer, "it is stuck"}, {agent, "fine then"}};
    EXPECT_EQ(judge(silent, "greeting", true, 0.9).result, RuleOutcome::fail);
    EXPECT_EQ(judge(silent, "greeting", true, 0.4).result, RuleOutcome::uncertain);
    EXPECT_EQ(judge(silent, "privacy", true, 0.4).result, RuleOutcome::uncertain);
    EXPECT_EQ(judge(good, "greeting", true, 0.4).result, RuleOutcome::pass); // heard is heard
    EXPECT_EQ(judge(good, "greeting", true, 0.3).result, RuleOutcome::uncertain);
}

// A guard looks at the words beside a phrase: whether they were heard is known even when much else
// was not.
TEST(Truth, AGuardIsAbsentWhereItsWordsWereHeard) {
    const auto book = book_of(R"(
lists: {}
rules:
  - {id: legal, pass: "[customer] \"court\" not near/3 \"tennis\"", else: fail}
  - {id: whole_call, pass: "[customer] \"court\" and not [customer] \"tennis\"", else: fail})");
    auto call = call_of({{customer, "i will see you in court tomorrow"}}, true);
    call.low_confidence = true;
    const auto outcome = [&](const char* rule) {
        const auto text = tokenise(call);
        return RuleRun(book, {call, text, nullptr, nullptr, {}, nullptr}).result(rule).result;
    };
    EXPECT_EQ(outcome("legal"), RuleOutcome::pass);
    EXPECT_EQ(outcome("whole_call"), RuleOutcome::uncertain); // may have been said unheard
    auto& words = call.turns.at(0).words;
    words.at(words.size() - 1).confidence = 0.3; // "tomorrow" may be anything
    EXPECT_EQ(outcome("legal"), RuleOutcome::uncertain);
}

TEST(Truth, UncertainRolesNeverAccuse) {
    const Lines asking = {{agent, "Read me the OTP"}, {customer, "no"}};
    EXPECT_EQ(judge(asking, "privacy", false, 1, 0.9).result, RuleOutcome::fail);
    EXPECT_EQ(judge(asking, "privacy", false, 1, 0.6).result, RuleOutcome::uncertain);
    EXPECT_EQ(judge(good, "greeting", false, 1, 0.6).result, RuleOutcome::pass);
}

TEST(Truth, MisheardWordsMatchOnlyInMachineTranscripts) {
    auto book = book_of("lists: {secret: [password]}");
    const std::string rule = "\"registered number\"";
    const Lines misheard = {{agent, "your registerd number"}};
    EXPECT_EQ(hear(book, rule, {misheard, true}).truth, Truth::yes);
    EXPECT_EQ(hear(book, rule, {misheard, false}).truth, Truth::no);
    const Lines near_secret = {{agent, "the passward"}};
    EXPECT_EQ(hear(book, "@secret", {near_secret, true}).truth, Truth::no);
}

TEST(Truth, SpottedPhraseConfirmsButNeverRefutes) {
    const auto book = book_of(rules);
    auto call = call_of({{agent, "gut warning to you"}, {customer, "hello"}}, true);
    call.low_confidence = true;
    const auto text = tokenise(call);
    std::vector<SpottedPhrase> spotted = {{"good morning", agent, 100, 900, 0.6},
                                          {"how may i help", agent, 1000, 2000, 0.6}};
    const auto outcome = [&] {
        RuleRun run(book, {call, text, nullptr, nullptr, {}, &spotted});
        return run.result("greeting");
    };
    EXPECT_EQ(outcome().result, RuleOutcome::pass);
    EXPECT_EQ(outcome().evidence.at(0).verified, "repaired");
    spotted[0].confidence = 0.4; // the turn is too uncertain
    EXPECT_EQ(outcome().result, RuleOutcome::uncertain);
    spotted[0] = {"good morning", customer, 4100, 4900, 0.9};
    EXPECT_EQ(outcome().result, RuleOutcome::uncertain);
}

TEST(Answers, OfEarlierQuestions) {
    auto book = book_of("{}");
    const auto id = book.add_expression("answer.verification != na and answer.mood = angry");
    ASSERT_TRUE(id.has_value());
    const auto call = call_of({{agent, "hello"}});
    const auto text = tokenise(call);
    RuleRun run(book, {call, text, nullptr, nullptr, {}, nullptr});
    EXPECT_EQ(run.evaluate(*id).truth, Truth::unknown);
    run.set_answer("verification", "pass");
    run.set_answer("mood", "pass", "angry");
    EXPECT_EQ(run.evaluate(*id).truth, Truth::yes);
    run.set_answer("verification", "na");
    EXPECT_EQ(run.evaluate(*id).truth, Truth::no);
}

TEST(Answers, ChangeTheRulesThatRestOnThem) {
    const auto book = book_of(R"(
lists: {}
rules:
  - {id: greets, pass: "[agent] \"hello\"", else: fail}
  - {id: asked, pass: "greets and answer.verification = pass", else: fail}
  - {id: both, pass: "greets and asked", else: fail})");
    const auto call = call_of({{agent, "hello"}, {customer, "hello"}});
    const auto text = tokenise(call);
    RuleRun run(book, {call, text, nullptr, nullptr, {}, nullptr});
    EXPECT_EQ(run.result("greets").result, RuleOutcome::pass);
    EXPECT_EQ(run.result("both").result, RuleOutcome::uncertain);
    run.set_answer("verification", "pass");
    EXPECT_EQ(run.result("greets").result, RuleOutcome::pass);
    EXPECT_EQ(run.result("asked").result, RuleOutcome::pass);
    EXPECT_EQ(run.result("both").result, RuleOutcome::pass);
    run.set_answer("verification", "fail");
    EXPECT_EQ(run.result("asked").result, RuleOutcome::fail);
    EXPECT_EQ(run.result("both").result, RuleOutcome::fail);
}

TEST(Answers, MoodsThatBecameKnownCount) {
    const auto book = book_of(R"(
lists: {}
rules:
  - {id: angry, pass: "sentiment_min(customer) <= -0.25", else: fail}
  - {id: leaves, pass: "angry and [customer] \"bye\"", else: fail})");
    const auto call = call_of({{customer, "bye"}});
    const auto text = tokenise(call);
    SentimentResult mood;
    RuleRun run(book, {call, text, nullptr, &mood, {}, nullptr});
    EXPECT_EQ(run.result("leaves").result, RuleOutcome::fail);
    mood.turn_scores = {-0.9};
    mood.turn_weights = {1.0};
    run.set_answer("any", "pass");
    EXPECT_EQ(run.result("leaves").result, RuleOutcome::pass);
}

TEST(Evidence, RelationAcrossTurnsQuotesBoth) {
    auto book = book_of("{}");
    const auto id = book.add_expression("[customer] \"refund\" then [agent] \"working days\"");
    const auto call = call_of({{customer, "i want a refund now"}, {agent, "in five working days"}});
    const auto text = tokenise(call);
    RuleRun run(book, {call, text, nullptr, nullptr, {}, nullptr});
    const auto result = run.evaluate(*id);
    ASSERT_EQ(result.spans.size(), 1U);
    const auto quotes = run.evidence(result.spans[0]);
    ASSERT_EQ(quotes.size(), 2U);
    EXPECT_EQ(quotes[0].quote, "refund");
    EXPECT_EQ(quotes[1].quote, "working days");
    EXPECT_EQ(quotes[1].turn, 2);
}

// --- lint ----------------------------------------------------------------------------------------

std::string first_lint(const std::string& yaml, std::string_view code) {
    std::vector<Lint> shape;
    const auto book = book_of(yaml, &shape);
    for (const auto& lints : {shape, book.lints(), book.run_tests()})
        for (const auto& lint : lints)
            if (lint.code == code) return to_string(lint);
    return {};
}

TEST(Lint, PointsAtTheText) {
    EXPECT_TRUE(first_lint("rules:\n  - id: a\n    pass: '[agent] \"x\" and'\n", "E01")
                    .starts_with("error E01 test.yaml:3:"));
    EXPECT_TRUE(first_lint("rules:\n  - id: a\n    pass: '[agent] @gone'\n", "E02")
                    .starts_with("error E02 test.yaml:3:20 no list is called @gone"));
    EXPECT_TRUE(first_lint("lists:\n  x:\n    - good\n    - 'b.*d'\n", "E08")
                    .starts_with("error E08 test.yaml:4:8 "));
    EXPECT_TRUE(first_lint("rules: [{id: a, surprise: 1}]", "E01")
                    .starts_with("error E01 test.yaml:1:17 a rule has no field surprise"));
}

TEST(Lint, FindsCycles) {
    EXPECT_NE(first_lint("rules: [{id: a, pass: b}, {id: b, pass: a}]", "E03"), "");
    EXPECT_NE(first_lint("rules: [{id: a, pass: '[after a] \"x\"'}]", "E03"), "");
    EXPECT_NE(first_lint("lists: {a: ['x @b'], b: ['y @a']}", "E03"), "");
    // A rule in a circle stays answerable: uncertain.
    const auto book = book_of("rules: [{id: a, pass: b}, {id: b, pass: a}]");
    const auto call = call_of({{agent, "hello"}});
    const auto text = tokenise(call);
    RuleRun run(book, {call, text, nullptr, nullptr, {}, nullptr});
    EXPECT_EQ(run.result("a").result, RuleOutcome::uncertain);
    EXPECT_EQ(run.result("nobody").result, RuleOutcome::uncertain);
}

TEST(Lint, RunsEmbeddedTests) {
    const auto book = book_of(rules);
    EXPECT_EQ(book.test_count(), 3U);
    EXPECT_TRUE(book.run_tests().empty());
    EXPECT_TRUE(first_lint("rules:\n  - id: a\n    pass: '\"hello\"'\n    else: fail\n    tests:\n"
                           "      - {agent: hello, want: fail}\n",
                           "E07")
                    .starts_with("error E07 test.yaml:6:9 test of a: wanted fail, got pass"));
}

TEST(Lint, Warns) {
    EXPECT_NE(first_lint("rules: [{id: a, pass: '\"the|you\"'}]", "W01"), "");
    EXPECT_EQ(first_lint("rules: [{id: a, pass: '[agent] \"the|you\"'}]", "W01"), "");
    EXPECT_NE(first_lint("lists: {a: [hello, hello]}", "W02"), "");
    EXPECT_NE(first_lint("rules: [{id: a, pass: '\"hello there\"'}]", "W03"), "");
    EXPECT_EQ(first_lint("rules: [{id: a, pass: '\"hello|नमस्ते there\"'}]", "W03"), "");
    EXPECT_NE(first_lint("rules: [{id: a, pass: '\"hello there\"', else: fail}]", "W05"), "");
}

TEST(Lint, AnyTextIsRefusedOrCompiled) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::vector<std::string> pieces = {"\"",          "a",        "b|c",
                                             "?",           "*",        "@x",
                                             "[",           "]",        "agent",
                                             "first",       "2",        "turns",
                                             ",",           "(",        ")",
                                             "and",         "or",       "not",
                                             "near/3",      "then",     "within",
                                             "5s",          "count(",   ") >",
                                             "event(hold)", "/2",       "metric.agent.wpm",
                                             "%",           "..",       "sentiment",
                                             "<",           "-0.5",     "meta.x",
                                             "in",          "=",        "#",
                                             "\n",          "~",        "_",
                                             "[num]",       "\xE0\xA4", "before",
                                             "x",           "true",     "lang",
                                             "answer.q",    "between"};
    for (int round = 0; round < 3000; ++round) {
        auto book = book_of("{lists: {x: [good day]}, rules: [{id: x, pass: '@x'}]}");
        std::string text;
        const auto count = 1 + random() % 14;
        for (std::size_t i = 0; i < count; ++i)
            text += pieces[random() % pieces.size()] + (random() % 3 == 0 ? "" : " ");
        const auto id = book.add_expression(text);
        if (!id) {
            EXPECT_EQ(id.error().code, "rule.invalid");
            continue;
        }
        const auto call = call_of({{agent, "a good day x 5"}, {customer, "b a"}});
        const auto tokens = tokenise(call);
        RuleRun run(book, {call, tokens, nullptr, nullptr, {}, nullptr});
        for (const auto& span : run.evaluate(*id).spans)
            EXPECT_FALSE(run.evidence(span).empty()) << text;
    }
}

} // namespace
} // namespace hs::analysis
