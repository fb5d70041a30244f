/// Puts the utterances of a speech engine together into one transcript with turns and speakers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audio/audio.hpp"
#include "domain/audio_facts.hpp"
#include "domain/transcript.hpp"
#include "providers/stt/speech_to_text.hpp"

namespace hs::pipeline {

/// Below this silhouette nobody can be told apart: speakers and roles stay unknown.
inline constexpr double diarisation_floor = 0.12;
/// Up to this one the labels stand, marked as low confidence.
inline constexpr double diarisation_firm = 0.25;

/// The tracks an engine should hear: one a channel, or, for a mono recording, one a separated
/// speaker (same samples, other stretches of speech).
[[nodiscard]] std::vector<providers::SpeechTrack>
speech_tracks(audio::Decoded decoded, const std::optional<audio::Diarisation>& diarisation);

struct JoinHints {
    std::string language = "auto";  // of the upload
    std::string preferred_language; // of the customer; empty when not given
    std::string channel_map;        // "left=agent,…", empty when not given
};

/// Turns in order of start, words timed, roles by channel map or by what is said; reasons for low
/// confidence by analysis section 1.
[[nodiscard]] Transcript join_speech(const providers::Speech& speech,
                                     const AudioFacts& facts,
                                     const std::optional<audio::Diarisation>& diarisation,
                                     const JoinHints& hints);

/// Gives every spotted phrase the role and the mean confidence of the turn it lies in; those that
/// lie in none are dropped.
void assign_spotted(std::vector<SpottedPhrase>& spotted, const Transcript& transcript);

} // namespace hs::pipeline
