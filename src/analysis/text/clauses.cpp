#include "analysis/text/clauses.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace hs::analysis {

namespace {

constexpr int longest_unpunctuated_clause = 12;
constexpr int reach_of_without = 4;

enum Kind : std::uint32_t {
    english_negator = 1U << 0,
    hindi_negation = 1U << 1,
    contracted = 1U << 2, // n't: a question when a pronoun follows
    auxiliary = 1U << 3,  // can, do, did …
    contrast_word = 1U << 4,
    joins_words = 1U << 5,      // and, or, aur, ya
    starts_clause = 1U << 6,    // because, otherwise …
    may_start_clause = 1U << 7, // so, then, if: after a comma
    pronoun = 1U << 8,
    hindi_pronoun = 1U << 9,
    polite_start = 1U << 10,       // please, just, kindly: a request begins
    request_verb = 1U << 11,       // tell, give … before "me"
    after_no = 1U << 12,           // "no problem", "no one": nothing is denied
    harmless_after_not = 1U << 13, // "don't worry", "not only"
};

struct WordKind {
    std::string_view words;
    std::uint32_t kinds;
};

constexpr std::array<WordKind, 14> word_kinds = {{
    {"not no never without nor neither cannot", english_negator},
    {"cant dont didnt doesnt wont isnt arent wasnt werent hasnt havent hadnt shouldnt wouldnt "
     "couldnt mustnt neednt aint shant",
     english_negator | contracted},
    {"nahi nahin nhi nahee नहीं नही mat मत na ना न bina बिना", hindi_negation},
    {"can could will would shall should may might do does did is are was were has have had must",
     auxiliary},
    {"but however although though lekin लेकिन par पर magar मगर kintu किंतु parantu परंतु",
     contrast_word},
    {"and or aur और ya या tatha तथा", joins_words},
    {"because kyunki क्योंकि isliye इसलिए warna varna वरना otherwise therefore", starts_clause},
    {"so then if when since while agar अगर jab जब to तो toh phir फिर", may_start_clause},
    {"i you we he she they it u im ill ive youll youre youve well were weve hes shes theyre lets "
     "sir madam maam",
     pronoun},
    {"aap आप main मैं mai hum हम mujhe मुझे tum तुम wo woh वो वह ye yeh ये यह", hindi_pronoun},
    {"please plz pls kindly just now kripya कृपया प्लीज", polite_start},
    {"tell give send read share say show let", request_verb},
    {"problem problems issue issues worry worries doubt one body nobody thanks thank matter "
     "number",
     after_no},
    {"only just worry mind forget hesitate panic", harmless_after_not},
}};

/// One turn's tokens with the kinds of their words.
class TurnClauses {
public:
    TurnClauses(std::vector<Token>& tokens, int from, int to, std::span<const std::uint32_t> kinds)
        : tokens_(tokens), from_(from), to_(to), kinds_(kinds) {
        bool punctuated = false;
        for (int i = from; i < to; ++i)
            punctuated |= i + 1 < to && (at(i).comma_after || at(i).sentence_end);
        for (int i = from; i < to; ++i)
            at(i).punctuated = punctuated;
        punctuated_ = punctuated;
    }

    int mark(int clause) {
        for (int i = from_; i < to_; ++i)
            mark_negator(i);
        bool negated_so_far = false;
        int hindi_since = -1; // tokens since a Hindi negator of this clause
        for (int i = from_; i < to_; ++i) {
            if (i > from_ && boundary(i, negated_so_far, hindi_since)) {
                ++clause;
                negated_so_far = insertion_ = false;
                hindi_since = -1;
            }
            at(i).clause = clause;
            negated_so_far |= at(i).negator;
            if (at(i).hindi_negator) {
                hindi_since = 0;
            } else if (hindi_since >= 0) {
                ++hindi_since;
            }
        }
        mark_negated();
        return clause + 1;
    }

private:
    [[nodiscard]] Token& at(int i) { return tokens_[static_cast<std::size_t>(i)]; }

    [[nodiscard]] const Token& at(int i) const { return tokens_[static_cast<std::size_t>(i)]; }

