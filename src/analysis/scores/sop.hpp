/// The score of a form: from answers and weights to one number (analysis section 2, "Scoring").
#pragma once

#include <string>
#include <vector>

#include "analysis/scorecard/scorecard.hpp"
#include "domain/evaluation.hpp"

namespace hs::analysis {

struct SectionScore {
    std::string section_id;
    double score = 0;     // 0..1
    bool counted = false; // at least one counted question
};

struct FormScore {
    double score = 0;                  // 0..1, basis-point exact
    bool scored = false;               // something was countable
    double coverage = 0;               // counted weight / (counted + needs_review weight)
    bool provisional = false;          // coverage below the scorecard's min_coverage
    bool critical_failed = false;      // any critical question failed
    bool critical_form_failed = false; // one that caps the whole form
    std::vector<SectionScore> sections;
};

/// Scores the answers. Answers carry their effective weight (after weight_if) and state; na,
/// needs_review, text questions and unscored sections do not count. Answers of questions that the
/// scorecard does not know are ignored.
[[nodiscard]] FormScore form_score(const Scorecard& card, const std::vector<Answer>& answers);

/// Question score of a chosen value: option score / 100; multi = clamped sum of the chosen; numeric
/// = the matching range. Empty when no option fits.
[[nodiscard]] std::optional<double> option_score(const Question& question,
                                                 const std::vector<std::string>& chosen);
[[nodiscard]] std::optional<double> numeric_score(const Question& question, double value);

} // namespace hs::analysis
