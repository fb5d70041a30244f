/// Finds personal data in what was said and masks it word by word.
///
/// The number of words never changes: a masked word keeps its index and time, so evidence found on
/// the original text points at the same place in the redacted one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/transcript.hpp"

namespace hs::analysis {

inline constexpr std::string_view redaction_version = "1";

struct PersonalSpan {
    std::string type; // PHONE, OTP, CARD, …
    int turn = 0;     // 1-based
    int word_from = 0;
    int word_to = 0; // inclusive
    int start_ms = 0;
    int end_ms = 0;
};

struct KnownNames {
    std::string customer; // metadata of the call; empty when unknown
    std::string agent;    // stays readable in the agent view, masked for models
};

/// Who will read it: people see the agent's name, a language model does not.
enum class Audience { reader, model };

/// Personal data of the transcript, by turn and word.
[[nodiscard]] std::vector<PersonalSpan> find_personal_data(const Transcript& transcript,
                                                           const KnownNames& names,
                                                           Audience audience = Audience::reader);

/// The transcript with every word of every span replaced: the first by its placeholder
/// ("[PHONE]"), the others by "[…]"; turn.text is rebuilt from the words.
[[nodiscard]] Transcript redacted(const Transcript& transcript,
                                  const std::vector<PersonalSpan>& spans);

/// Free text (an insight, a note) through the same detectors; a span becomes one placeholder.
[[nodiscard]] std::string
redacted_text(std::string_view text, const KnownNames& names, Audience audience = Audience::reader);

} // namespace hs::analysis
