#include "analysis/conversation/holds.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <optional>
#include <string_view>

#include "analysis/phrase_table.hpp"
#include "analysis/text/tokens.hpp"

namespace hs::analysis {
namespace {

constexpr int least_hold_audio_ms = 5000;
constexpr int least_hold_silence_ms = 3000;
constexpr int soonest_silence_ms = 3000; // the silence begins this soon after the phrase
constexpr int reason_reach_ms = 15000;

enum Said : int { announces_hold, explicit_hold, resumes, gives_reason, asks };

// clang-format off
constexpr std::array<const char*, 21> hold_phrases = {
    "hold on", "hold the line", "please hold", "stay on the line", "hold for a", "hold a minute|second|moment",
    "one|a|two moment|minute|second|sec", "just a moment|minute|second|sec", "bear with me", "give me a moment|minute|second",
    "ek minute|second|moment", "do minute", "thoda rukiye|ruko|ruk|wait", "line pe|par|pr rahiye|raho|rahe|rahna", "line par bane",
    "hold kijiye|karo|kare|kariye|karein|rakhiye", "rukiye|rukie zara?|ek?", "wait kijiye|kariye|karo|karein",
    "zara rukiye|rukie|ruko", "intezaar kijiye|kariye|karein", "pratiksha kijiye|karein"};
constexpr std::array<const char*, 14> explicit_phrases = {
    "put|place|keep|putting|placing|keeping you|your|this|the|u on? hold", "your call on hold", "you on a brief? hold",
    "on hold for", "place the call on hold", "hold pe|par|pr|me|mein rakh|rakhu|rakhna|rakhta|rakhti|rakhoon|rakhun|daal|dal",
    "call hold pe|par|pr|karu|karun", "hold kar sakti|sakte|sakta", "can|could|would you hold", "would you mind holding",
    "mind holding", "call ko hold", "hold karu|karun|karoon", "hold karna padega|hoga"};
constexpr std::array<const char*, 19> resume_phrases = {
    "thank|thanks you? so? very? much? for holding|waiting", "thank|thanks you? for your patience", "for holding", "for waiting",
    "being on hold", "for staying on the line", "thanks|thank you? for staying", "keep|kept|keeping you waiting|hold", "sorry for the wait|hold",
    "intezaar karne|ke|kiya|karaya|karna", "wait karne|karna|karwaya|karaya|kiya", "hold karne", "hold par|pe rahne", "pratiksha karne|ke",
    "line par bane rahne", "rukne ke liye|lie", "hold pe|par rakhne|rahne", "intazaar karne|ke", "for your time waiting"};
constexpr std::array<const char*, 16> reason_phrases = {
    "while i", "so that i", "to check|see|verify|find|compare|confirm|get|look", "need|have to check|look|confirm|verify|compare|ask|get|see",
    "let me check", "i will check|confirm|verify|ask", "check karti|karta|karke|karna|kar", "dekh leta|leti|raha|rahi|ke|kar", "pata karke|karti|karta|kar",
    "taaki|taki", "poochh|puchh ke|kar|leta|leti", "approval lena", "lena padega|hoga", "karna padega|hoga", "dekhne mein|me|ke", "jab tak main"};
constexpr std::array<const char*, 13> asking_phrases = {
    "may|can|could|shall i", "is it alright|okay|ok|fine", "would you mind", "do you mind", "can|could|would you", "kya main|mai|aap",
    "sakta|sakti hu|hoon|hun|hai", "sakte|sakti hain|hai", "if you do not mind", "if you dont mind", "theek rahega", "chalega", "is that okay|ok|alright"};
// clang-format on

template <std::size_t size>
void add_all(PhraseTable& table, const std::array<const char*, size>& phrases, Said value) {
    for (const char* phrase : phrases)
        static_cast<void>(table.add(phrase, value));
}

struct HoldTables {
    PhraseTable hold;
    PhraseTable resume;
    PhraseTable reason;
    PhraseTable asking;
};

const HoldTables& tables() {
    static const HoldTables all = [] {
        HoldTables built;
        add_all(built.hold, explicit_phrases, explicit_hold);
        add_all(built.hold, hold_phrases, announces_hold);
        add_all(built.resume, resume_phrases, resumes);
        add_all(built.reason, reason_phrases, gives_reason);
        add_all(built.asking, asking_phrases, asks);
        return built;
    }();
    return all;
}

constexpr std::array<std::string_view, 28> waiting_marks = {
    "hold",      "Hold",       "wait",      "Wait",     "moment",     "one minute", "a minute",
    "ek minute", "two minute", "do minute", "a second", "one second", " ruk",       "Ruk",
    "the line",  "line p",     "ntezaar",   "ntezar",   "ntazaar",    "patience",   "ear with",
    "ratiksha",  "होल्ड",       "लाइन",      "रुक",       "इंतज",        "इन्तज",       "प्रतीक्षा"};

std::size_t two_bytes(std::string_view text, std::size_t at) {
    return static_cast<std::size_t>(static_cast<unsigned char>(text[at])) << 8U |
           static_cast<unsigned char>(text[at + 1]);
}

/// Cheap test that spares most turns the reading: none of these marks, no hold phrase. One pass:
/// only where a mark's first two bytes stand the marks are compared.
bool may_speak_of_waiting(std::string_view text) {
    static const auto starts = [] {
        std::bitset<65536> pairs;
        for (const auto mark : waiting_marks)
            pairs.set(two_bytes(mark, 0));
        return pairs;
    }();
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        if (!starts[two_bytes(text, at)]) continue;
        const auto rest = text.substr(at);
        for (const auto mark : waiting_marks)
            if (rest.starts_with(mark)) return true;
    }
    return false;
}

struct Found {
    int value = -1;
    int last_word = 0; // of the turn
    bool question = false;
};

std::vector<Found> find_in(const PhraseTable& table, const std::vector<Token>& tokens) {
    std::vector<Found> found;
    const auto ids = table.resolve(tokens);
    for (std::size_t at = 0; at < ids.size(); ++at) {
        const auto match = table.longest(ids, at);
        if (match.value < 0) continue;
        const Token& last = tokens[at + static_cast<std::size_t>(match.length) - 1];
        found.push_back({match.value, last.word_to, last.question});
        at += static_cast<std::size_t>(match.length) - 1;
    }
    return found;
}

/// The turns of a call with their words; each turn is split when it is first asked about.
class HeardTurns {
public:
    explicit HeardTurns(const Transcript& transcript)
        : transcript_(transcript), tokens_(transcript.turns.size()) {}

