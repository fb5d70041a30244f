/// A model's reply to a judging prompt: what it claims, before anything of it is believed.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace hs::analysis {

enum class ClaimKind { said, absence_anchor, contradicts };

struct QuoteClaim {
    int turn = 0;
    std::string quote;
    ClaimKind kind = ClaimKind::said;
};

enum class ClaimState { pass, fail, na, unsure };

struct AnswerClaim {
    std::string question_id;
    ClaimState state = ClaimState::unsure;
    std::vector<std::string> chosen; // option ids
    std::optional<double> number;
    double confidence = 0;
    std::vector<QuoteClaim> evidence;
    std::string rationale;
};

struct CueClaim {
    std::string cue;
    QuoteClaim evidence;
};

struct IssueClaim {
    std::string category;
    std::string summary;
    std::string customer_request;
    std::string severity;
    std::vector<QuoteClaim> evidence;
};

struct ResolutionClaim {
    std::string status;
    std::string action;
    std::string owner;
    std::string due;
    std::optional<bool> customer_accepted;
    double raw_score = 0; // stored, never used
    std::vector<QuoteClaim> evidence;
};

struct TextClaims {
    std::string business_insight;
    std::string coaching_insight;
    std::string agent_summary;
    std::string why_flagged;
};

struct ModelClaims {
    std::vector<AnswerClaim> answers;
    std::map<int, double> turn_sentiment; // by turn, -1..1
    IssueClaim issue;
    ResolutionClaim resolution;
    std::vector<CueClaim> cues;
    TextClaims texts;
    std::string detected_language;
};

/// Of a document that matches the schema prompts/schemas/judgement.json.
[[nodiscard]] ModelClaims read_claims(const json::object& document);

/// Parses a reply and holds it against `schema`. `complaints` says what is wrong, in the words of a
/// repair request; the claims are empty then.
[[nodiscard]] std::optional<ModelClaims> checked_claims(const json::object& schema,
                                                        std::string_view reply,
                                                        std::vector<std::string>& complaints);

} // namespace hs::analysis
