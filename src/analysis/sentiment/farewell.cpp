#include "analysis/sentiment/farewell.hpp"

#include <algorithm>
#include <vector>

#include "analysis/lexicon_index.hpp"
#include "analysis/sentiment/turn_mood.hpp"

namespace hs::analysis {
namespace {

constexpr std::size_t relief_turns = 4;  // "it opened" is often said a little before the end
constexpr std::size_t mood_turns = 3;    // thanks and doubt
constexpr std::size_t parting_turns = 2; // anger, and a line that breaks
constexpr double felt = 0.25;
constexpr double loud = 0.45; // anger that a "fine" in the same turn does not take back

/// The customer's last turns that have words, in order.
std::vector<std::size_t> last_turns(const Transcript& transcript, const TokenText& words) {
    std::vector<std::size_t> turns;
    const std::size_t count = std::min(transcript.turns.size(), words.turn_ranges.size());
    for (std::size_t i = count; i-- > 0 && turns.size() < relief_turns;) {
        const auto [from, to] = words.turn_ranges[i];
        if (transcript.turns[i].role == Role::customer && to > from) turns.push_back(i);
    }
    std::reverse(turns.begin(), turns.end());
    return turns;
}

/// One turn; `vexed`: bitter by a word of anger only, which a later "fine" takes back.
struct Parting {
    Farewell said;
    bool vexed = false;
};

/// What the entries that only count at the end say of one turn.
Farewell parting_words(std::span<const Token> tokens, const Lexicon::Index& lexicon) {
    Farewell said;
    const auto ids = lexicon.farewell.resolve(tokens);
    for (std::size_t at = 0; at < ids.size();) {
        const auto match = lexicon.farewell.longest(ids, at);
        if (match.value < 0) {
            ++at;
            continue;
        }
        const LexiconGroup& group = lexicon.groups[static_cast<std::size_t>(match.value)];
        const bool denied = group.negatable && tokens[at].negated;
        at += static_cast<std::size_t>(match.length);
        if (denied) continue;
        said.content = said.content || group.cue == MoodCue::thanks;
        said.relieved = said.relieved || group.cue == MoodCue::satisfied;
        said.bitter = said.bitter || group.cue == MoodCue::complaint;
        said.accepts = said.accepts || group.cue == MoodCue::accept;
        said.wary = said.wary || group.cue == MoodCue::wary;
        said.cut_off = said.cut_off || group.cue == MoodCue::cut_off;
    }
    return said;
}

/// The turn that is the `left`th from the end.
Parting parting_of(Farewell said, const TurnMood& mood, std::size_t left) {
    Parting parting{.said = said};
    Farewell& own = parting.said;
    own.relieved = own.relieved || (mood.relieved && mood.score > 0);
    const bool warm = mood.score >= felt && left <= mood_turns;
    own.heartfelt = own.relieved || (own.content && left <= mood_turns) ||
                    (warm && (mood.thanks || mood.amused));
    own.content = own.heartfelt || (warm && mood.praise);
    own.wary = own.wary && left <= mood_turns;
    const bool late = left <= parting_turns;
    const bool anger = mood.vexed && mood.score <= (own.accepts ? -loud : -felt);
    parting.vexed = late && !own.bitter && !own.relieved && anger;
    own.bitter = late && (own.bitter || parting.vexed || mood.threat);
    own.cut_off = own.cut_off && late;
    own.accepts = own.accepts && late;
    return parting;
}

/// What is said later stands.
void follow(const Parting& parting, bool& vexed, Farewell& farewell) {
    const Farewell& said = parting.said;
    if (said.bitter) {
        farewell.content = farewell.heartfelt = farewell.relieved = false;
        vexed = parting.vexed && (vexed || !farewell.bitter);
        farewell.bitter = true;
    } else if (said.content) {
        farewell.content = true;
        farewell.heartfelt = farewell.heartfelt || said.heartfelt;
        farewell.relieved = farewell.relieved || said.relieved;
        farewell.bitter = farewell.cut_off = false;
    } else if (said.accepts && vexed) {
        farewell.bitter = false;
    }
    if (said.wary && !said.content)
        farewell.content = farewell.heartfelt = farewell.relieved = false;
    farewell.wary = farewell.wary || said.wary;
    farewell.accepts = farewell.accepts || said.accepts;
    farewell.cut_off = farewell.cut_off || said.cut_off;
}

} // namespace

Farewell farewell_of(const Transcript& transcript, const TokenText& words, const Lexicon& lexicon) {
    Farewell farewell;
    const auto turns = last_turns(transcript, words);
    if (turns.empty()) return farewell;
    const std::span<const Token> all(words.tokens);
    const auto start = static_cast<std::size_t>(words.turn_ranges[turns.front()].first);
    const ReadText text = read_text(all.subspan(start), transcript, lexicon.index());
    bool vexed = false;
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const auto from = static_cast<std::size_t>(words.turn_ranges[turns[i]].first);
        const auto to = static_cast<std::size_t>(words.turn_ranges[turns[i]].second);
        const TurnMood mood =
            turn_mood(text, from - start, to - start, TurnPlace{}, lexicon.index());
        const Farewell said = parting_words(all.subspan(from, to - from), lexicon.index());
        follow(parting_of(said, mood, turns.size() - i), vexed, farewell);
    }
    return farewell;
}

} // namespace hs::analysis
