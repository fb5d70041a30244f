/// Words that announce what the number, name or address next to them is.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "analysis/redaction/spoken_words.hpp"

namespace hs::analysis::redaction {

enum class CueKind {
    otp,
    pin,
    cvv,
    card,
    aadhaar,
    account,
    phone,
    vehicle,
    partial,
    birth,
    address,
    name
};

[[nodiscard]] const char* placeholder_type(CueKind kind); ///< "OTP" …; partial: "PHONE"

struct Cue {
    CueKind kind = CueKind::otp;
    int word = 0; // its last word
};

/// Number of the list of cue phrases whose first word is `key`; -1: none begins with it.
[[nodiscard]] int cues_beginning_with(std::string_view key);

/// Cues of one turn, in order of words.
[[nodiscard]] std::vector<Cue> cues_of(const SpokenTurn& turn);

/// Cues of every turn, and which turn each one answers.
class CueMap {
public:
    explicit CueMap(const std::vector<SpokenTurn>& turns);

    /// Nearest cue of that kind within `reach` words of word `at` of turn `turn`; distance.
    [[nodiscard]] std::optional<int>
    distance(std::size_t turn, CueKind kind, int at, int reach) const;
    /// Whether the turn that `turn` answers holds such a cue.
    [[nodiscard]] bool answers(std::size_t turn, CueKind kind) const;
    /// The secret (otp, pin, cvv, card, aadhaar) that the answered turn asked for, last one first.
    [[nodiscard]] std::optional<CueKind> secret_answered(std::size_t turn) const;

    [[nodiscard]] const std::vector<Cue>& of_turn(std::size_t turn) const { return cues_[turn]; }

private:
    std::vector<std::vector<Cue>> cues_;
    std::vector<int> answered_; // index of the other side's turn before, backchannels skipped; -1
};

} // namespace hs::analysis::redaction
