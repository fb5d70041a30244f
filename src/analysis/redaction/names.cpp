// Names: what the metadata gives, and what a customer says after "my name is".
#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "analysis/redaction/patterns.hpp"
#include "analysis/text/folding.hpp"
#include "base/text.hpp"

namespace hs::analysis::redaction {
namespace {

// clang-format off
constexpr const char* name_stops =
    "hai hain hu hoon hun h and aur i im from my the calling main mai mein se bol bola speaking here this is a an to for "
    "ka ki ke ko ne par pe battery problem number mobile phone mera meri kal aaj abhi just not with on in at of it ok "
    "okay so please can could want need have has was but yes no naam name sir madam maam bataiye likha kya "
    "है हैं हूं हूँ और मैं से बोल का की के को ने मेरा मेरी नंबर मोबाइल फोन बैटरी यह ये पर में कल आज";
constexpr const char* answer_leads = "yes ji haan sure it is its my name mera naam हां जी मेरा नाम okay ok sir madam this";
constexpr const char* honorifics = "mr mrs ms miss shri smt dr sri श्री श्रीमती";
// clang-format on

using WordSet = std::unordered_set<std::string>;

WordSet word_set(const char* words) {
    WordSet set;
    for (const std::string_view word : split(words, ' '))
        if (!word.empty()) set.insert(word_key(word));
    return set;
}

/// Class of a Devanagari word's first letter; '*' when folding has to decide.
char devanagari_initial(std::string_view key) {
    // U+0905 … U+0939, in order: vowels, then the consonants by rows.
    static constexpr std::string_view classes =
        "aaaaaaaaaaaaaaaakkggnkkjjnttddnttddnnpfbbmarrlllvsssh";
    if (key.size() < 3 || static_cast<unsigned char>(key[0]) != 0xE0) return '*';
    const unsigned point = ((static_cast<unsigned char>(key[1]) & 0x3Fu) << 6) |
                           (static_cast<unsigned char>(key[2]) & 0x3Fu);
    return point >= 0x905 && point - 0x905 < classes.size() ? classes[point - 0x905] : '*';
}

/// A letter class that two spellings of one name share in front: cheap test before folding.
char initial_class(std::string_view key) {
    if (key.empty()) return '\0';
    const auto first = static_cast<unsigned char>(key[0]);
    if (first >= 0x80) return devanagari_initial(key);
    switch (key[0]) {
    case 'w': return 'v';
    case 'z': return 'j';
    case 'q':
    case 'c': return 'k';
    case 'x': return 's';
    case 'p': return key.starts_with("ph") ? 'f' : 'p';
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
    case 'y': return 'a';
    default: return key[0];
    }
}

struct KnownName {
    WordKeys keys;
    char initial = '\0';
};

std::vector<KnownName> known_names(const std::vector<std::string>& names) {
    static const WordSet titles = word_set(honorifics);
    std::vector<KnownName> known;
    for (const std::string& name : names) {
        for (const std::string_view part : split(name, ' ')) {
            const std::string key = word_key(part);
            if (character_count(key) < 3 || titles.contains(key)) continue;
            known.push_back({.keys = fold(key), .initial = initial_class(key)});
        }
    }
    return known;
}

bool is_known(const std::vector<KnownName>& known, const SpokenWord& word) {
    if (word.key.size() < 3 || !word.digits.empty() || word.number.kind != NumberKind::none)
        return false;
    const char initial = initial_class(word.key);
    WordKeys keys;
    bool folded = false;
    for (const KnownName& name : known) {
        if (name.initial != '*' && initial != '*' && name.initial != initial) continue;
        if (!folded) keys = fold(word.key);
        folded = true;
        if (keys.k1 == name.keys.k1 || (keys.k2.size() >= 3 && keys.k2 == name.keys.k2))
            return true;
    }
    return false;
}

/// Up to three words from `from` that can be a name.
void name_after(const SpokenTurn& spoken, int turn, int from, Hits& hits) {
    static const WordSet stops = word_set(name_stops);
    const auto& words = spoken.words;
    int to = from - 1;
    while (to + 1 < static_cast<int>(words.size()) && to - from + 1 < 3) {
        const SpokenWord& word = words[static_cast<std::size_t>(to + 1)];
        if (word.key.empty() || stops.contains(word.key) || word.numeric()) break;
        ++to;
        if (word.ends_clause) break;
    }
    if (to >= from) hits.push_back({.type = "NAME", .turn = turn, .from = from, .to = to});
}

/// "my name is", "mera naam", "मेरा नाम": index of the word after it; -1 when not said here.
int introduced_at(const SpokenWords& words, std::size_t at) {
    const auto key = [&](std::size_t i) -> std::string_view {
        return i < words.size() ? std::string_view(words[i].key) : std::string_view{};
    };
    if (key(at) == "my" && key(at + 1) == "name")
        return static_cast<int>(key(at + 2) == "is" ? at + 3 : at + 2);
    if (key(at) == "my" && key(at + 1) == "names") return static_cast<int>(at + 2);
    const bool mine =
        key(at) == "mera" || key(at) == "meraa" || key(at) == "मेरा" || key(at) == "mero";
    const bool name = key(at + 1) == "naam" || key(at + 1) == "nam" || key(at + 1) == "नाम" ||
                      key(at + 1) == "name";
    return mine && name ? static_cast<int>(at + 2) : -1;
}

void answered_name(const SpokenTurn& spoken, int turn, Hits& hits) {
    static const WordSet leads = word_set(answer_leads);
    int from = 0;
    while (from < static_cast<int>(spoken.words.size()) &&
           leads.contains(spoken.words[static_cast<std::size_t>(from)].key))
        ++from;
    name_after(spoken, turn, from, hits);
}

} // namespace

void find_names(const std::vector<SpokenTurn>& turns,
                const CueMap& cues,
                const std::vector<std::string>& known,
                Hits& hits) {
    const std::vector<KnownName> names = known_names(known);
    for (std::size_t t = 0; t < turns.size(); ++t) {
        const int turn = static_cast<int>(t);
        const SpokenTurn& spoken = turns[t];
        for (std::size_t i = 0; i < spoken.words.size(); ++i) {
            const int index = static_cast<int>(i);
            if (!names.empty() && is_known(names, spoken.words[i]))
                hits.push_back({.type = "NAME", .turn = turn, .from = index, .to = index});
            if (spoken.role != Role::customer) continue;
            if (const int from = introduced_at(spoken.words, i); from >= 0)
                name_after(spoken, turn, from, hits);
        }
        const bool answers = spoken.role == Role::customer && cues.answers(t, CueKind::name);
        if (answers && spoken.words.size() <= 12) answered_name(spoken, turn, hits);
    }
}

} // namespace hs::analysis::redaction
