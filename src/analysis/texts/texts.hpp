/// The sentences people read about a call, from templates (analysis section 4, "Texts").
///
/// Plain text of at most 400 characters, 500 for why_flagged, in English or Hindi. The inputs are
/// already redacted; nothing is invented.
#pragma once

#include <optional>
#include <string>

#include "domain/evaluation.hpp"

namespace hs::analysis {

struct TextFacts {
    const Evaluation& evaluation;
    bool hindi = false;
    std::string agent_name; // empty: "The agent"
};

[[nodiscard]] std::string business_insight(const TextFacts& facts);
[[nodiscard]] std::string coaching_insight(const TextFacts& facts);
[[nodiscard]] std::string agent_summary(const TextFacts& facts);
/// Empty unless the escalation risk is above 0.5; then never an empty text.
[[nodiscard]] std::optional<std::string> why_flagged(const TextFacts& facts);

/// "1:05" for 65,000 ms.
[[nodiscard]] std::string clock_text(int ms);

} // namespace hs::analysis
