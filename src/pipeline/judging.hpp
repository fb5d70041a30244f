/// Judging one call by one scorecard: what the judge is told, what the models say, the row it ends
/// in. Shared by the stage that judges calls, by evaluation runs and by trials.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/scorecards.hpp"
#include "pipeline/services.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

/// Runs of a judging job before it does without a model.
inline constexpr int most_judging_failures = 5;

/// What the judge is told, and the transcript it judges.
struct JudgeInput {
    CallId call;
    Transcript transcript;
    TranscriptId transcript_id;
    std::string transcript_hash;
    std::string told;        // see told_of()
    std::optional<Uuid> run; // the evaluation run that it is judged for, and that pays
    analysis::CallContext context;
    std::vector<std::pair<std::string, std::string>> form; // what an external evaluator is told
};

/// What the models came to.
struct Turnout {
    std::optional<analysis::ModelFindings> findings; // none: the rules stand alone
    bool degraded = false;                           // they stand alone because no model could say
};

/// Errors: not_found "call.not_found", "transcript.missing".
Task<Result<JudgeInput>> load_input(const Services& services, TenantId tenant, CallId id);

/// What a call brings to the choice of its scorecard.
[[nodiscard]] analysis::SelectionFacts
selection_facts(std::string issue_category, std::string call_context, const std::string& language);

/// The judge of a call, held to the end of its evaluation. Errors: those of Scorecards::version().
Task<Result<JudgePtr>>
judge_of(const Services& services, TenantId tenant, analysis::SelectionFacts facts);

/// One judgement by one judge, with the models' part.
struct Judged {
    analysis::Judgement judgement;
    Turnout turnout;
    int took_ms = 0;
};

/// Errors: what a later run of the job may mend.
Task<Result<Judged>> judge_call(const Services& services,
                                const queue::JobContext& context,
                                std::shared_ptr<const JudgeInput> input,
                                JudgePtr judge);

/// Which words were judged, and by which versions.
struct JudgedTranscript {
    CallId call;
    TranscriptId transcript;
    std::string versions_key;
};

/// The row of a judgement.
[[nodiscard]] store::EvaluationInsert evaluation_row(const Services& services,
                                                     const JudgedTranscript& of,
                                                     analysis::Judgement judgement,
                                                     std::string reason);

/// The row of what judge_call() came to.
[[nodiscard]] store::EvaluationInsert evaluation_insert(const Services& services,
                                                        const JudgeInput& input,
                                                        Judged judged,
                                                        const analysis::Judge& judge,
                                                        std::string reason);

/// What is judged, as far as it decides the outcome.
struct JudgedMatter {
    std::string transcript_hash;
    std::string told; // see told_of()
    bool emergency = false;
};

/// Names everything that decides an evaluation by this judge: equal key, equal answers.
[[nodiscard]] std::string
versions_of(const Services& services, const analysis::Judge& judge, const JudgedMatter& matter);

} // namespace hs::pipeline
