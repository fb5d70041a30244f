#include "analysis/rules/matcher.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace hs::analysis {

namespace {

constexpr int longest_class = 40; // tokens one slot may take
constexpr float loss_per_edit = 0.1F;

std::size_t index(int i) {
    return static_cast<std::size_t>(i);
}

} // namespace

void PatternIndex::build(const Vocabulary& vocabulary,
                         const std::vector<Pattern>& patterns,
                         const std::vector<SlotClass>& classes) {
    vocabulary_ = &vocabulary;
    patterns_ = &patterns;
    classes_ = &classes;
    int stages = 1;
    for (const auto& pattern : patterns)
        stages = std::max(stages, pattern.stage + 1);
    stages_.assign(index(stages), {});
    for (int number = 0; number < stages; ++number)
        build_stage(stages_[index(number)], number);
    know_own_words();
}

void PatternIndex::know_own_words() {
    known_.clear();
    for (int id = 0; id < vocabulary_->size(); ++id) {
        const auto read = tokenise_text(vocabulary_->form(id).text);
        if (read.tokens.size() != 1 || read.tokens.front().is_number) continue;
        auto token = read.tokens.front();
        const auto [known, added] = known_.try_emplace(std::string(token.text));
        if (!added) continue;
        vocabulary_->resolve(token, false, known->second.english);
        auto keys = *token.keys;
        keys.english = false;
        token.keys = &keys;
        vocabulary_->resolve(token, false, known->second.other);
    }
}

const std::vector<WordHit>* PatternIndex::known_hits(const Token& token, bool machine) const {
    if (token.is_number) return nullptr;
    const auto known = known_.find(token.text);
    if (known == known_.end()) return nullptr;
    const auto& hits = token.keys->english ? known->second.english : known->second.other;
    // What a machine wrote and no rule has may be another word misheard.
    return machine && hits.empty() ? nullptr : &hits;
}

void PatternIndex::Postings::add(const std::vector<Posting>& of_next_word) {
    first.push_back(static_cast<int>(list.size()));
    list.insert(list.end(), of_next_word.begin(), of_next_word.end());
}

void PatternIndex::build_stage(Stage& stage, int number) const {
    ByWord by_word(index(vocabulary_->size()));
    for (int p = 0; p < static_cast<int>(patterns_->size()); ++p) {
        const auto& pattern = (*patterns_)[index(p)];
        if (pattern.stage != number || pattern.slots.empty()) continue;
        stage.empty = false;
        if (pattern.required == 0) stage.class_led.push_back(p);
        for (std::size_t s = 0; s < pattern.slots.size(); ++s)
            for (const int word : pattern.slots[s].words) {
                auto& postings = by_word[index(word)];
                if (postings.empty() || postings.back().pattern != p) postings.push_back({p, 0});
                postings.back().slots |= std::uint64_t{1} << s;
            }
    }
    std::vector<std::uint64_t> keys;
    keys.reserve(patterns_->size());
    for (const auto& pattern : *patterns_)
        keys.push_back(pattern.stage == number ? key_slot(pattern, by_word) : 0);
    for (auto& postings : by_word) {
        stage.all.add(postings);
        std::erase_if(postings, [&](const Posting& posting) {
            return (posting.slots & keys[index(posting.pattern)]) == 0;
        });
        stage.keys.add(postings);
    }
    stage.all.add({});
    stage.keys.add({});
}

/// Of the slots that words must fill the one whose words the fewest patterns use: words of many
/// patterns ("you", "is") are said all the time. A bit, or 0 when there is no such slot.
std::uint64_t PatternIndex::key_slot(const Pattern& pattern, const ByWord& by_word) {
    std::uint64_t best = 0;
    std::size_t fewest = 0;
    for (std::size_t s = 0; s < pattern.slots.size(); ++s) {
        const auto bit = std::uint64_t{1} << s;
        if ((pattern.required & bit) == 0) continue;
        std::size_t uses = 0;
        for (const int word : pattern.slots[s].words)
            uses += by_word[index(word)].size();
        if (best != 0 && uses >= fewest) continue;
        best = bit;
        fewest = uses;
    }
    return best;
}

