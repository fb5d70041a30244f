/// What a model said about a call and was believed: every verdict with words that were found.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/model/model_answer.hpp"
#include "domain/evaluation.hpp"

namespace hs::analysis {

/// The settled answer to one question. Quotes are empty: whoever shows them reads them from the
/// transcript at their place.
struct SettledAnswer {
    std::string question_id;
    AnswerState state = AnswerState::needs_review;
    std::vector<std::string> chosen;
    std::optional<double> number;
    double confidence = 0;
    std::vector<Evidence> evidence;
    std::vector<Evidence> counter_evidence;
    std::string rationale;
    bool conflict = false; // the rules say firmly the opposite
};

struct FoundCue {
    std::string cue;
    Evidence evidence;
};

struct FoundIssue {
    IssueClaim claim;
    Evidence evidence;
};

struct FoundResolution {
    ResolutionClaim claim;
    Evidence evidence;
};

struct ExternalDeviation {
    Deviation deviation;
    Evidence place; // of its phrase
};

/// Ready scores of an evaluator of the reference's kind.
struct ExternalFindings {
    std::map<std::string, double> scores;      // 0..1, by raw_scores' names
    std::vector<ExternalDeviation> deviations; // those whose phrase was found
    int unproven_deviations = 0;
    TextClaims texts;
};

struct ModelFindings {
    std::vector<SettledAnswer> answers;
    std::map<int, double> turn_sentiment;
    std::optional<FoundIssue> issue;
    std::optional<FoundResolution> resolution;
    std::vector<FoundCue> cues;
    std::optional<TextClaims> texts; // only of a model that was shown the whole call
    std::optional<ExternalFindings> external;
    std::string detected_language;
    std::vector<std::string> flags; // prompt_injection_suspected, model_reply_invalid, …
    ModelUse use;
};

} // namespace hs::analysis
