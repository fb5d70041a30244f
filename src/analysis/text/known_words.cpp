#include "analysis/text/known_words.hpp"

#include "analysis/text/clauses.hpp"

namespace hs::analysis {

WordFacts facts_of(std::string_view word) {
    WordFacts facts;
    facts.keys = fold(word);
    facts.hindi_keys = facts.keys;
    facts.hindi_keys.english = false;
    facts.number = number_word(word);
    facts.kinds = clause_kinds(word);
    return facts;
}

void KnownWords::add(std::string_view word) {
    if (!words_.contains(word)) words_.emplace(std::string(word), facts_of(word));
}

const WordFacts* KnownWords::find(std::string_view word) const {
    const auto found = words_.find(word);
    return found == words_.end() ? nullptr : &found->second;
}

} // namespace hs::analysis