/// One call's matching: resolved words, classes found so far, and scratch of the current turn.
class MatchRun {
public:
    MatchRun(const PatternIndex& index_of, const TokenText& text, bool machine)
        : index_(index_of), patterns_(*index_of.patterns_), classes_(*index_of.classes_),
          text_(text) {
        resolve(machine);
        matches_.resize(patterns_.size());
        candidate_of_.assign(patterns_.size(), -1);
        class_spans_.resize(classes_.size());
        const auto marks = entity_marks(text_.tokens);
        for (std::size_t c = 0; c < classes_.size(); ++c)
            if (classes_[c].list < 0)
                for (const auto& [from, to] : text_.turn_ranges)
                    find_entities(
                        text_.tokens, marks, from, to, classes_[c].entity, class_spans_[c]);
    }

    std::vector<std::vector<Match>> run() {
        for (std::size_t s = 0; s < index_.stages_.size(); ++s) {
            finish_lists(static_cast<int>(s));
            const auto& stage = index_.stages_[s];
            if (stage.empty) continue;
            find_possible(stage);
            gather(stage.all, all_);
            gather(stage.keys, keys_);
            for (const auto& [from, to] : text_.turn_ranges)
                match_turn(stage, from, to);
        }
        return std::move(matches_);
    }

private:
    // --- words --------------------------------------------------------------------------------
    void resolve(bool machine) {
        // The same spelling has the same forms where it is read the same way.
        std::array<std::vector<int>, 4> known; // per lexeme: its distinct word, or -1
        std::vector<WordHit> hits;
        distinct_.reserve(text_.tokens.size());
        for (const auto& token : text_.tokens) {
            auto& words = known[(token.keys->english ? 1U : 0U) + (token.is_number ? 2U : 0U)];
            if (index(token.lexeme) >= words.size()) words.resize(index(token.lexeme) + 1, -1);
            auto& word = words[index(token.lexeme)];
            const bool added = word < 0;
            if (added) word = static_cast<int>(hit_first_.size());
            distinct_.push_back(word);
            if (!added) continue;
            const auto* known_hits = index_.known_hits(token, machine);
            if (known_hits == nullptr) {
                index_.vocabulary_->resolve(token, machine, hits);
                known_hits = &hits;
            }
            hit_first_.push_back(static_cast<int>(hits_.size()));
            hits_.insert(hits_.end(), known_hits->begin(), known_hits->end());
        }
        hit_first_.push_back(static_cast<int>(hits_.size()));
        edited_ = std::ranges::any_of(hits_, [](const WordHit& hit) { return hit.edits != 0; });
    }

    template <typename Visit>
    void for_hits(int token, Visit visit) const {
        const int word = distinct_[index(token)];
        for (int h = hit_first_[index(word)]; h < hit_first_[index(word) + 1]; ++h)
            visit(hits_[index(h)]);
    }

    [[nodiscard]] bool is_word(int token, const std::vector<int>& words) const {
        bool found = false;
        for_hits(token, [&](const WordHit& hit) {
            found |= std::ranges::find(words, hit.word) != words.end();
        });
        return found;
    }

    // --- classes ------------------------------------------------------------------------------
    /// Lists whose patterns were matched in earlier stages become spans that fill slots.
    void finish_lists(int stage) {
        for (std::size_t c = 0; c < classes_.size(); ++c) {
            if (classes_[c].list < 0 || classes_[c].stage != stage) continue;
            auto& spans = class_spans_[c];
            for (const int p : classes_[c].patterns)
                for (const auto& match : matches_[index(p)])
                    spans.push_back({match.from, match.to});
            std::ranges::sort(spans, [](const TokenSpan& a, const TokenSpan& b) {
                return a.from != b.from ? a.from < b.from : a.to < b.to;
            });
            spans.erase(std::ranges::unique(spans).begin(), spans.end());
        }
    }

    /// The spans of a class that begin at `token`.
    [[nodiscard]] std::pair<const TokenSpan*, const TokenSpan*> spans_at(int id, int token) const {
        const auto& spans = class_spans_[index(id)];
        const auto low = std::ranges::lower_bound(spans, token, {}, &TokenSpan::from);
        auto high = low;
        while (high != spans.end() && high->from == token)
            ++high;
        return {spans.data() + (low - spans.begin()), spans.data() + (high - spans.begin())};
    }

    // --- one turn -----------------------------------------------------------------------------
    /// The postings of each distinct word of the call, side by side.
    struct WordPostings {
        std::vector<int> first;
        std::vector<PatternIndex::Posting> list;

