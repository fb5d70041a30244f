/// Speakers who were told apart by their voices share the samples of one recording: it is heard
/// once, and what was heard is given to whoever was speaking.
#pragma once

#include <vector>

#include "providers/stt/speech_to_text.hpp"

namespace hs::providers {

/// Whether the tracks are stretches of the same samples.
[[nodiscard]] bool share_samples(const std::vector<SpeechTrack>& tracks);

/// One track "mix" with all their speech.
[[nodiscard]] SpeechTrack mixed_track(const std::vector<SpeechTrack>& tracks);

/// Each utterance on the track whose speech has the middle of its words, parted where the speaker
/// changes; one without words goes whole. Utterances with a label of the engine stay as they are.
[[nodiscard]] std::vector<Utterance> given_to_speakers(std::vector<Utterance> heard,
                                                       const std::vector<SpeechTrack>& tracks);

} // namespace hs::providers
