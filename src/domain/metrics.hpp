/// How the two sides talked: the figures of analysis section "ConversationMetrics".
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "domain/transcript.hpp"

namespace hs {

struct Event {
    int start_ms = 0;
    int end_ms = 0;
    std::optional<Role> by;
};

struct Hold {
    int start_ms = 0;
    int end_ms = 0;
    bool announced = false;
    bool thanked = false;
    int turn = 0; // the turn that began it; 0 when none
};

/// Figures of one side; nullopt = not measurable (never guessed).
struct RoleMetrics {
    int talk_ms = 0;
    double talk_ratio = 0;
    int words = 0;
    int turns = 0;
    int questions = 0;
    std::optional<double> wpm; // null under 10 s of speech
    int longest_monologue_ms = 0;
    std::optional<double> fillers_per_min;
    std::optional<int> response_latency_p50_ms;
    std::optional<int> response_latency_p90_ms;
    std::optional<double> loudness_dbfs;
    std::optional<int> patience_ms;
};

struct ConversationMetrics {
    int duration_ms = 0;
    RoleMetrics agent;
    RoleMetrics customer;
    int silence_ms = 0;
    double silence_ratio = 0;
    int longest_silence_ms = 0;
    std::vector<Event> silences;
    std::optional<int> overlap_ms; // null when the speakers were separated by voice alone
    std::vector<Event> overlaps;
    std::vector<Event> interruptions; // `by` interrupted the other
    std::vector<Hold> holds;
    std::vector<Event> monologues;   // over 60 s
    std::vector<Event> raised_voice; // +6 dB over the speaker's own median
    int dead_air_after_question_ms = 0;
    double interactivity = 0; // turn switches a minute
};

} // namespace hs