        [[nodiscard]] std::span<const PatternIndex::Posting> of(int word) const {
            const auto from = index(first[index(word)]);
            return {list.data() + from, index(first[index(word) + 1]) - from};
        }
    };

    /// Most patterns name a word that the whole call does not have: no turn is asked about them.
    void find_possible(const PatternIndex::Stage& stage) {
        filled_.assign(patterns_.size(), 0);
        for (const auto& hit : hits_)
            for (const auto& posting : stage.all.of(hit.word))
                filled_[index(posting.pattern)] |= posting.slots;
        possible_.resize(patterns_.size());
        for (std::size_t p = 0; p < patterns_.size(); ++p)
            possible_[p] = (filled_[p] & patterns_[p].required) == patterns_[p].required ? 1 : 0;
    }

    void gather(const PatternIndex::Postings& from, WordPostings& to) const {
        to.first.assign(1, 0);
        to.list.clear();
        for (std::size_t word = 0; word + 1 < hit_first_.size(); ++word) {
            for (int h = hit_first_[word]; h < hit_first_[word + 1]; ++h)
                for (const auto& posting : from.of(hits_[index(h)].word))
                    if (possible_[index(posting.pattern)] != 0) to.list.push_back(posting);
            to.first.push_back(static_cast<int>(to.list.size()));
        }
    }

    void match_turn(const PatternIndex::Stage& stage, int from, int to) {
        find_candidates(stage, from, to);
        keep_complete(from, to);
        if (candidates_.empty()) return;
        negators_ = has_negator(from, to);
        const auto length = index(to - from);
        masks_.assign(candidates_.size() * length, 0);
        for (const auto& fill : fills_)
            if (const int c = kept_[index(fill.candidate)]; c >= 0)
                masks_[index(c) * length + index(fill.token - from)] |= fill.slots;
        for (std::size_t c = 0; c < candidates_.size(); ++c) {
            follow(candidates_[c], {masks_.data() + c * length, length}, from);
        }
    }

    /// A word of the turn that fills slots of a candidate.
    struct Fill {
        int token = 0;
        int candidate = 0; // as find_candidates() counts them
        std::uint64_t slots = 0;
    };

    /// Leaves the candidates whose required words all occur; kept_ tells where they went.
    void keep_complete(int from, int to) {
        if (candidates_.empty()) return;
        filled_.assign(candidates_.size(), 0);
        fills_.clear();
        for (int t = from; t < to; ++t)
            for (const auto& posting : all_.of(distinct_[index(t)]))
                if (const int c = candidate_of_[index(posting.pattern)]; c >= 0) {
                    fills_.push_back({t, c, posting.slots});
                    filled_[index(c)] |= posting.slots;
                }
        kept_.assign(candidates_.size(), -1);
        std::size_t kept = 0;
        for (std::size_t c = 0; c < candidates_.size(); ++c) {
            const int p = candidates_[c];
            const auto& pattern = patterns_[index(p)];
            const bool complete = (filled_[c] & pattern.required) == pattern.required &&
                                  classes_occur(pattern, from, to);
            candidate_of_[index(p)] = -1;
            if (!complete) continue;
            kept_[c] = static_cast<int>(kept);
            candidates_[kept++] = p;
        }
        candidates_.resize(kept);
    }

    [[nodiscard]] bool has_negator(int from, int to) const {
        return std::any_of(text_.tokens.begin() + from,
                           text_.tokens.begin() + to,
                           [](const Token& token) { return token.negator; });
    }

    /// Patterns whose key word occurs in the turn, and those that no word must begin.
    void find_candidates(const PatternIndex::Stage& stage, int from, int to) {
        candidates_.clear();
        const auto add = [&](int p) {
            auto& place = candidate_of_[index(p)];
            if (place >= 0) return;
            place = static_cast<int>(candidates_.size());
            candidates_.push_back(p);
        };
        for (int t = from; t < to; ++t)
            for (const auto& posting : keys_.of(distinct_[index(t)]))
                add(posting.pattern);
        if (from == to) return;
        for (const int p : stage.class_led)
            if (classes_occur(patterns_[index(p)], from, to)) add(p);
    }

