/// The loaded lexicon as sentiment reads it.
#pragma once

#include <string>
#include <vector>

#include "analysis/lexicon.hpp"
#include "analysis/phrase_table.hpp"

namespace hs::analysis {

/// What an entry tells besides its weight.
enum class MoodCue {
    none,
    thanks,
    praise,
    satisfied,
    solved,
    accept,
    polite,
    joy,
    complaint,
    unresolved,
    threat,
    wary,     // at the end: believes it when it is seen
    cut_off,  // at the end: the line broke
    progress, // agent: did or promised something concrete
    refusal,  // agent: does not help
    empathy,  // agent: is sorry for what was reported
    willing,  // agent: gladly takes a plain request
};

enum class EntryKind { weighted, intensifier, damper, contrast, function };

struct LexiconGroup {
    std::string name;
    EntryKind kind = EntryKind::weighted;
    MoodCue cue = MoodCue::none;
    double weight = 0;
    double escalation = 0; // weight of the escalation cue this group is, 0 when it is none
    bool negatable = true;
    bool fact = false; // what happened, not how the caller takes it
};

struct Lexicon::Index {
    std::vector<LexiconGroup> groups; // phrase values are indices into it
    PhraseTable mood{true};           // both sides
    PhraseTable agent;                // progress and refusal, agent only
    PhraseTable farewell{true};       // the customer's last turns only
    std::size_t words = 0;
    std::size_t idioms = 0;
    std::string hash;
};

} // namespace hs::analysis
