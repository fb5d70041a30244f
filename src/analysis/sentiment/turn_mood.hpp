/// What the words of one turn weigh, before the turns around it are looked at.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "analysis/lexicon_index.hpp"
#include "analysis/text/tokens.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

struct TurnMood {
    double score = 0; // -1..1
    int content_words = 0;
    int hits = 0;          // entries that say something, courtesy left out
    double escalation = 0; // strongest cue of the lexicon that is really said, 0..1
    bool praise = false;
    bool complaint = false; // complaint, unresolved state or threat
    bool unresolved = false;
    bool resolved = false;    // relief, thanks or a stated success
    bool thanks = false;      // of these: thanks or a blessing
    bool relieved = false;    // of these: relief or success
    bool amused = false;      // laughs or looks forward
    bool vexed = false;       // a complaint that is no plain fact
    bool threat = false;      // really threatens or leaves
    bool accepts = false;     // nothing but acceptance
    bool weighs_both = false; // good and bad joined by a contrast word: meant as said
    bool progress = false;    // agent turns: an action or commitment
    bool refusal = false;     // agent turns
    bool empathy = false;     // agent turns: sorry for what was reported
    bool willing = false;     // agent turns: gladly takes a plain request
};

/// What has to be known of a turn besides its words.
struct TurnPlace {
    bool agent = false;
    bool opening = false; // the customer's first turn: the only one where courtesy tells a mood
    bool raised_voice = false;
};

/// Tokens of a call with their ids in the lexicon's tables.
struct ReadText {
    std::span<const Token> tokens;
    std::vector<PhraseToken> mood;
    std::vector<PhraseToken> agent;
};

[[nodiscard]] ReadText read_text(std::span<const Token> tokens,
                                 const Transcript& transcript,
                                 const Lexicon::Index& lexicon);

/// Mood of the tokens `[from, to)`, which are one turn.
[[nodiscard]] TurnMood turn_mood(const ReadText& text,
                                 std::size_t from,
                                 std::size_t to,
                                 const TurnPlace& place,
                                 const Lexicon::Index& lexicon);

} // namespace hs::analysis
