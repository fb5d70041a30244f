#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "analysis/judge.hpp"
#include "analysis/judging/pack.hpp"
#include "analysis/reference_shapes.hpp"
#include "analysis/transcript_json.hpp"
#include "base/files.hpp"

namespace hs::analysis {
namespace {

const std::string source_dir = HS_SOURCE_DIR;

const Judge& judge() {
    static const auto loaded = Judge::load(source_dir + "/scorecards", "battery-swap-support", 1);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return *loaded;
}

/// A call from lines "agent: …" and "customer: …", two seconds a line and one between.
GivenCall spoken(const std::vector<std::pair<Role, std::string>>& lines,
                 const std::string& category = "Battery Swap Failure") {
    GivenCall call;
    call.transcript.language = "en";
    call.transcript.engine = "reference";
    int at = 0;
    for (const auto& [role, text] : lines) {
        Turn turn;
        turn.index = static_cast<int>(call.transcript.turns.size()) + 1;
        turn.role = role;
        turn.speaker = to_string(role);
        turn.start_ms = at;
        turn.end_ms = at + 2000;
        turn.text = text;
        turn.language = "en";
        interpolate_words(turn);
        at += 3000;
        call.transcript.turns.push_back(std::move(turn));
    }
    call.transcript.duration_ms = at;
    call.context.issue_category = category;
    return call;
}

constexpr auto agent = Role::agent;
constexpr auto customer = Role::customer;

const Answer& answer(const Judgement& judgement, std::string_view id) {
    for (const auto& found : judgement.evaluation.answers) {
        if (found.question_id == id) return found;
    }
    throw std::runtime_error("no such answer");
}

std::vector<GivenCall> bundled_calls() {
    std::vector<GivenCall> calls;
    for (const char* file : {"manifest.json", "transcripts.json"}) {
        const auto text = read_file(source_dir + "/tests/data/corpus/" + file);
        const auto document = parse_json(*text);
        for (const auto& item : document->as_object().at("calls").as_array()) {
            if (!item.at("transcript").as_array().empty()) calls.push_back(*read_given_call(item));
        }
    }
    return calls;
}

std::string words_of(const Turn& turn, int from, int to) {
    std::string out;
    for (int i = from; i <= to && i < static_cast<int>(turn.words.size()); ++i)
        out += (out.empty() ? "" : " ") + turn.words[static_cast<std::size_t>(i)].text;
    return out;
}

TEST(Pack, EmbeddedTestsPass) {
    const auto pack = load_pack(source_dir + "/scorecards", "battery-swap-support", 1);
    ASSERT_TRUE(pack) << pack.error().message;
    EXPECT_GT(pack->book.test_count(), 40U);
    for (const auto& lint : pack->book.run_tests())
        ADD_FAILURE() << to_string(lint);
}

TEST(Pack, AnExtensionOverridesById) {
    const auto pack = load_pack(source_dir + "/scorecards", "generic-support", 1);
    ASSERT_TRUE(pack) << pack.error().message;
    EXPECT_EQ(pack->card.key, "generic-support");
    EXPECT_EQ(pack->card.question("issue_steps"), nullptr);
    ASSERT_NE(pack->card.question("privacy"), nullptr);
    EXPECT_TRUE(pack->card.question("privacy")->critical);
    for (const auto& lint : pack->book.run_tests())
        ADD_FAILURE() << to_string(lint);
}

TEST(Judge, EveryFirmAnswerHasAQuoteThatExists) {
    for (const auto& call : bundled_calls()) {
        const auto judgement = judge().judge(call.transcript, call.context);
        for (const auto& found : judgement.evaluation.answers) {
            if (found.state != AnswerState::pass && found.state != AnswerState::fail) continue;
            ASSERT_FALSE(found.evidence.empty()) << found.question_id;
            for (const auto& evidence : found.evidence) {
                ASSERT_GE(evidence.turn, 1);
                const auto& turn =
                    judgement.redacted.turns.at(static_cast<std::size_t>(evidence.turn - 1));
                ASSERT_EQ(evidence.quote, words_of(turn, evidence.word_from, evidence.word_to));
                ASSERT_FALSE(evidence.quote.empty());
            }
        }
    }
}

TEST(Judge, SameInputGivesTheSameBytes) {
    for (const auto& call : bundled_calls()) {
        const auto once = judge().judge(call.transcript, call.context);
        const auto twice = judge().judge(call.transcript, call.context);
        ASSERT_EQ(json::serialize(once.document), json::serialize(twice.document));
    }
}

TEST(Judge, EveryBundledCallObeysTheTable) {
    for (const auto& call : bundled_calls()) {
        const auto judgement = judge().judge(call.transcript, call.context);
        const auto& out = judgement.document;
        for (const char* key : {"sop_compliance_score",
                                "overall_quality_score",
                                "communication_score",
                                "coaching_priority"}) {
            const double value = out.at(key).as_double();
            ASSERT_TRUE(value >= 0 && value <= 1) << key;
        }
        const std::set<double> sentiment{0, 0.5, 1};
        const std::set<double> resolution{0, 0.75, 1};
        ASSERT_TRUE(sentiment.contains(out.at("sentiment_stabilization_score").as_double()));
        ASSERT_TRUE(resolution.contains(out.at("resolution_validity_score").as_double()));
        const bool flagged = out.at("escalation_risk").as_bool();
        ASSERT_EQ(flagged, out.at("why_flagged").is_string());
        if (flagged) {
            ASSERT_FALSE(out.at("why_flagged").as_string().empty());
        }
        ASSERT_LE(judgement.evaluation.sop_deviations.size(), 50U);
        for (const auto& item : reference_sop_deviations(judgement.evaluation)) {
            ASSERT_EQ(item.as_object().size(), 7U);
            for (const auto& field : item.as_object())
                ASSERT_FALSE(field.value().is_null());
        }
    }
}

TEST(Judge, AskingForAnOtpCapsTheForm) {
    const auto call =
        spoken({{agent, "Thank you for calling Swift Volt, my name is Ravi."},
                {customer, "I cannot log in to the app."},
                {agent, "Sorry for the trouble. Your registered mobile number?"},
                {customer, "nine eight seven six five four three two one zero"},
                {agent, "Please tell me the O T P that you received."},
                {customer, "It is four five six seven."},
                {agent, "Done, your account is unlocked. Anything else? Have a nice day."}},
               "Account Access");
    const auto judgement = judge().judge(call.transcript, call.context);
    EXPECT_EQ(answer(judgement, "privacy").state, AnswerState::fail);
    EXPECT_LE(judgement.evaluation.scores.sop_compliance, 0.40);
    EXPECT_LE(judgement.evaluation.scores.overall_quality, 0.40);
    EXPECT_TRUE(escalation_flagged(judgement.evaluation.scores));
    ASSERT_FALSE(judgement.evaluation.sop_deviations.empty());
    EXPECT_EQ(judgement.evaluation.sop_deviations.front().what_was_wrong, "privacy_violation");
    const auto text = json::serialize(judgement.document);
    EXPECT_EQ(text.find("nine eight seven"), std::string::npos) << "a phone number got out";
    EXPECT_EQ(text.find("four five six seven"), std::string::npos) << "a secret got out";
}

TEST(Judge, NegatedThreatsAreNoThreats) {
    const auto call = spoken(
        {{agent, "Good evening, Swift Volt, how can I help you?"},
         {customer, "I am not angry and I do not want to complain or go to court or anything."},
         {agent, "Of course. The extra fifty rupees is the late fee."}});
    EXPECT_FALSE(
        escalation_flagged(judge().judge(call.transcript, call.context).evaluation.scores));
}

/// Score of the resolution of a call about a vehicle that stops.
double resolution_of(const std::vector<std::pair<Role, std::string>>& rest) {
    std::vector<std::pair<Role, std::string>> lines = {
        {agent, "Swift Volt, Asha here, how can I help?"},
        {customer, "My scooter stops in the middle of the road"}};
    lines.insert(lines.end(), rest.begin(), rest.end());
    const auto call = spoken(lines, "Technical Support");
    return quantised_resolution(
        judge().judge(call.transcript, call.context).evaluation.scores.resolution_validity);
}

TEST(Outcome, WhatHoldsOnlyUnderAConditionIsNoCommitment) {
    EXPECT_EQ(resolution_of({{agent, "I have reset the controller, it is working now"},
                             {customer, "Yes, it works, thank you"},
                             {agent, "If it stops again our technician will come within an hour"}}),
              1.0);
    EXPECT_EQ(
        resolution_of({{agent, "Our technician will come within an hour"}, {customer, "Okay"}}),
        0.75);
}

TEST(Outcome, ATimeInUnknownWordsIsACommitmentUnlessTheCallerObjects) {
    const std::string told = "The workshop people have it on their bench until Friday at four";
    EXPECT_EQ(resolution_of({{agent, told}, {customer, "Fine, Friday"}}), 0.75);
    EXPECT_EQ(resolution_of({{agent, told}, {customer, "That is terrible, useless service"}}), 0.0);
}

TEST(Outcome, AnAnswerTheCallerScornsIsNone) {
    const auto asked = [](const char* last) {
        return spoken({{agent, "Hello, how can I help you?"},
                       {customer, "My scooter is dead on the road, what do I do with it?"},
                       {agent, "Towing costs ninety rupees, sir."},
                       {customer, last}});
    };
    const auto status = [](const GivenCall& call) {
        return judge().judge(call.transcript, call.context).evaluation.resolution.status;
    };
    EXPECT_EQ(status(asked("Fine, I will go there, thank you.")), "information");
    EXPECT_EQ(status(asked("Keep it to yourself, I am done with you people.")), "contradicted");
}

TEST(Outcome, WhoLeavesAngryWasNotHelpedByWhatWasSaidToBeDone) {
    EXPECT_EQ(resolution_of({{agent, "I have released the lock for you"},
                             {customer, "This is useless, pathetic, the worst service"}}),
              0.0);
    EXPECT_EQ(resolution_of({{agent, "I have released the lock for you"},
                             {customer, "Great, it works, thank you"}}),
              1.0);
}

struct Said {
    const char* words;
    bool flagged;
};

class Cues : public testing::TestWithParam<Said> {};

TEST_P(Cues, NeedTheActAndNotItsWords) {
    const auto call = spoken({{agent, "Swift Volt, Asha here, how can I help?"},
                              {customer, GetParam().words},
                              {agent, "May I have your number please?"}});
    EXPECT_EQ(escalation_flagged(judge().judge(call.transcript, call.context).evaluation.scores),
              GetParam().flagged)
        << GetParam().words;
}

INSTANTIATE_TEST_SUITE_P(
    Pack,
    Cues,
    testing::Values(Said{"I lodged a complaint about your charger last week", false},
                    Said{"I will take the old battery to your station now", false},
                    Said{"I can show you what the screen says", false},
                    Said{"Do you know where your nearest station is", false},
                    Said{"I want a higher plan please", false},
                    Said{"Please remove this charge from my bill", false},
                    Said{"I took a video of the blinking light to send you", false},
                    Said{"sir paise kat gaye", false},
                    Said{"phir karke dekhta hoon", false},
                    Said{"I need somebody who can actually decide", true},
                    Said{"Take this matter upstairs", true},
                    Said{"My next stop is the consumer court", true},
                    Said{"Your driver abused my wife", true},
                    Said{"There is a burning smell from the seat", true}));

TEST(Judge, UncertainRolesAccuseNobody) {
    auto call = spoken({{Role::unknown, "well then"}, {Role::unknown, "hmm what now"}});
    for (auto& turn : call.transcript.turns)
        turn.speaker = turn.index == 1 ? "spk0" : "spk1";
    call.transcript.role_confidence = 0.5;
    const auto judgement = judge().judge(call.transcript, call.context);
    for (const auto& found : judgement.evaluation.answers)
        EXPECT_NE(found.state, AnswerState::fail) << found.question_id;
}

TEST(Judge, UnsupportedLanguageIsLeftToPeople) {
    auto call = spoken({{agent, "so if vote number steak"}, {customer, "mary better he fast guy"}});
    call.transcript.machine = true;
    call.transcript.engine = "pocketsphinx";
    call.context.preferred_language = "Hindi";
    const auto judgement = judge().judge(call.transcript, call.context);
    for (const auto& found : judgement.evaluation.answers)
        EXPECT_EQ(found.state, AnswerState::needs_review) << found.question_id;
    EXPECT_FALSE(judgement.evaluation.scores.scored);
    EXPECT_TRUE(judgement.evaluation.scores.provisional);
    EXPECT_FALSE(escalation_flagged(judgement.evaluation.scores));
    const auto& flags = judgement.evaluation.flags;
    EXPECT_NE(std::find(flags.begin(), flags.end(), "language_unsupported"), flags.end());
}

TEST(Judge, OneSidedAndEmptyCallsHaveNoDivisionByZero) {
    const auto empty = judge().judge(Transcript{}, CallContext{});
    EXPECT_FALSE(empty.evaluation.scores.scored);
    EXPECT_EQ(empty.evaluation.scores.sop_compliance, 0);
    const auto lonely = spoken({{agent, "Hello, Swift Volt, my name is Asha."}});
    const auto one_sided = judge().judge(lonely.transcript, lonely.context);
    EXPECT_EQ(answer(one_sided, "resolution").state, AnswerState::na);
    EXPECT_EQ(one_sided.evaluation.scores.resolution_validity, 0);
}

TEST(Judge, DeviationTheAgentRepeatsRaisesPriority) {
    auto call = spoken({{agent, "Thank you for calling battery support, this is Ravi speaking."},
                        {customer, "The battery was not swapped at the station."},
                        {agent, "Which station was it and what is your registered number?"},
                        {customer, "The station in sector nine."},
                        {agent, "Anything else?"},
                        {customer, "No."},
                        {agent, "Bye."}});
    const auto before = judge().judge(call.transcript, call.context).evaluation;
    ASSERT_FALSE(before.sop_deviations.empty());
    ASSERT_FALSE(before.scores.provisional);
    call.context.agents_deviations = {"nothing_like_it"};
    EXPECT_EQ(judge().judge(call.transcript, call.context).evaluation.scores.coaching_priority,
              before.scores.coaching_priority);
    call.context.agents_deviations.push_back(before.sop_deviations.back().what_was_wrong);
    const auto after = judge().judge(call.transcript, call.context).evaluation;
    EXPECT_DOUBLE_EQ(after.scores.coaching_priority,
                     std::min(1.0, before.scores.coaching_priority + 0.05));
    EXPECT_LT(before.scores.coaching_priority, 0.95);
    EXPECT_EQ(after.scores.overall_quality, before.scores.overall_quality);
}

TEST(Judge, LowConfidenceOmissionsNeedReview) {
    auto call = spoken(
        {{agent, "yes tell me"}, {customer, "the door did not open sir"}, {agent, "okay fine"}});
    call.transcript.machine = true;
    call.transcript.low_confidence = true;
    const auto judgement = judge().judge(call.transcript, call.context);
    EXPECT_EQ(answer(judgement, "greeting").state, AnswerState::needs_review);
    EXPECT_EQ(answer(judgement, "closing").state, AnswerState::needs_review);
    EXPECT_TRUE(judgement.evaluation.scores.provisional);
    EXPECT_LE(judgement.evaluation.scores.coaching_priority, 0.50);
}

TEST(Judge, ReportsSpeed) {
    const auto calls = bundled_calls();
    std::size_t words = 0;
    for (const auto& call : calls) {
        for (const auto& turn : call.transcript.turns)
            words += turn.words.size();
    }
    const auto start = std::chrono::steady_clock::now();
    for (const auto& call : calls)
        (void)judge().judge(call.transcript, call.context);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    std::printf("judged %zu words: %.3f ms per 1,000 words in this build\n",
                words,
                took.count() * 1000 / static_cast<double>(words));
}

} // namespace
} // namespace hs::analysis