    [[nodiscard]] bool is(int i, std::uint32_t kind) const {
        return i >= from_ && i < to_ && (kinds_[static_cast<std::size_t>(i - from_)] & kind) != 0;
    }

    [[nodiscard]] std::string_view text(int i) const {
        return i >= from_ && i < to_ ? std::string_view(at(i).text) : std::string_view();
    }

    [[nodiscard]] bool ends_before(int i) const {
        return i <= from_ || at(i - 1).sentence_end || at(i - 1).comma_after;
    }

    void mark_negator(int i) {
        const bool english = is(i, english_negator);
        const bool hindi = is(i, hindi_negation);
        if (!english && !hindi) return;
        if (i > from_ && text(i - 1) == text(i) && at(i - 1).negator) return; // said twice
        if (english ? harmless_english(i) : harmless_hindi(i)) return;
        at(i).negator = true;
        at(i).hindi_negator = hindi;
    }

    [[nodiscard]] bool harmless_english(int i) const {
        const auto word = text(i);
        if (word == "no") return harmless_no(i);
        if (word == "not" || word == "never" || is(i, contracted)) {
            if (is(i + 1, harmless_after_not)) return !(word == "never" && text(i + 1) == "just");
            if (word == "not" && (text(i - 1) == "why" || text(i - 1) == "or")) return true;
            const bool a_problem = text(i + 1) == "a" && text(i + 2) == "problem";
            if (word == "not" && a_problem) return true;
        }
        return opens_question(i);
    }

    [[nodiscard]] bool harmless_no(int i) const {
        if (is(i + 1, after_no)) return true;
        if (i + 1 < to_ && at(i + 1).is_number) return true;                      // "ticket no 5"
        if (at(i).comma_after || at(i).sentence_end || i + 1 == to_) return true; // an answer
        if (text(i + 1) == "no" || text(i - 1) == "no") return true;
        return ends_before(i) && is(i + 1, pronoun | polite_start); // "no i have it"
    }

    /// "can't you tell me", "could you not send": asked for, not denied.
    [[nodiscard]] bool opens_question(int i) const {
        if (is(i, contracted)) {
            if (!is(i + 1, pronoun)) return false;
            return ends_before(i) || text(i - 1) == "why" || is(i - 1, joins_words | pronoun) ||
                   is(i - 1, may_start_clause | polite_start | contrast_word);
        }
        return text(i) == "not" && is(i - 1, pronoun) && is(i - 2, auxiliary) && ends_before(i - 2);
    }

    [[nodiscard]] bool harmless_hindi(int i) const {
        const auto word = text(i);
        const auto next = text(i + 1);
        const bool denial = word != "na" && word != "ना" && word != "न";
        if (!denial) return !before_verb(i);
        if (word == "mat" || word == "मत" || word == "bina" || word == "बिना") return false;
        if (next == "to" || next == "toh" || next == "तो") return true; // otherwise
        if (at(i).comma_after && ends_before(i)) return true;           // "nahi, …" as an answer
        if (ends_before(i) && (i + 1 == to_ || at(i).sentence_end)) return true;
        const auto before = text(i - 1); // "ya nahi": or not
        return before == "ya" || before == "या" || before == "ki" || before == "कि";
    }

    /// "na batayein" denies; "hai na", "karo na" asks for agreement.
    [[nodiscard]] bool before_verb(int i) const {
        if (i + 1 >= to_ || at(i).comma_after || at(i).sentence_end) return false;
        static constexpr std::array<std::string_view, 12> ends = {
            "iye", "ein", "en", "ayein", "aye", "ye", "ें", "एं", "इए", "इये", "ना", "ओ"};
        return std::ranges::any_of(ends, [&](auto end) { return text(i + 1).ends_with(end); });
    }

    [[nodiscard]] bool new_subject(int i) const {
        if (is(i, polite_start | pronoun | hindi_pronoun)) return true;
        return is(i, request_verb) && (text(i + 1) == "me" || text(i + 1) == "us");
    }

