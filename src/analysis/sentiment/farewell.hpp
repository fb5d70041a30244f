/// How the caller takes leave: what the last words say about the mood that remains.
#pragma once

#include "analysis/lexicon.hpp"
#include "analysis/text/tokens.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis {

/// Of the customer's last turns; a later turn overrules an earlier one, so `content` and `bitter`
/// are never both true.
struct Farewell {
    bool content = false;   // thanks, a blessing, praise, relief, laughter, or an apology
    bool heartfelt = false; // of these: more than a word of praise, which may be meant bitterly
    bool relieved = false;  // of these: relief, or the thing is seen to work
    bool bitter = false;    // anger, a threat, leaving, contempt, "keep it to yourself"
    bool accepts = false;   // at least "fine", "theek hai"
    bool wary = false;      // "let us see", "if he does not come"
    bool cut_off = false;   // the line broke: no farewell at all
};

/// `words` is the tokenised form of the same transcript.
[[nodiscard]] Farewell
farewell_of(const Transcript& transcript, const TokenText& words, const Lexicon& lexicon);

} // namespace hs::analysis