    /// Whether every slot that only classes fill can be filled in the turn.
    [[nodiscard]] bool classes_occur(const Pattern& pattern, int from, int to) const {
        return std::ranges::all_of(pattern.slots, [&](const Slot& slot) {
            if (slot.optional || slot.any || !slot.words.empty()) return true;
            return std::ranges::any_of(slot.classes, [&](int id) {
                const auto& spans = class_spans_[index(id)];
                const auto first = std::ranges::lower_bound(spans, from, {}, &TokenSpan::from);
                return first != spans.end() && first->from < to;
            });
        });
    }

    void follow(int p, std::span<std::uint64_t> masks, int from) {
        const auto& pattern = patterns_[index(p)];
        turn_ = {&pattern, masks, from, from + static_cast<int>(masks.size())};
        for (std::size_t s = 0; s < pattern.slots.size(); ++s)
            if (pattern.slots[s].any)
                for (auto& mask : masks)
                    mask |= std::uint64_t{1} << s;
        const auto first = first_slots(pattern);
        for (int start = from; start < turn_.to; ++start) {
            const bool word = (masks[index(start - from)] & first) != 0;
            if (!word && !class_starts(start)) continue;
            const int end = simulate(start);
            if (end >= 0) accept(p, start, end);
        }
    }

    [[nodiscard]] bool fills(int token, std::size_t slot) const {
        return (turn_.masks[index(token - turn_.from)] >> slot & 1) != 0;
    }

    /// The slots a match may begin with: the first one and those behind slots that may be left out.
    static std::uint64_t first_slots(const Pattern& pattern) {
        std::uint64_t slots = 0;
        for (std::size_t s = 0; s < pattern.slots.size(); ++s) {
            slots |= std::uint64_t{1} << s;
            if (!pattern.slots[s].optional) break;
        }
        return slots;
    }

    [[nodiscard]] bool class_starts(int start) const {
        for (const auto& slot : turn_.pattern->slots) {
            for (const int id : slot.classes) {
                const auto [low, high] = spans_at(id, start);
                if (low != high) return true;
            }
            if (!slot.optional) return false;
        }
        return false;
    }

    /// The last word of the shortest match that begins at `start`, or -1. state(k, s) holds, before
    /// word start + k and with s slots filled, the set of numbers of extra words used so far.
    int simulate(int start) {
        const auto& slots = turn_.pattern->slots;
        const auto gap_bits = static_cast<std::uint16_t>((1U << (turn_.pattern->gap + 1)) - 1);
        width_ = slots.size() + 1;
        steps_ = 0;
        reach(0, 0, 1);
        for (int t = start;; ++t) {
            const auto k = index(t - start);
            if (k >= steps_) return -1;
            for (std::size_t s = 0; s < slots.size(); ++s)
                if (slots[s].optional) state(k, s + 1) |= state(k, s);
            if (k > 0 && state(k, slots.size()) != 0) return t - 1;
            if (t == turn_.to) return -1;
            for (std::size_t s = 0; s < slots.size(); ++s) {
                const auto bits = state(k, s);
                if (bits == 0) continue;
                if (fills(t, s)) reach(k + 1, s + 1, bits);
                fill_by_class(slots[s], t, k, s, bits);
                if (k > 0) reach(k + 1, s, static_cast<std::uint16_t>(bits << 1 & gap_bits));
            }
        }
    }

    void fill_by_class(const Slot& slot, int t, std::size_t k, std::size_t s, std::uint16_t bits) {
        for (const int id : slot.classes) {
            const auto [low, high] = spans_at(id, t);
            for (const auto* span = low; span != high; ++span)
                if (span->to - span->from < longest_class)
                    reach(k + index(span->to - span->from + 1), s + 1, bits);
        }
    }

    std::uint16_t& state(std::size_t k, std::size_t s) { return states_[k * width_ + s]; }

    void reach(std::size_t k, std::size_t s, std::uint16_t bits) {
        if (bits == 0) return;
        if (k >= steps_) {
            if (states_.size() < (k + 1) * width_) states_.resize((k + 1) * width_);
            std::fill(states_.begin() + static_cast<std::ptrdiff_t>(steps_ * width_),
                      states_.begin() + static_cast<std::ptrdiff_t>((k + 1) * width_),
                      std::uint16_t{0});
            steps_ = k + 1;
        }
        state(k, s) |= bits;
    }

