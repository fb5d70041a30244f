#include "analysis/sentiment/turn_mood.hpp"

#include <algorithm>
#include <cmath>

namespace hs::analysis {
namespace {

// Section 4 of the specification; normalisation and the first two factors follow the usual
// rule-based scale of -4 .. 4 word weights.
constexpr double negation_factor = -0.74;
constexpr double most_of_a_negated_blame = 1.0; // "not angry" is calm, not joy
constexpr double booster = 0.293;
constexpr double emphasis_factor = 1.15;
constexpr double after_contrast = 1.5;
constexpr double before_contrast = 0.5;
constexpr double most_of_facts = 2.2;  // a plain report of trouble, however long, is no anger
constexpr double past_factor = 0.3;    // trouble that the same turn says is over, and the reverse
constexpr double real_threat = -2.0;   // to leave, or to ask for a senior, is none yet
constexpr double most_of_anger = 0.6;  // cues above are dangers: fear, not anger
constexpr double real_vexation = -1.8; // lighter words are grumbling
constexpr double softening = 15.0;
constexpr double repetition = 0.6; // each further word of the same direction adds less
constexpr int negation_reach = 3;
constexpr int booster_reach = 2;

struct Hit {
    std::size_t from = 0;
    std::size_t to = 0; // one past the last token
    const LexiconGroup* group = nullptr;
};

/// Longest entries from left to right; tokens inside a hit belong to it alone.
std::vector<Hit> hits_of(const ReadText& text,
                         const std::vector<PhraseToken>& ids,
                         const PhraseTable& table,
                         const Lexicon::Index& lexicon,
                         std::size_t from,
                         std::size_t to) {
    std::vector<Hit> hits;
    const std::span<const PhraseToken> turn(ids.data(), to);
    for (std::size_t at = from; at < to;) {
        const auto match = table.longest(turn, at);
        if (match.value < 0) {
            ++at;
            continue;
        }
        const auto length = static_cast<std::size_t>(match.length);
        hits.push_back({.from = at,
                        .to = at + length,
                        .group = &lexicon.groups[static_cast<std::size_t>(match.value)]});
        at += length;
    }
    static_cast<void>(text);
    return hits;
}

bool inside_weighted_hit(const std::vector<Hit>& hits, std::size_t token) {
    return std::any_of(hits.begin(), hits.end(), [&](const Hit& hit) {
        return token >= hit.from && token < hit.to && hit.to - hit.from > 1 &&
               hit.group->kind == EntryKind::weighted;
    });
}

/// "Nahi, theek hai": what stands behind a comma is not denied.
bool comma_between(const ReadText& text, std::size_t at, const Hit& hit) {
    const std::size_t from = at < hit.from ? at : hit.to - 1;
    const std::size_t to = at < hit.from ? hit.from : at;
    for (std::size_t i = from; i < to; ++i)
        if (text.tokens[i].comma_after) return true;
    return false;
}

/// A negator near the hit in its clause: before it, in Hindi on either side.
bool negated(const ReadText& text,
             const std::vector<Hit>& hits,
             const Hit& hit,
             std::size_t from,
             std::size_t to,
             int reach) {
    const auto near = static_cast<std::size_t>(reach);
    const std::size_t first = hit.from - std::min(near, hit.from - from);
    const std::size_t last = std::min(hit.to + near, to);
    int negators = 0;
    for (std::size_t at = first; at < last; ++at) {
        if (at >= hit.from && at < hit.to) continue;
        const Token& token = text.tokens[at];
        const bool counts = token.negator && token.clause == text.tokens[hit.from].clause;
        if (!counts || (at >= hit.to && !token.hindi_negator)) continue;
        // "I do not want to complain or go to court": one denial, though it is an idiom's own.
        const bool free = reach > negation_reach || !inside_weighted_hit(hits, at);
        if (free && !comma_between(text, at, hit)) ++negators;
    }
    return negators % 2 == 1;
}

double boosted(const std::vector<Hit>& hits, const Hit& hit, double value) {
    const double sign = value < 0 ? -1 : 1;
    for (const Hit& other : hits) {
        const bool before = other.to <= hit.from && hit.from - other.to < booster_reach;
        const bool after = other.from >= hit.to && other.from - hit.to < 1;
        if (!before && !after) continue;
        if (other.group->kind == EntryKind::intensifier && before) value += sign * booster;
        if (other.group->kind == EntryKind::damper && before) value -= sign * booster;
    }
    return value;
}

/// Clauses next to a contrast word: what follows counts more than what was said before.
class Contrasts {
public:
    Contrasts(const ReadText& text,
              const std::vector<Hit>& hits,
              std::size_t from,
              std::size_t to) {
        for (std::size_t at = from; at < to; ++at)
            if (text.tokens[at].contrast && at > from) at_.push_back(at);
        for (const Hit& hit : hits)
            if (hit.group->kind == EntryKind::contrast && hit.from > from) at_.push_back(hit.from);
        for (const std::size_t at : at_) {
            after_.push_back(text.tokens[at].clause);
            before_.push_back(text.tokens[at - 1].clause);
        }
    }

