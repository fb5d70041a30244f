#include "analysis/conversation.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

#include "analysis/conversation/holds.hpp"
#include "analysis/conversation/speech.hpp"

namespace hs::analysis {
namespace {

// Section 1 of the specification, "ConversationMetrics".
constexpr int least_silence_ms = 1000;
constexpr int least_overlap_ms = 300;
constexpr int spoken_before_interruption_ms = 1000;
constexpr int gives_way_within_ms = 1500;
constexpr int least_interrupting_words = 3;
constexpr int backchannel_words = 2;
constexpr int monologue_gap_ms = 2000;
constexpr int long_monologue_ms = 60000;
constexpr int least_speech_for_pace_ms = 10000;
constexpr int dead_air_ms = 3000;
constexpr double raised_by_db = 6.0;
constexpr int turn_near_speech_ms = 1000; // a recogniser's turn may start this far from the voice

int word_count(const Turn& turn) {
    if (!turn.words.empty()) return static_cast<int>(turn.words.size());
    int words = 0;
    bool inside = false;
    for (const char c : turn.text) {
        const bool blank = c == ' ' || c == '\t' || c == '\n';
        words += !blank && !inside ? 1 : 0;
        inside = !blank;
    }
    return words;
}

Role other_side(Role role) {
    return role == Role::agent ? Role::customer : Role::agent;
}

bool is_side(Role role) {
    return role == Role::agent || role == Role::customer;
}

int call_length(const Transcript& transcript, const AudioFacts* audio) {
    if (audio != nullptr && audio->duration_ms > 0) return audio->duration_ms;
    int length = transcript.duration_ms;
    for (const Turn& turn : transcript.turns)
        length = std::max(length, turn.end_ms);
    return length;
}

// --- silence, overlap, interruptions ----------------------------------------------------------

void add_silences(const Spans& quiet, const Spans& holds, ConversationMetrics& metrics) {
    for (const Span& gap : without(quiet, holds)) {
        const int length = gap.end_ms - gap.start_ms;
        if (length < least_silence_ms) continue;
        metrics.silences.push_back({.start_ms = gap.start_ms, .end_ms = gap.end_ms, .by = {}});
        metrics.silence_ms += length;
        metrics.longest_silence_ms = std::max(metrics.longest_silence_ms, length);
    }
}

void add_overlaps(const SpeechOfSides& sides, ConversationMetrics& metrics) {
    metrics.overlap_ms = 0;
    for (const Span& both : common(sides.agent, sides.customer)) {
        if (both.end_ms - both.start_ms < least_overlap_ms) continue;
        metrics.overlaps.push_back({.start_ms = both.start_ms, .end_ms = both.end_ms, .by = {}});
        *metrics.overlap_ms += both.end_ms - both.start_ms;
    }
}

/// The turn of `role` that a stretch of its speech begins; null for speech inside a turn.
const Turn* turn_begun_by(const Transcript& transcript, Role role, const Span& speech) {
    for (const Turn& turn : transcript.turns)
        if (turn.role == role && std::abs(turn.start_ms - speech.start_ms) <= turn_near_speech_ms)
            return &turn;
    return nullptr;
}

/// `by` starts while the other has been speaking, and the other gives way.
void add_interruptions(const Transcript& transcript,
                       const SpeechOfSides& sides,
                       Role by,
                       ConversationMetrics& metrics) {
    const Spans& own = by == Role::agent ? sides.agent : sides.customer;
    const Spans& other = by == Role::agent ? sides.customer : sides.agent;
    std::size_t at = 0;
    for (const Span& speech : own) {
        while (at < other.size() && other[at].end_ms <= speech.start_ms)
            ++at;
        if (at == other.size()) break;
        const Span& spoken = other[at];
        const bool was_speaking =
            spoken.start_ms + spoken_before_interruption_ms <= speech.start_ms;
        const bool gave_way = spoken.end_ms <= speech.start_ms + gives_way_within_ms;
        const int overlap = std::min(spoken.end_ms, speech.end_ms) - speech.start_ms;
        if (!was_speaking || !gave_way || overlap < least_overlap_ms) continue;
        const Turn* turn = turn_begun_by(transcript, by, speech);
        if (turn == nullptr || word_count(*turn) < least_interrupting_words) continue;
        metrics.interruptions.push_back(
            {.start_ms = speech.start_ms, .end_ms = spoken.end_ms, .by = by});
    }
}

// --- turns ------------------------------------------------------------------------------------

/// Longest run of `role`, over short words of the other side and short pauses.
void add_monologues(const Transcript& transcript,
                    Role role,
                    RoleMetrics& side,
                    ConversationMetrics& metrics) {
    Span run;
    bool open = false;
    const auto close = [&] {
        if (!open) return;
        const int length = run.end_ms - run.start_ms;
        side.longest_monologue_ms = std::max(side.longest_monologue_ms, length);
        if (length > long_monologue_ms)
            metrics.monologues.push_back(
                {.start_ms = run.start_ms, .end_ms = run.end_ms, .by = role});
        open = false;
    };
    for (const Turn& turn : transcript.turns) {
        if (turn.role != role) {
            if (word_count(turn) > backchannel_words) close();
            continue;
        }
        if (open && turn.start_ms - run.end_ms > monologue_gap_ms) close();
        if (!open) run = {turn.start_ms, turn.end_ms};
        run.end_ms = std::max(run.end_ms, turn.end_ms);
        open = true;
    }
    close();
}

bool is_filler(std::string_view word) {
    static const std::unordered_set<std::string_view> fillers = {"um",
                                                                 "uh",
                                                                 "umm",
                                                                 "uhh",
                                                                 "er",
                                                                 "erm",
                                                                 "hmm",
                                                                 "hm",
                                                                 "ah",
                                                                 "mm",
                                                                 "matlab",
                                                                 "मतलब",
                                                                 "अ",
                                                                 "उम",
                                                                 "हम्म"};
    while (!word.empty() && (word.back() == ',' || word.back() == '.' || word.back() == '?'))
        word.remove_suffix(1);
    if (word.empty() || word.size() > 12) return false;
    char lower[12];
    std::transform(word.begin(), word.end(), lower, [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return fillers.contains(std::string_view(lower, word.size()));
}

bool begins_question(std::string_view text) {
    static constexpr std::string_view starts[] = {
        "what ", "when ",  "where ", "which ", "who ",   "why ",   "how ",  "can ",   "could ",
        "may ",  "is ",    "are ",   "do ",    "does ",  "did ",   "will ", "would ", "kya ",
        "kab ",  "kahan ", "kaise ", "kyun ",  "kitne ", "kitna ", "kaun ", "क्या ",   "कब ",
        "कहां ",  "कहाँ ",   "कैसे ",    "क्यों ",   "कितने ",  "कितना ", "कौन ",  "kis ",   "kidhar "};
    return std::any_of(std::begin(starts), std::end(starts), [&](std::string_view start) {
        return text.starts_with(start);
    });
}

int questions_in(const Turn& turn, bool punctuated) {
    if (punctuated) return static_cast<int>(std::count(turn.text.begin(), turn.text.end(), '?'));
    return begins_question(turn.text) ? 1 : 0;
}

int percentile(std::vector<int> sorted, double share) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

/// How long the side waits after the other one has ended, over changes of turn.
std::vector<int> response_times(const Transcript& transcript, Role role) {
    std::vector<int> waits;
    const Turn* last = nullptr;
    for (const Turn& turn : transcript.turns) {
        if (!is_side(turn.role)) continue;
        if (turn.role == role && last != nullptr && last->role == other_side(role))
            waits.push_back(std::max(0, turn.start_ms - last->end_ms));
        last = &turn;
    }
    return waits;
}

void add_counts(const Transcript& transcript, bool punctuated, Role role, RoleMetrics& side) {
    int fillers = 0;
    for (const Turn& turn : transcript.turns) {
        if (turn.role != role) continue;
        ++side.turns;
        side.words += word_count(turn);
        side.questions += questions_in(turn, punctuated);
        for (const Word& word : turn.words)
            fillers += is_filler(word.text) ? 1 : 0;
    }
    if (side.talk_ms <= 0) return;
    const double minutes = side.talk_ms / 60000.0;
    side.fillers_per_min = fillers / minutes;
    if (side.talk_ms >= least_speech_for_pace_ms) side.wpm = side.words / minutes;
}

void add_response_times(const Transcript& transcript, Role role, RoleMetrics& side) {
    std::vector<int> waits = response_times(transcript, role);
    if (waits.empty()) return;
    std::sort(waits.begin(), waits.end());
    side.response_latency_p50_ms = percentile(waits, 0.5);
    side.response_latency_p90_ms = percentile(waits, 0.9);
    double sum = 0;
    for (const int wait : waits)
        sum += wait;
    side.patience_ms = static_cast<int>(std::lround(sum / static_cast<double>(waits.size())));
}

int dead_air(const Transcript& transcript, bool punctuated, const Spans& holds) {
    int longest = 0;
    for (std::size_t i = 0; i + 1 < transcript.turns.size(); ++i) {
        const Turn& asked = transcript.turns[i];
        if (asked.role != Role::customer || questions_in(asked, punctuated) == 0) continue;
        for (std::size_t j = i + 1; j < transcript.turns.size(); ++j) {
            if (transcript.turns[j].role != Role::agent) continue;
            const Spans wait{{asked.end_ms, std::max(asked.end_ms, transcript.turns[j].start_ms)}};
            const int silent = total_ms(without(wait, holds));
            if (silent > dead_air_ms) longest = std::max(longest, silent);
            break;
        }
    }
    return longest;
}

// --- loudness ---------------------------------------------------------------------------------

void add_loudness(const Transcript& transcript,
                  std::span<const double> loudness,
                  Role role,
                  RoleMetrics& side,
                  ConversationMetrics& metrics) {
    std::vector<double> levels;
    double power = 0;
    double time = 0;
    for (std::size_t i = 0; i < transcript.turns.size(); ++i) {
        const Turn& turn = transcript.turns[i];
        if (turn.role != role) continue;
        levels.push_back(loudness[i]);
        const double length = std::max(1, turn.end_ms - turn.start_ms);
        power += std::pow(10.0, loudness[i] / 10.0) * length;
        time += length;
    }
    if (levels.empty()) return;
    side.loudness_dbfs = 10.0 * std::log10(power / time);
    std::nth_element(levels.begin(),
                     levels.begin() + static_cast<std::ptrdiff_t>(levels.size() / 2),
                     levels.end());
    const double median = levels[levels.size() / 2];
    for (std::size_t i = 0; i < transcript.turns.size(); ++i) {
        const Turn& turn = transcript.turns[i];
        if (turn.role == role && loudness[i] - median >= raised_by_db)
            metrics.raised_voice.push_back(
                {.start_ms = turn.start_ms, .end_ms = turn.end_ms, .by = role});
    }
}

double turn_switches_per_minute(const Transcript& transcript, int duration_ms) {
    int switches = 0;
    Role last = Role::unknown;
    for (const Turn& turn : transcript.turns) {
        if (!is_side(turn.role)) continue;
        switches += last != Role::unknown && turn.role != last ? 1 : 0;
        last = turn.role;
    }
    return duration_ms > 0 ? switches * 60000.0 / duration_ms : 0.0;
}

void by_start(std::vector<Event>& events) {
    std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
        return a.start_ms < b.start_ms;
    });
}

} // namespace

ConversationMetrics measure_conversation(const Transcript& transcript,
                                         const AudioFacts* audio,
                                         std::span<const double> turn_loudness_dbfs) {
    ConversationMetrics metrics;
    metrics.duration_ms = call_length(transcript, audio);
    const SpeechOfSides sides = speech_of_sides(transcript, audio);
    const Spans quiet = gaps(sides.anybody);
    metrics.holds = find_holds(transcript, quiet, audio != nullptr ? audio->hold_audio : Spans{});
    Spans held;
    for (const Hold& hold : metrics.holds)
        held.push_back({hold.start_ms, hold.end_ms});
    held = merged(std::move(held));
    add_silences(quiet, held, metrics);
    // Two voices told apart by their sound alone never speak at once in the labels.
    if (transcript.diarisation != "mfcc" || sides.from_channels) add_overlaps(sides, metrics);
    const bool punctuated =
        std::any_of(transcript.turns.begin(), transcript.turns.end(), [](const Turn& turn) {
            return turn.text.find('?') != turn.text.npos;
        });
    const bool loudness_known = turn_loudness_dbfs.size() == transcript.turns.size();
    for (const Role role : {Role::agent, Role::customer}) {
        RoleMetrics& side = role == Role::agent ? metrics.agent : metrics.customer;
        side.talk_ms = total_ms(role == Role::agent ? sides.agent : sides.customer);
        add_counts(transcript, punctuated, role, side);
        add_response_times(transcript, role, side);
        add_monologues(transcript, role, side, metrics);
        add_interruptions(transcript, sides, role, metrics);
        if (loudness_known) add_loudness(transcript, turn_loudness_dbfs, role, side, metrics);
    }
    if (metrics.duration_ms > 0) {
        metrics.agent.talk_ratio = static_cast<double>(metrics.agent.talk_ms) / metrics.duration_ms;
        metrics.customer.talk_ratio =
            static_cast<double>(metrics.customer.talk_ms) / metrics.duration_ms;
        metrics.silence_ratio = static_cast<double>(metrics.silence_ms) / metrics.duration_ms;
    }
    metrics.dead_air_after_question_ms = dead_air(transcript, punctuated, held);
    metrics.interactivity = turn_switches_per_minute(transcript, metrics.duration_ms);
    by_start(metrics.interruptions);
    by_start(metrics.monologues);
    by_start(metrics.raised_voice);
    return metrics;
}

} // namespace hs::analysis