    [[nodiscard]] bool boundary(int i, bool negated_so_far, int hindi_since) {
        if (at(i - 1).sentence_end) return true;
        const bool comma = at(i - 1).comma_after;
        if (is(i, contrast_word)) {
            const bool postposition = text(i) == "par" || text(i) == "पर"; // also "on"
            if (!postposition || comma || new_subject(i + 1)) {
                at(i).contrast = true;
                return true;
            }
        }
        if (is(i, starts_clause)) return true;
        if (comma && is(i, may_start_clause)) return true;
        if (is(i, joins_words)) return negated_so_far ? new_subject(i + 1) : comma;
        if (comma && new_subject(i)) return true;
        if (comma && negated_so_far) return hindi_since >= 0 || !list_goes_on(i);
        if (negated_so_far && is(i, polite_start) && !at(i - 1).negator && text(i) != "now" &&
            text(i) != "just")
            return i + 1 < to_; // "… please" at the end belongs to what was said
        return !punctuated_ && hindi_since > 0 && is(i, hindi_pronoun);
    }

    /// "never share your OTP, PIN or password": after a comma the denial holds for short items, and
    /// behind an insertion ("we never, under any circumstances, ask"). A Hindi verb has closed its
    /// clause by then.
    [[nodiscard]] bool list_goes_on(int i) {
        constexpr int longest_item = 2;
        if (at(i - 1).negator) insertion_ = true;
        if (insertion_) return true;
        for (int last = i; last < to_ && last - i < longest_item; ++last) {
            if (at(last).comma_after || at(last).sentence_end || last + 1 == to_) return true;
            if (is(last + 1, joins_words)) return true;
        }
        return false;
    }

    void mark_negated() {
        for (int i = from_; i < to_; ++i)
            if (at(i).negator) return mark_governed();
    }

    void mark_governed() {
        for (int i = from_; i < to_; ++i)
            at(i).negated = phrase_negated(tokens_, i, i, std::span<const int>(&i, 1));
    }

    std::vector<Token>& tokens_;
    int from_;
    int to_;
    std::span<const std::uint32_t> kinds_; // of the turn's tokens
    bool punctuated_ = false;
    bool insertion_ = false; // behind "never, …"
};

bool governs(const Token& negator, int distance) {
    const bool without =
        negator.text == "without" || negator.text == "bina" || negator.text == "बिना";
    if (without) return distance <= reach_of_without;
    return negator.punctuated || distance <= longest_unpunctuated_clause;
}

} // namespace

std::uint32_t clause_kinds(std::string_view text) {
    static const auto table = [] {
        std::unordered_map<std::string_view, std::uint32_t> kinds;
        for (const auto& entry : word_kinds)
            for (std::size_t at = 0; at < entry.words.size();) {
                const auto end = std::min(entry.words.find(' ', at), entry.words.size());
                kinds[entry.words.substr(at, end - at)] |= entry.kinds;
                at = end + 1;
            }
        return kinds;
    }();
    const auto found = table.find(text);
    return found == table.end() ? 0U : found->second;
}

int mark_clauses(std::vector<Token>& tokens,
                 int from,
                 int to,
                 std::span<const std::uint32_t> kinds,
                 int first_clause) {
    if (from == to) return first_clause;
    return TurnClauses(tokens, from, to, kinds).mark(first_clause);
}

bool phrase_negated(const std::vector<Token>& tokens, int from, int to, std::span<const int> own) {
    const auto token = [&](int i) -> const Token& { return tokens[static_cast<std::size_t>(i)]; };
    const auto& first = token(from);
    const auto same_clause = [&](int i) {
        return i >= 0 && i < static_cast<int>(tokens.size()) && token(i).clause == first.clause &&
               token(i).turn == first.turn;
    };
    int count = 0;
    for (int i = from - 1; same_clause(i); --i)
        count += token(i).negator && governs(token(i), from - i) ? 1 : 0;
    for (int i = from; i <= to; ++i) {
        const bool foreign = token(i).negator && std::ranges::find(own, i) == own.end();
        count += foreign && same_clause(i) ? 1 : 0;
    }
    for (int i = to + 1; same_clause(i); ++i)
        count += token(i).hindi_negator && governs(token(i), i - to) ? 1 : 0;
    return count % 2 == 1;
}

} // namespace hs::analysis