    [[nodiscard]] bool any() const { return !at_.empty(); }

    [[nodiscard]] double factor(const ReadText& text, std::size_t token) const {
        const int clause = text.tokens[token].clause;
        for (std::size_t i = 0; i < at_.size(); ++i) {
            if (clause == after_[i] && token > at_[i]) return after_contrast;
            if (clause == before_[i] && token < at_[i]) return before_contrast;
        }
        return 1.0;
    }

private:
    std::vector<std::size_t> at_;
    std::vector<int> after_;
    std::vector<int> before_;
};

struct Value {
    double value = 0;
    bool fact = false;
};

/// Words of one direction, strongest first, each adding less than the one before: a long story is
/// not a worse mood than a short one. Facts alone never reach anger.
double total(std::vector<Value> values) {
    std::sort(values.begin(), values.end(), [](const Value& a, const Value& b) {
        return std::abs(a.value) > std::abs(b.value);
    });
    double good = 0;
    double bad = 0;
    double facts = 0;
    double good_share = 1;
    double bad_share = 1;
    for (const Value& each : values) {
        if (each.value >= 0) {
            good += each.value * good_share;
            good_share *= repetition;
            continue;
        }
        (each.fact ? facts : bad) += each.value * bad_share;
        bad_share *= repetition;
    }
    return good + bad + std::max(facts, -most_of_facts);
}

bool is_relief(const Hit& hit) {
    return hit.group->cue == MoodCue::satisfied || hit.group->cue == MoodCue::solved;
}

/// What a turn says last stands: relief after trouble makes the trouble past, and the reverse.
double recency(const std::vector<Hit>& hits, const Hit& hit) {
    const Hit* last = nullptr;
    for (const Hit& each : hits)
        if (is_relief(each) || each.group->weight <= -1.0) last = &each;
    if (last == nullptr || last->from <= hit.from) return 1.0;
    const bool relief_last = is_relief(*last);
    if (relief_last && hit.group->weight < 0) return past_factor;
    return !relief_last && is_relief(hit) ? past_factor : 1.0;
}

double
value_of(const ReadText& text, const std::vector<Hit>& hits, const Hit& hit, bool is_negated) {
    static_cast<void>(text);
    double value = boosted(hits, hit, hit.group->weight);
    if (!is_negated || !hit.group->negatable) return value;
    if (hit.group->escalation > 0 || hit.group->cue == MoodCue::threat)
        return 0; // denied, no praise
    value *= negation_factor;
    return std::min(value, most_of_a_negated_blame);
}

void note_cue(const Hit& hit, bool is_negated, bool past, TurnMood& mood) {
    if (is_negated && hit.group->negatable) {
        // "not good", "not fixed": a denied success is a complaint.
        mood.complaint = mood.complaint || hit.group->weight > 1.0;
        return;
    }
    const bool anger = !hit.group->fact && hit.group->weight <= real_vexation &&
                       hit.group->cue == MoodCue::complaint &&
                       hit.group->escalation <= most_of_anger;
    mood.vexed = mood.vexed || (!past && anger);
    if (!past) mood.escalation = std::max(mood.escalation, hit.group->escalation);
    switch (hit.group->cue) {
    case MoodCue::praise: mood.praise = true; break;
    case MoodCue::unresolved:
        mood.unresolved = true;
        mood.complaint = true;
        break;
    case MoodCue::complaint: mood.complaint = true; break;
    case MoodCue::threat:
        mood.complaint = true;
        mood.threat = mood.threat || (!past && hit.group->weight <= real_threat);
        break;
    case MoodCue::thanks: mood.resolved = mood.thanks = true; break;
    case MoodCue::satisfied:
    case MoodCue::solved: mood.resolved = mood.relieved = true; break;
    case MoodCue::joy: mood.amused = true; break;
    default: break;
    }
}

/// Words that carry meaning: no function words, no bare numbers, no "okay".
int content_words(const ReadText& text,
                  const std::vector<Hit>& hits,
                  std::size_t from,
                  std::size_t to) {
    std::vector<bool> empty(to - from, false);
    for (const Hit& hit : hits) {
        const bool nothing = hit.group->kind != EntryKind::weighted ||
                             (hit.group->cue == MoodCue::accept && hit.to - hit.from == 1);
        if (nothing)
            for (std::size_t at = hit.from; at < hit.to; ++at)
                empty[at - from] = true;
    }
    int count = 0;
    for (std::size_t at = from; at < to; ++at) {
        const Token& token = text.tokens[at];
        if (!token.is_number && !token.negator && !empty[at - from]) ++count;
    }
    return count;
}

void note_agent(const ReadText& text,
                const Lexicon::Index& lexicon,
                std::size_t from,
                std::size_t to,
                TurnMood& mood) {
    for (const Hit& hit : hits_of(text, text.agent, lexicon.agent, lexicon, from, to)) {
        if (hit.group->cue == MoodCue::refusal) mood.refusal = true;
        if (hit.group->cue == MoodCue::empathy) mood.empathy = true;
        if (hit.group->cue == MoodCue::willing) mood.willing = true;
        if (hit.group->cue == MoodCue::progress && !text.tokens[hit.from].negated)
            mood.progress = true;
    }
}

} // namespace

ReadText read_text(std::span<const Token> tokens,
                   const Transcript& transcript,
                   const Lexicon::Index& lexicon) {
    ReadText text{.tokens = tokens, .mood = lexicon.mood.resolve(tokens), .agent = {}};
    text.agent = lexicon.agent.resolve(tokens, [&](const Token& token) {
        return transcript.turns[static_cast<std::size_t>(token.turn)].role == Role::agent;
    });
    return text;
}

TurnMood turn_mood(const ReadText& text,
                   std::size_t from,
                   std::size_t to,
                   const TurnPlace& place,
                   const Lexicon::Index& lexicon) {
    TurnMood mood;
    if (from == to) return mood;
    const auto hits = hits_of(text, text.mood, lexicon.mood, lexicon, from, to);
    const Contrasts contrasts(text, hits, from, to);
    std::vector<Value> values;
    bool only_acceptance = true;
    for (const Hit& hit : hits) {
        if (hit.group->kind != EntryKind::weighted) continue;
        // A threat may be denied from far away: "I do not want to complain or go to court".
        const bool threat = hit.group->cue == MoodCue::threat || hit.group->escalation > 0;
        const bool is_negated = negated(text, hits, hit, from, to, threat ? 10 : negation_reach);
        if (hit.group->cue == MoodCue::polite && !place.opening) continue;
        const double factor = contrasts.factor(text, hit.from) * recency(hits, hit);
        values.push_back(
            {.value = value_of(text, hits, hit, is_negated) * factor, .fact = hit.group->fact});
        mood.hits += hit.group->cue == MoodCue::polite || hit.group->weight == 0 ? 0 : 1;
        note_cue(hit, is_negated, recency(hits, hit) < 1.0, mood);
        only_acceptance = only_acceptance &&
                          (hit.group->cue == MoodCue::accept || hit.group->cue == MoodCue::thanks ||
                           hit.group->cue == MoodCue::polite);
        mood.accepts = mood.accepts || hit.group->cue == MoodCue::accept;
    }
    const auto shouted =
        std::count_if(text.tokens.begin() + static_cast<std::ptrdiff_t>(from),
                      text.tokens.begin() + static_cast<std::ptrdiff_t>(to),
                      [](const Token& token) { return token.sentence_end && token.exclaimed; });
    double sum = total(std::move(values));
    if (shouted >= 2 || place.raised_voice) sum *= emphasis_factor;
    mood.score = sum / std::sqrt(sum * sum + softening);
    mood.content_words = content_words(text, hits, from, to);
    mood.weighs_both = contrasts.any();
    mood.accepts = mood.accepts && only_acceptance;
    if (place.agent) note_agent(text, lexicon, from, to, mood);
    return mood;
}

} // namespace hs::analysis