    // --- a match ------------------------------------------------------------------------------
    void accept(int p, int start, int end) {
        const auto& pattern = patterns_[index(p)];
        const bool inside = end + 1 < turn_.to;
        if (inside && !pattern.not_before.empty() && is_word(end + 1, pattern.not_before)) return;
        if (start > turn_.from && !pattern.not_after.empty() &&
            is_word(start - 1, pattern.not_after))
            return;
        own_.clear();
        edits_ = 0;
        trace_back(start, end);
        float confidence = 0;
        for (const int t : own_)
            confidence += static_cast<float>(text_.tokens[index(t)].confidence);
        confidence /= static_cast<float>(std::max<std::size_t>(own_.size(), 1));
        confidence *= std::max(0.0F, 1 - loss_per_edit * static_cast<float>(edits_));
        const bool negated = negators_ && phrase_negated(text_.tokens, start, end, own_);
        matches_[index(p)].push_back({start, end, confidence, negated});
    }

    /// Walks from the accepting state to the start and collects the words that filled slots.
    void trace_back(int start, int end) {
        const auto& slots = turn_.pattern->slots;
        auto k = index(end - start + 1);
        auto s = slots.size();
        const auto accepting = state(k, s);
        int used = 0;
        while ((accepting >> used & 1) == 0)
            ++used;
        while (k > 0) {
            const auto bit = static_cast<std::uint16_t>(1U << used);
            const int t = start + static_cast<int>(k) - 1;
            if (s > 0 && fills(t, s - 1) && (state(k - 1, s - 1) & bit) != 0) {
                own_.push_back(t);
                edits_ += edits(t, slots[s - 1]);
                --k;
                --s;
            } else if (const int from = s > 0 ? class_start(start, t, s, bit) : -1; from >= 0) {
                for (int i = from; i <= t; ++i)
                    own_.push_back(i);
                k = index(from - start);
                --s;
            } else if (s > 0 && slots[s - 1].optional && (state(k, s - 1) & bit) != 0) {
                --s;
            } else if (used > 0) {
                --used;
                --k;
            } else {
                return; // cannot happen: every state has a way in
            }
        }
    }

    int class_start(int start, int last, std::size_t s, std::uint16_t bit) {
        for (const int id : turn_.pattern->slots[s - 1].classes)
            for (int from = last; from >= start; --from) {
                if ((state(index(from - start), s - 1) & bit) == 0) continue;
                const auto [low, high] = spans_at(id, from);
                for (const auto* span = low; span != high; ++span)
                    if (span->to == last) return from;
            }
        return -1;
    }

    [[nodiscard]] int edits(int token, const Slot& slot) const {
        if (!edited_) return 0;
        int fewest = slot.any ? 0 : 100;
        for_hits(token, [&](const WordHit& hit) {
            if (std::ranges::find(slot.words, hit.word) != slot.words.end())
                fewest = std::min(fewest, hit.edits);
        });
        return fewest == 100 ? 0 : fewest;
    }

    /// The pattern and the turn that are being followed.
    struct Following {
        const Pattern* pattern = nullptr;
        std::span<const std::uint64_t> masks; // per word of the turn: the slots it fills
        int from = 0;
        int to = 0;
    };

    const PatternIndex& index_;
    const std::vector<Pattern>& patterns_;
    const std::vector<SlotClass>& classes_;
    const TokenText& text_;
    std::vector<int> distinct_; // per token: its distinct word
    std::vector<int> hit_first_;
    std::vector<WordHit> hits_;
    bool edited_ = false; // some hit is a misheard word
    std::vector<std::vector<TokenSpan>> class_spans_;
    std::vector<std::vector<Match>> matches_;
    WordPostings all_;              // of the stage that is matched
    WordPostings keys_;             // the same, key slots only
    std::vector<char> possible_;    // per pattern: the call has all its words
    std::vector<int> candidate_of_; // per pattern: its place among the candidates, or -1
    std::vector<int> candidates_;
    std::vector<int> kept_; // per candidate: its place among those that are followed, or -1
    std::vector<Fill> fills_;
    std::vector<std::uint64_t> masks_;  // of all candidates
    std::vector<std::uint64_t> filled_; // per pattern or candidate: slots filled somewhere
    bool negators_ = false;             // the turn has one
    Following turn_;
    std::vector<std::uint16_t> states_;
    std::size_t width_ = 0;
    std::size_t steps_ = 0;
    std::vector<int> own_;
    int edits_ = 0;
};

std::vector<std::vector<Match>> PatternIndex::run(const TokenText& text, bool machine) const {
    return MatchRun(*this, text, machine).run();
}

} // namespace hs::analysis
