/// How each turn sounds, and where the customer's mood starts and ends.
#pragma once

#include <map>
#include <span>
#include <vector>

#include "analysis/lexicon.hpp"
#include "analysis/sentiment/farewell.hpp"
#include "domain/evaluation.hpp"
#include "domain/metrics.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

struct TokenText;

/// What the rules know about the turns; every list is indexed by turn - 1 and may be empty, then
/// sentiment derives its own idea from the lexicon's cue groups.
struct SentimentHints {
    std::vector<double> escalation_weight; // strongest escalation cue of the customer's turn, 0..1
    std::vector<bool> agent_progress;      // the agent did something or committed to something
    std::vector<Event> raised_voice;       // of ConversationMetrics
};

/// Sentiment of every turn, the customer's trajectory, direction and stabilisation (analysis
/// section 4). `words` is the tokenised form of the same transcript.
[[nodiscard]] SentimentResult judge_sentiment(const Transcript& transcript,
                                              const TokenText& words,
                                              const Lexicon& lexicon,
                                              const SentimentHints& hints = {});

/// What became of the caller's matter, and how the caller took leave: what the mood of the turns
/// alone does not tell.
struct SentimentFacts {
    bool open_trouble = false; // the caller reported trouble that was still open
    bool solved = false;       // something concrete was done, told or promised, and stood
    bool promised = false;     // of these: it is still to come
    bool fooled = false;       // promised what nobody can keep
    bool fought = false;       // a serious escalation cue was said, other than a danger
    Farewell farewell{};       // the last words
};

/// Direction, end and stabilisation from both; see docs/reference/evaluation.md. The farewell wins
/// over the outcome: what was done is worth what the caller thinks of it.
void settle_direction(const SentimentFacts& facts, SentimentResult& result);

/// Puts moods of another judge (by turn, -1..1) in place of ours for the customer's turns; what
/// follows from them is concluded anew.
void replace_moods(const Transcript& transcript,
                   const std::map<int, double>& moods,
                   SentimentResult& result);

/// At most `limit` points: first, last and the lows are kept, the others thinned evenly.
[[nodiscard]] std::vector<SentimentPoint> thinned(std::vector<SentimentPoint> points,
                                                  std::size_t limit = 400);

/// Direction and stabilisation from the scores and weights of the customer's turns, in order;
/// fills start, end, direction, stabilization_raw and scored.
void conclude_direction(std::span<const double> scores,
                        std::span<const double> weights,
                        SentimentResult& result);

} // namespace hs::analysis
