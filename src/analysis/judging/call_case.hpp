/// Everything the steps of one judgement look at, and what they add.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/judge.hpp"
#include "analysis/rules/rulebook.hpp"
#include "analysis/scorecard/scorecard.hpp"
#include "domain/evaluation.hpp"

namespace hs::analysis {

struct ModelFindings;

/// One call on its way through the steps. `run` evaluates rules on the original words; quotes are
/// taken from `redacted`, word for word at the same places.
struct CallCase {
    const Scorecard& card;
    const CallContext& context;
    const Transcript& transcript; // roles assigned, original words
    const Transcript& redacted;
    RuleRun& run;
    Evaluation& evaluation;
    std::string language;                     // of texts: en, hi or hi-Latn
    std::string category;                     // canonical issue category; empty when unknown
    std::optional<Evidence> outcome_evidence; // where the resolution was decided
    bool role_uncertain = false;
    bool language_unsupported = false;
    const ModelFindings* findings = nullptr; // what a model said and was believed; may be null
    bool outcome_by_model = false;           // evaluation.resolution is the model's
};

/// Evidence with its quote read from the redacted transcript.
[[nodiscard]] Evidence quoted(const CallCase& call, Evidence evidence);
[[nodiscard]] Evidence whole_turn(const CallCase& call, int turn, EvidenceKind kind);
[[nodiscard]] const Turn* turn_at(const Transcript& transcript, int number);
[[nodiscard]] bool has_role(const Transcript& transcript, Role role);
/// The rule with this purpose in the scorecard's `signals`, or empty.
[[nodiscard]] std::string signal_rule(const Scorecard& card, const std::string& purpose);
/// Spans of a signal's rule in the call; none when the scorecard has no such signal.
[[nodiscard]] std::vector<RuleSpan> signal_spans(const CallCase& call, const std::string& purpose);

/// The first customer turn that says something (three words), from which the issue runs.
[[nodiscard]] int issue_turn(const CallCase& call);

} // namespace hs::analysis
