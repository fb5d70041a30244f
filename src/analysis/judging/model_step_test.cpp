// How a model's findings and the rules' answers become one judgement.
#include <gmock/gmock.h>

#include "analysis/model/external_reply.hpp"
#include "analysis/model/model_test_support.hpp"

namespace hs::analysis {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr auto agent = Role::agent;
constexpr auto customer = Role::customer;

GivenCall call() {
    GivenCall out;
    out.transcript = test::transcript_of(
        {{agent, "Welcome to Swift Volt, this is Ritika, how may I help you?"},
         {customer, "My battery is stuck, this is the worst day, I am fed up."},
         {agent, "That must be hard for you. I have released the slot now."},
         {customer, "Oh wonderful, now I am late by 40 minutes, great service."},
         {agent, "Anything else? Have a good day."}});
    out.context.issue_category = "Battery Swap Failure";
    return out;
}

Judgement rules() {
    return test::judge().judge(call().transcript, call().context);
}

Judgement with(const ModelFindings& findings) {
    return test::judge().judge(call().transcript, call().context, &findings);
}

const Answer& of(const Judgement& judgement, const std::string& id) {
    for (const auto& found : judgement.evaluation.answers)
        if (found.question_id == id) return found;
    throw std::runtime_error("no answer to " + id);
}

Evidence words(int turn, int from, int to) {
    Evidence out;
    out.turn = turn;
    out.word_from = from;
    out.word_to = to;
    return out;
}

TEST(ModelStep, WithoutFindingsNothingChanges) {
    EXPECT_EQ(json::serialize(with({}).document["answers"]),
              json::serialize(rules().document["answers"]));
    EXPECT_TRUE(rules().document["provenance"].at("model_use").is_null());
}

TEST(ModelStep, AFirmRuleStandsUnlessTheModelSaysTheOpposite) {
    ModelFindings findings;
    SettledAnswer same;
    same.question_id = "greeting";
    same.state = AnswerState::needs_review;
    findings.answers = {same};
    EXPECT_EQ(of(with(findings), "greeting").state, AnswerState::pass);
    findings.answers[0].conflict = true;
    findings.answers[0].evidence = {words(1, 0, 3)};
    findings.answers[0].rationale = "no name";
    const auto open = of(with(findings), "greeting");
    EXPECT_EQ(open.state, AnswerState::needs_review);
    EXPECT_FALSE(open.evidence.empty());
    ASSERT_EQ(open.counter_evidence.size(), 1U);
    EXPECT_EQ(open.counter_evidence[0].quote, "Welcome to Swift Volt,");
    EXPECT_THAT(open.rationale, HasSubstr("no name"));
}

TEST(ModelStep, MoodsOfAModelCountWhenItGaveEnough) {
    ModelFindings findings;
    findings.turn_sentiment = {{2, -0.9}};
    EXPECT_EQ(with(findings).evaluation.sentiment.turn_scores,
              rules().evaluation.sentiment.turn_scores)
        << "half of the caller's turns";
    findings.turn_sentiment = {{2, -0.9}, {4, -0.7}};
    const auto moved = with(findings).evaluation;
    EXPECT_DOUBLE_EQ(moved.sentiment.turn_scores[3], -0.7);
    EXPECT_EQ(moved.sentiment.trajectory.back().sentiment, "negative");
    findings.flags = {"prompt_injection_suspected"};
    EXPECT_EQ(with(findings).evaluation.sentiment.turn_scores,
              rules().evaluation.sentiment.turn_scores);
}

TEST(ModelStep, CuesAreUnitedAndNeedWords) {
    ModelFindings findings;
    findings.cues = {
        {"legal", words(4, 0, 2)}, {"legal", words(4, 0, 2)}, {"unheard_of", words(2, 0, 2)}};
    const auto before = rules().evaluation;
    const auto after = with(findings).evaluation;
    EXPECT_EQ(after.cues.size(), before.cues.size() + 1);
    EXPECT_GT(after.scores.escalation_risk, before.scores.escalation_risk);
    ASSERT_TRUE(after.why_flagged);
    EXPECT_THAT(*after.why_flagged, HasSubstr("Oh wonderful, now"));
}

TEST(ModelStep, TextsKeepToTheFactsOrStay) {
    ModelFindings findings;
    findings.texts =
        TextClaims{"The caller was late by 40 minutes.", "Promise 900 rupees.", "", ""};
    const auto evaluation = with(findings).evaluation;
    EXPECT_EQ(evaluation.business_insight, "The caller was late by 40 minutes.");
    EXPECT_EQ(evaluation.coaching_insight, rules().evaluation.coaching_insight);
    EXPECT_EQ(evaluation.agent_summary, rules().evaluation.agent_summary);
    findings.flags = {"prompt_injection_suspected"};
    EXPECT_EQ(with(findings).evaluation.business_insight, rules().evaluation.business_insight);
}

TEST(ModelStep, ProvenanceNamesEverything) {
    ModelFindings findings;
    findings.use.prompt_id = "sop-judge";
    findings.use.prompt_hash = "abc";
    findings.use.models = {{.provider = "openai", .model = "m", .reported = "m-1", .tokens_in = 7}};
    findings.flags = {"budget_exhausted"};
    const auto judgement = with(findings);
    const auto& provenance = judgement.document.at("provenance").as_object();
    EXPECT_EQ(provenance.at("evaluator"), "rules+llm");
    EXPECT_EQ(provenance.at("model"), "m-1");
    EXPECT_EQ(provenance.at("model_use").at("models").at(0).at("tokens_in"), 7);
    EXPECT_THAT(judgement.evaluation.flags, Contains("budget_exhausted"));
}

TEST(ModelStep, AnExternalEvaluatorsScoresStandWithoutItsInventions) {
    const auto brief = test::judge().brief(call().transcript, call().context, rules());
    const std::string reply =
        R"({"scores":{"sop_compliance_score":0.82,"overall_quality_score":0.79,"resolution_validity_score":0.75},
            "insights":{"business_insight":"The slot was released."},
            "sop_deviations":[
              {"turn_number":1,"deviated_phrase":"I have released the slot","what_was_wrong":"No Empathy!","severity":0.5},
              {"turn_number":1,"deviated_phrase":"do whatever you want to do","what_was_wrong":"rude"}]})";
    const auto findings = external_findings(brief, reply);
    ASSERT_TRUE(findings) << findings.error().message;
    const auto evaluation = with(*findings).evaluation;
    EXPECT_DOUBLE_EQ(evaluation.scores.sop_compliance, 0.82);
    EXPECT_DOUBLE_EQ(evaluation.scores.overall_quality, 0.79);
    ASSERT_EQ(evaluation.sop_deviations.size(), 1U);
    EXPECT_EQ(evaluation.sop_deviations[0].turn_number, 3);
    EXPECT_EQ(evaluation.sop_deviations[0].what_was_wrong, "no_empathy_");
    EXPECT_EQ(evaluation.sop_deviations[0].deviated_phrase, "I have released the slot");
    EXPECT_EQ(evaluation.business_insight, "The slot was released.");
    EXPECT_THAT(evaluation.flags, Contains("external_deviations_unproven"));
    for (const auto* bad : {"[]",
                            "{}",
                            R"({"scores":{}})",
                            R"({"scores":{"sop_compliance_score":1.2}})",
                            R"({"scores":{"sop_compliance_score":"high"}})"})
        EXPECT_FALSE(external_findings(brief, bad)) << bad;
}

} // namespace
} // namespace hs::analysis