    [[nodiscard]] const std::vector<Token>& tokens(const Turn& turn) {
        auto& known = tokens_[static_cast<std::size_t>(&turn - transcript_.turns.data())];
        if (!known) known = tokenise_text(turn.text);
        return known->tokens;
    }

    [[nodiscard]] bool says(const PhraseTable& table, const Turn& turn) {
        return !find_in(table, tokens(turn)).empty();
    }

    [[nodiscard]] bool resumes_in(const Turn& turn) {
        return may_speak_of_waiting(turn.text) && says(tables().resume, turn);
    }

    [[nodiscard]] const Transcript& transcript() const { return transcript_; }

private:
    const Transcript& transcript_; // outlives the search
    std::vector<std::optional<TokenText>> tokens_;
};

const Turn* next_agent_turn(const Transcript& transcript, std::size_t after) {
    for (std::size_t i = after + 1; i < transcript.turns.size(); ++i)
        if (transcript.turns[i].role == Role::agent) return &transcript.turns[i];
    return nullptr;
}

/// Asked as a question, or with a reason in this turn or shortly before.
bool is_announced(HeardTurns& heard, std::size_t index, const Found& phrase) {
    const auto& turns = heard.transcript().turns;
    const Turn& turn = turns[index];
    if (phrase.question || heard.says(tables().asking, turn) || heard.says(tables().reason, turn))
        return true;
    for (std::size_t i = index; i-- > 0;) {
        const Turn& before = turns[i];
        if (turn.start_ms - before.end_ms > reason_reach_ms) break;
        if (before.role == Role::agent && heard.says(tables().reason, before)) return true;
    }
    return false;
}

/// The hold that the phrase begins, if what follows shows that one took place.
std::optional<Hold>
hold_after(HeardTurns& heard, std::size_t index, const Found& phrase, const Spans& quiet) {
    const auto& transcript = heard.transcript();
    const Turn& turn = transcript.turns[index];
    const auto word = static_cast<std::size_t>(phrase.last_word);
    Hold hold{.turn = turn.index};
    hold.start_ms = word < turn.words.size() ? turn.words[word].end_ms : turn.end_ms;
    const Turn* next = next_agent_turn(transcript, index);
    const int until = next != nullptr ? next->start_ms : turn.end_ms;
    for (const Span& gap : quiet) {
        const bool soon = gap.start_ms >= hold.start_ms - 200 &&
                          gap.start_ms <= std::max(until, hold.start_ms + soonest_silence_ms);
        if (soon && gap.end_ms - gap.start_ms >= least_hold_silence_ms)
            hold.end_ms = std::max(hold.end_ms, std::min(gap.end_ms, std::max(until, gap.end_ms)));
    }
    const bool resumed = next != nullptr && heard.resumes_in(*next);
    if (phrase.value == explicit_hold && next != nullptr && (resumed || phrase.question))
        hold.end_ms = std::max(hold.end_ms, next->start_ms);
    if (hold.end_ms <= hold.start_ms) return std::nullopt;
    hold.announced = is_announced(heard, index, phrase);
    hold.thanked = resumed;
    return hold;
}

bool overlaps(const Hold& hold, const Span& span) {
    return hold.start_ms < span.end_ms && span.start_ms < hold.end_ms;
}

/// Music or a tone is a hold whatever was said; phrases tell the rest about it.
void add_hold_audio(HeardTurns& heard, const Spans& audio, std::vector<Hold>& holds) {
    for (const Span& span : audio) {
        if (span.end_ms - span.start_ms < least_hold_audio_ms) continue;
        const auto known = std::find_if(holds.begin(), holds.end(), [&](const Hold& hold) {
            return overlaps(hold, {span.start_ms - soonest_silence_ms, span.end_ms});
        });
        if (known != holds.end()) {
            known->end_ms = std::max(known->end_ms, span.end_ms);
            continue;
        }
        Hold hold{.start_ms = span.start_ms, .end_ms = span.end_ms};
        for (const Turn& turn : heard.transcript().turns) {
            if (turn.role != Role::agent || turn.start_ms < span.end_ms - 500) continue;
            hold.thanked = heard.resumes_in(turn);
            break;
        }
        holds.push_back(hold);
    }
    std::sort(holds.begin(), holds.end(), [](const Hold& a, const Hold& b) {
        return a.start_ms < b.start_ms;
    });
}

} // namespace

std::vector<Hold>
find_holds(const Transcript& transcript, const Spans& quiet, const Spans& hold_audio) {
    std::vector<Hold> holds;
    HeardTurns heard(transcript);
    for (std::size_t i = 0; i < transcript.turns.size(); ++i) {
        const Turn& turn = transcript.turns[i];
        if (turn.role != Role::agent || !may_speak_of_waiting(turn.text)) continue;
        const auto phrases = find_in(tables().hold, heard.tokens(turn));
        const auto strongest =
            std::max_element(phrases.begin(), phrases.end(), [](const Found& a, const Found& b) {
                return a.value < b.value;
            });
        if (strongest == phrases.end() || heard.resumes_in(turn)) continue;
        const auto hold = hold_after(heard, i, *strongest, quiet);
        const bool again = hold && !holds.empty() && hold->start_ms < holds.back().end_ms;
        if (hold && !again) holds.push_back(*hold);
    }
    add_hold_audio(heard, hold_audio, holds);
    return holds;
}

} // namespace hs::analysis
