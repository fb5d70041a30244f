#include "analysis/judge.hpp"

#include <algorithm>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "analysis/conversation.hpp"
#include "analysis/judging/answers.hpp"
#include "analysis/judging/call_case.hpp"
#include "analysis/judging/deviations.hpp"
#include "analysis/judging/document.hpp"
#include "analysis/judging/escalation.hpp"
#include "analysis/judging/issue.hpp"
#include "analysis/judging/issue_categories.hpp"
#include "analysis/judging/measures.hpp"
#include "analysis/judging/model_step.hpp"
#include "analysis/judging/outcome.hpp"
#include "analysis/judging/pack.hpp"
#include "analysis/judging/role_step.hpp"
#include "analysis/lexicon.hpp"
#include "analysis/model/instruction_speech.hpp"
#include "analysis/roles.hpp"
#include "analysis/rules/rulebook.hpp"
#include "analysis/scores/quality.hpp"
#include "analysis/scores/sop.hpp"
#include "analysis/sentiment.hpp"
#include "analysis/texts/texts.hpp"
#include "base/text.hpp"
#include "domain/transcript_json.hpp"

namespace hs::analysis {

namespace {

bool starts_with_hindi(std::string_view language) {
    return language == "hi" || language.starts_with("hi-") || language == "hindi" ||
           language == "hinglish";
}

std::string text_language(const std::string& tag) {
    if (tag == "hi") return "hi";
    if (tag == "hi-Latn") return "hi-Latn";
    return "en";
}

std::string language_name(const std::string& tag) {
    if (tag == "hi") return "hindi";
    if (tag == "hi-Latn") return "hinglish";
    if (tag == "en" || tag.starts_with("en-")) return "english";
    return "unknown";
}

/// The embedded engine knows English only and cannot tell what it hears: the call's own data say
/// whether another language was spoken.
bool unsupported(const Transcript& transcript, const CallContext& context) {
    for (const auto& reason : transcript.low_confidence_reasons) {
        if (reason == "language_unsupported") return true;
    }
    if (!transcript.machine) return false;
    const bool english_only =
        transcript.engine.find("sphinx") != std::string::npos || transcript.engine == "embedded";
    const auto wanted = name_key(context.preferred_language);
    const bool other =
        starts_with_hindi(transcript.language) ||
        (!wanted.empty() && wanted != "en" && !wanted.starts_with("en-") && wanted != "english");
    return english_only && other;
}

/// `transcript` as it was given and is stored, before roles were assigned.
Provenance provenance_of(const Pack& pack, const Transcript& transcript) {
    Provenance out;
    out.scorecard_key = pack.card.key;
    out.scorecard_version = pack.card.version;
    out.scorecard_hash = pack.card.content_hash;
    out.rules_engine_version = std::string(rules_engine_version);
    out.lexicon_hash = pack.grounds->lexicon.hash();
    out.transcript_hash = transcript_hash(transcript);
    out.redaction_version = std::string(redaction_version);
    out.speech_engine = transcript.engine;
    out.speech_model = transcript.model;
    return out;
}

std::map<std::string, std::string>
meta_of(const CallContext& context, const std::string& category, const Transcript& transcript) {
    std::map<std::string, std::string> meta;
    if (!category.empty()) meta["issue_category"] = category;
    meta["call_context"] = context.call_context;
    meta["language"] = transcript.language;
    return meta;
}

bool cue_said(std::span<const EscalationCue> cues, std::string_view name) {
    return std::any_of(cues.begin(), cues.end(), [&](const auto& cue) { return cue.cue == name; });
}

SentimentFacts mood_facts(const CallCase& call, const Farewell& farewell) {
    const auto& resolution = call.evaluation.resolution;
    SentimentFacts facts;
    facts.solved = resolution.is_valid;
    facts.promised = resolution.status == "pending";
    facts.fooled = resolution.status == "false_promise";
    std::vector<EscalationCue> fights;
    for (const auto& cue : call.evaluation.cues)
        if (cue.cue != "safety" && cue.cue != "privacy") fights.push_back(cue);
    facts.fought = escalation_risk(fights) > 0.5;
    facts.open_trouble = !signal_spans(call, "open_trouble").empty() || facts.fought ||
                         cue_said(call.evaluation.cues, "safety");
    facts.farewell = farewell;
    return facts;
}

SentimentHints hints_of(const CallCase& call) {
    SentimentHints hints;
    hints.escalation_weight = cue_weights(call);
    hints.agent_progress = agent_progress(call);
    hints.raised_voice = call.evaluation.metrics.raised_voice;
    return hints;
}

bool critical_failed_besides_form(const FormScore& form) {
    return form.critical_failed && !form.critical_form_failed;
}

/// With this call the third among the agent's last ten.
bool repeats_a_deviation(const CallCase& call) {
    const auto& known = call.context.agents_deviations;
    return std::ranges::any_of(call.evaluation.sop_deviations, [&](const Deviation& deviation) {
        return std::ranges::find(known, deviation.what_was_wrong) != known.end();
    });
}

void score(CallCase& call) {
    auto& evaluation = call.evaluation;
    auto& scores = evaluation.scores;
    const auto form = form_score(call.card, evaluation.answers);
    add_score_cues(call, critical_failed_besides_form(form));
    scores.sop_compliance = form.score;
    scores.sop_scored = form.scored;
    scores.coverage = form.coverage;
    scores.provisional = form.provisional;

    const auto facts = communication_facts(call);
    auto communication = communication_score(facts);
    if (call.language_unsupported) communication = {};
    scores.communication = communication.score;
    scores.communication_scored = communication.scored;
    scores.sentiment_stabilization = evaluation.sentiment.stabilization_raw;
    scores.sentiment_scored = evaluation.sentiment.scored && !call.language_unsupported;
    scores.resolution_validity = evaluation.resolution.raw_score;
    scores.resolution_scored = evaluation.resolution.scored;

    QualityParts parts;
    parts.sop = form.score;
    parts.sop_scored = form.scored;
    parts.communication = communication;
    parts.stabilization_raw = scores.sentiment_stabilization;
    parts.stabilization_scored = scores.sentiment_scored;
    parts.resolution_raw = scores.resolution_validity;
    parts.resolution_scored = scores.resolution_scored && scores.sop_scored;
    parts.critical_form_failed = form.critical_form_failed;
    const auto overall = overall_quality(parts);
    scores.overall_quality = overall.score;
    scores.scored = overall.scored && form.scored;
    scores.escalation_risk = escalation_risk(evaluation.cues);

    CoachingFacts coaching;
    coaching.overall = overall.score;
    coaching.critical_failed = form.critical_failed;
    coaching.agent_insulted = facts.insulted;
    coaching.repeated_deviation = repeats_a_deviation(call);
    coaching.provisional = scores.provisional || !scores.scored;
    scores.coaching_priority = coaching_priority(coaching);
}

void add_flags(const CallCase& call) {
    auto& flags = call.evaluation.flags;
    if (call.transcript.turns.empty()) flags.emplace_back("silent");
    if (call.transcript.low_confidence) flags.emplace_back("low_confidence");
    if (call.role_uncertain) flags.emplace_back("role_uncertain");
    if (call.language_unsupported) flags.emplace_back("language_unsupported");
    const bool one_sided =
        !call.transcript.turns.empty() &&
        (!has_role(call.transcript, Role::agent) || !has_role(call.transcript, Role::customer));
    if (one_sided) flags.emplace_back("one_sided");
    if (call.evaluation.scores.provisional) flags.emplace_back("provisional");
    const bool review =
        std::any_of(call.evaluation.answers.begin(),
                    call.evaluation.answers.end(),
                    [](const Answer& answer) { return answer.state == AnswerState::needs_review; });
    if (review) flags.emplace_back("needs_review");
}

void write_texts(CallCase& call) {
    auto& evaluation = call.evaluation;
    const TextFacts facts{evaluation, call.language == "hi", {}};
    const auto& names = call.context.names;
    evaluation.why_flagged = why_flagged(facts);
    // Quotes are redacted already; the second pass catches what joining them made readable.
    if (evaluation.why_flagged)
        evaluation.why_flagged = redacted_text(*evaluation.why_flagged, names);
    evaluation.business_insight = redacted_text(business_insight(facts), names);
    evaluation.coaching_insight = redacted_text(coaching_insight(facts), names);
    evaluation.agent_summary = redacted_text(agent_summary(facts), names);
}

/// The model's part in the provenance and its flags.
void name_model(CallCase& call) {
    if (call.findings == nullptr) return;
    auto& provenance = call.evaluation.provenance;
    const auto& use = call.findings->use;
    provenance.use = use;
    provenance.prompt_id = use.prompt_id;
    provenance.prompt_hash = use.prompt_hash;
    if (!use.models.empty()) {
        const auto& last = use.models.back();
        provenance.model = last.reported.empty() ? last.model : last.reported;
        provenance.evaluator = call.findings->external ? "external" : "rules+llm";
    }
    for (const auto& flag : call.findings->flags)
        call.evaluation.flags.push_back(flag);
}

void run_steps(CallCase& call, const Pack& pack, const TokenText& words) {
    auto& evaluation = call.evaluation;
    if (!call.language_unsupported) {
        find_cues(call, pack.early_cues);
        evaluation.sentiment =
            judge_sentiment(call.transcript, words, pack.grounds->lexicon, hints_of(call));
        take_model_sentiment(call);
        find_cues(call, pack.late_cues);
        take_model_cues(call);
    }
    const Farewell farewell = farewell_of(call.transcript, words, pack.grounds->lexicon);
    judge_outcome(call, farewell);
    take_model_outcome(call);
    settle_direction(mood_facts(call, farewell), evaluation.sentiment);
    answer_questions(call, pack.conditions);
    list_deviations(call, pack.conditions);
    score(call);
    take_external(call);
}

} // namespace

struct Judge::State {
    Pack pack;
};

Judge::Judge(std::unique_ptr<State> state) : state_(std::move(state)) {}

Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;
Judge::~Judge() = default;

Result<Judge>
Judge::load(const std::filesystem::path& scorecards, const std::string& key, int version) {
    TRY(auto pack, load_pack(scorecards, key, version));
    return Judge(std::make_unique<State>(State{std::move(pack)}));
}

Result<Judge> Judge::build(std::shared_ptr<const Grounds> grounds,
                           const ScorecardTexts& texts,
                           const std::string& key,
                           int version) {
    TRY(auto pack, build_pack(std::move(grounds), texts, key, version));
    return Judge(std::make_unique<State>(State{std::move(pack)}));
}

const Scorecard& Judge::card() const {
    return state_->pack.card;
}

Judgement Judge::judge(const Transcript& given,
                       const CallContext& context,
                       const ModelFindings* findings) const {
    const auto& pack = state_->pack;
    const auto transcript = assign_roles(given, pack.card.brand);
    const auto words = tokenise(transcript, &pack.words);
    const auto category = pack.grounds->categories.canonical(context.issue_category);

    Judgement judgement;
    auto& evaluation = judgement.evaluation;
    evaluation.metrics =
        measure_conversation(transcript, context.audio ? &*context.audio : nullptr);
    judgement.personal_data = find_personal_data(transcript, context.names);
    judgement.redacted = redacted(transcript, judgement.personal_data);

    RuleRun run(pack.book,
                RuleInputs{transcript,
                           words,
                           &evaluation.metrics,
                           &evaluation.sentiment,
                           meta_of(context, category, transcript),
                           &context.spotted});
    CallCase call{pack.card,
                  context,
                  transcript,
                  judgement.redacted,
                  run,
                  evaluation,
                  text_language(transcript.language),
                  category,
                  std::nullopt,
                  transcript.role_confidence < role_confidence_floor,
                  unsupported(transcript, context),
                  findings};
    run_steps(call, pack, words);
    describe_issue(call, judgement.personal_data);
    take_model_issue(call);
    evaluation.language_spoken = language_name(transcript.language);
    evaluation.provenance = provenance_of(pack, given);
    add_flags(call);
    write_texts(call);
    take_model_texts(call);
    name_model(call);
    judgement.open = open_questions(call);
    judgement.document = call_document(evaluation, judgement.redacted);
    return judgement;
}

ModelBrief Judge::brief(const Transcript& given,
                        const CallContext& context,
                        const Judgement& judgement) const {
    const auto& pack = state_->pack;
    const auto transcript = assign_roles(given, pack.card.brand);
    const auto spans = find_personal_data(transcript, context.names, Audience::model);
    ModelBrief out;
    out.transcript = redacted(transcript, spans);
    out.questions = judgement.open;
    out.issue_category = pack.grounds->categories.canonical(context.issue_category);
    out.language = language_name(transcript.language);
    out.findings = finding_lines(judgement.evaluation.answers);
    out.metrics = metrics_line(judgement.evaluation.metrics);
    out.instruction_turns = instruction_turns(transcript);
    out.turn_sentiment = judgement.evaluation.sentiment.turn_scores;
    return out;
}

std::string Judge::versions() const {
    const auto& pack = state_->pack;
    return fmt::format("{}@{}|{}|{}|{}|{}",
                       pack.card.key,
                       pack.card.version,
                       pack.card.content_hash,
                       rules_engine_version,
                       pack.grounds->lexicon.hash(),
                       redaction_version);
}

std::map<std::string, std::string> Judge::question_titles() const {
    std::map<std::string, std::string> titles;
    for (const auto& section : state_->pack.card.sections) {
        for (const auto& question : section.questions) {
            const auto english = question.title.find("en");
            titles[question.id] = english == question.title.end() ? question.id : english->second;
        }
    }
    return titles;
}

std::vector<std::string> Judge::vocabulary_phrases() const {
    // The brand and the sentences agents ought to say. All rule wordings would be thousands of
    // fragments, which a language model is the worse for.
    const auto& card = state_->pack.card;
    std::set<std::string> phrases(card.brand.begin(), card.brand.end());
    for (const auto& section : card.sections) {
        for (const auto& question : section.questions) {
            if (!question.deviation) continue;
            const auto& wanted = question.deviation->should_have_said;
            if (const auto english = wanted.find("en"); english != wanted.end())
                phrases.insert(english->second);
        }
    }
    return {phrases.begin(), phrases.end()};
}

} // namespace hs::analysis
