/// The judgement of one call: answers with evidence, scores, texts, versions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "domain/metrics.hpp"
#include "domain/transcript.hpp"

namespace hs {

enum class AnswerState { pass, fail, na, needs_review };
enum class AnswerMethod { rule, metric, llm, human, external };
enum class EvidenceKind { said, absence, metric };

[[nodiscard]] const char* to_string(AnswerState state);
[[nodiscard]] const char* to_string(AnswerMethod method);
[[nodiscard]] const char* to_string(EvidenceKind kind);

struct Evidence {
    EvidenceKind kind = EvidenceKind::said;
    int turn = 0;      // 1-based
    int word_from = 0; // index into the turn's words, first
    int word_to = 0;   // last, inclusive
    int start_ms = 0;
    int end_ms = 0;
    std::string quote;              // redacted
    std::string verified = "exact"; // exact | repaired
};

struct SearchedWindow {
    int turn_from = 0;
    int turn_to = 0;
    int words = 0;
    int start_ms = 0;
    int end_ms = 0;
};

struct Answer {
    std::string question_id;
    std::string section_id;
    std::string title;
    AnswerState state = AnswerState::needs_review;
    std::string value;           // chosen option; empty for yes/no
    std::optional<double> score; // 0..1; null for na and needs_review
    double weight = 0;
    bool critical = false;
    double confidence = 0;
    AnswerMethod method = AnswerMethod::rule;
    std::vector<Evidence> evidence;
    std::vector<Evidence> counter_evidence;
    std::string rationale;
    std::optional<SearchedWindow> searched;
    std::string should_have_said; // in the call's language
    std::string actual;           // verified quote, or "not said (searched turns a-b)"
};

struct Deviation { // one failed question or issue step
    int turn_number = 0;
    int start_ms = 0;
    int end_ms = 0;
    std::string deviated_phrase;
    std::string what_was_wrong; // snake_case code
    std::string should_have_said;
    double severity = 0;
    std::string question_id;
    EvidenceKind kind = EvidenceKind::said;
    double confidence = 0;
};

struct SentimentPoint {
    int turn = 0;
    double score = 0.5;    // 0..1, two decimals
    std::string sentiment; // positive | neutral | negative
};

struct SentimentResult {
    std::vector<SentimentPoint> trajectory; // customer turns
    std::vector<double> turn_scores;        // every turn, -1..1, index = turn - 1
    std::vector<double> turn_weights;       // 0 for turns of fewer than two content words
    double start = 0;                       // -1..1
    double end = 0;
    std::string direction = "none"; // improving | steady | declining | none
    double stabilization_raw = 0.5;
    bool scored = false;
};

struct EscalationCue {
    std::string cue; // safety, legal, …
    std::string label;
    double weight = 0;
    Evidence evidence;
};

struct Entity {
    std::string type;
    std::string text;
    int turn = 0;
};

struct Promise {
    std::string text;
    std::string due;
    int turn = 0;
};

struct IssueAnalysis {
    std::string primary_issue;
    std::string declared_category;
    bool category_match = true;
    std::string detected_category;
    std::string summary;
    std::string customer_request;
    std::string severity = "low"; // low | medium | high | critical
    std::vector<Entity> entities;
    int turn_number = 0;
    int start_ms = 0;
    int end_ms = 0;
    std::string quote;
    double confidence = 0;
};

struct ResolutionAnalysis {
    std::string status =
        "none"; // done|pending|information|vague|refused|false_promise|contradicted|none
    bool is_valid = false;
    double raw_score = 0;
    bool scored = true;
    std::string action;
    std::string owner;
    std::string due;
    std::string amount;
    std::optional<bool> customer_accepted;
    std::vector<Promise> promises;
    int turn_number = 0;
    int start_ms = 0;
    int end_ms = 0;
    std::string quote;
    double confidence = 0;
};

/// Raw scores, 0..1; quantised ones follow the reference's cut points.
struct Scores {
    double sop_compliance = 0; // basis-point exact
    bool sop_scored = false;
    double communication = 0;
    bool communication_scored = false;
    double sentiment_stabilization = 0.5;
    bool sentiment_scored = false;
    double resolution_validity = 0;
    bool resolution_scored = true;
    double overall_quality = 0;
    double escalation_risk = 0;
    double coaching_priority = 0;
    double coverage = 0;
    bool scored = false;      // overall: something could be judged
    bool provisional = false; // too little could be judged; visible, not ranked
};

[[nodiscard]] double quantised_sentiment(double raw);  ///< 0, 0.5 or 1
[[nodiscard]] double quantised_resolution(double raw); ///< 0, 0.75 or 1

[[nodiscard]] inline bool escalation_flagged(const Scores& scores) {
    return scores.escalation_risk > 0.5;
}

/// One model that was asked about a call, and what that came to.
struct ModelShare {
    std::string provider;
    std::string model;    // as asked for
    std::string reported; // as the server names it
    int requests = 0;     // answered from the cache or not
    int cached = 0;       // of them: paid for earlier
    bool repaired = false;
    std::int64_t tokens_in = 0;
    std::int64_t tokens_out = 0;
    std::int64_t tokens_cached = 0;
    double cost_usd = 0;
    std::int64_t latency_ms = 0;
};

/// How a model took part: enough to ask the same again.
struct ModelUse {
    std::string prompt_id; // empty: no model was asked
    int prompt_version = 0;
    std::string prompt_hash;
    std::string schema_hash;
    std::string parameters;          // "temperature 0, top_p 1, max_output 4000"
    std::vector<ModelShare> models;  // in the order they were asked
    int samples = 1;                 // of borderline questions
    std::optional<double> agreement; // share of samples that agreed, over those questions
    std::string error;               // code of what ended the asking early; empty: nothing did
};

struct Provenance {
    std::string scorecard_key;
    int scorecard_version = 0;
    std::string scorecard_hash;
    std::string rules_engine_version;
    std::string lexicon_hash;
    std::string transcript_hash;
    std::string redaction_version;
    std::string speech_engine;
    std::string speech_model;
    std::string evaluator = "rules";
    std::string prompt_id; // empty without a model
    std::string prompt_hash;
    std::string model;
    ModelUse use;
};

struct Evaluation {
    std::vector<Answer> answers; // scorecard order
    Scores scores;
    std::vector<Deviation> sop_deviations; // severity desc, turn asc; at most 50
    SentimentResult sentiment;
    std::vector<EscalationCue> cues;
    IssueAnalysis issue;
    ResolutionAnalysis resolution;
    ConversationMetrics metrics;
    std::optional<std::string> why_flagged; // never empty when flagged, null otherwise
    std::string business_insight;
    std::string coaching_insight;
    std::string agent_summary;
    std::string language_spoken;    // "english", "hindi", "hinglish", "unknown"
    std::vector<std::string> flags; // role_uncertain, low_confidence, language_unsupported, …
    Provenance provenance;
};

} // namespace hs
