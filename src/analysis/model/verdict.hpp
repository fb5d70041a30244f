/// From what a model claims to what is believed: quotes looked up, rules asked, doubt kept.
#pragma once

#include <string>
#include <vector>

#include "analysis/model/brief.hpp"
#include "analysis/model/findings.hpp"
#include "analysis/model/quote_alignment.hpp"

namespace hs::analysis {

inline constexpr double sure_confidence = 0.70;       // below: the next model, then a person
inline constexpr double borderline_confidence = 0.50; // from here to sure: asked again
inline constexpr double absence_confidence = 0.80;    // for "was not said" where no rule searches

/// A claim with its quotes looked up.
struct Verdict {
    ClaimState state = ClaimState::unsure;
    std::vector<std::string> chosen;
    std::optional<double> number;
    double confidence = 0;
    std::vector<Evidence> evidence; // found, said by the right side
    std::vector<Evidence> counter_evidence;
    std::string rationale;
    bool absence = false; // rests on something not having been said
};

/// Looks quotes up in the text that the model was given.
class EvidenceCheck {
public:
    explicit EvidenceCheck(const ModelBrief& brief);

    [[nodiscard]] Verdict verify(const OpenQuestion& question, const AnswerClaim& claim) const;
    /// A quote of `role` (unknown: anybody). Nothing when it is not found, was said by the other
    /// side, or is itself an instruction to whoever judges.
    [[nodiscard]] std::optional<Evidence> verify(const QuoteClaim& claim, Role role) const;

private:
    const ModelBrief& brief_;
    QuoteAligner aligner_;
};

/// One verdict from those on the windows of a long call, in order: words that were found win over
/// words that were missed, fail over pass on critical questions, and what was not said must be
/// missing everywhere.
[[nodiscard]] Verdict merged(const OpenQuestion& question, std::vector<Verdict> windows);

/// Whether two verdicts say the same.
[[nodiscard]] bool same_answer(const Verdict& a, const Verdict& b);

/// A pass or fail with a quote that was found.
[[nodiscard]] bool is_proven(const Verdict& verdict);

/// What stands in the evaluation. `suspicious`: somebody in the call speaks to the judge.
[[nodiscard]] SettledAnswer
settled(const OpenQuestion& question, const Verdict& verdict, bool suspicious);

} // namespace hs::analysis
