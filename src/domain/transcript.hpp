/// What was said: words, turns, speakers, roles. Times are milliseconds from the start of the call.
///
/// Plain structs, built complete and not changed afterwards. No I/O in this folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hs {

enum class Role { agent, customer, system, unknown };

[[nodiscard]] const char* to_string(Role role);       ///< "agent" …
[[nodiscard]] Role parse_role(std::string_view text); ///< unknown when it is none of them

struct Word {
    std::string text;
    int start_ms = 0;
    int end_ms = 0;
    double confidence = 1.0; // 0..1
    std::string lang;        // empty: the turn's
};

struct Turn {
    int index = 1;       // from 1, in order of start
    std::string speaker; // "ch0", "ch1", "spk0", "spk1", "mix"
    Role role = Role::unknown;
    int start_ms = 0;
    int end_ms = 0;
    std::string text;
    std::string language = "und"; // BCP 47: en, hi, hi-Latn, und
    double confidence = 1.0;
    bool overlap = false;
    std::vector<Word> words; // one per blank-separated word of text, same order
};

struct LanguageShare {
    std::string tag;
    double share = 0;
};

struct Transcript {
    std::vector<Turn> turns;
    std::string language = "und";
    std::vector<LanguageShare> languages;
    std::string engine; // "reference" for a given transcript
    std::string model;
    std::string engine_version;
    double role_confidence = 1.0;
    std::string diarisation = "channels"; // channels | engine | mfcc | none
    double diarisation_confidence = 1.0;
    bool low_confidence = false;
    std::vector<std::string> low_confidence_reasons;
    std::string words_timed = "asr"; // asr | interpolated
    int duration_ms = 0;             // decoded length of the call
    bool machine = false;            // produced by a speech engine: omissions may be mishearings
};

/// Phrase a keyphrase spotter heard on the agent's audio; may confirm a rule, never refute one.
struct SpottedPhrase {
    std::string phrase;
    Role role = Role::agent;
    int start_ms = 0;
    int end_ms = 0;
    double confidence = 0; // of the turn it lies in
};

/// Gives every word of `turn` a time by character share between the turn's start and end.
/// Replaces turn.words by the blank-separated words of turn.text.
void interpolate_words(Turn& turn);

/// "Agent: ...\nCustomer: ..." lines, as the reference stores a transcript.
[[nodiscard]] std::string plain_text(const Transcript& transcript);

} // namespace hs
