/// Reading replies of the audio API in all the shapes that servers give it.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "domain/audio_facts.hpp"
#include "providers/stt/heard_part.hpp"

namespace hs::providers {

/// `speech`: voice activity in times of the part; the text of a reply without times is laid over
/// it. Errors: unavailable "speech.invalid_reply" (no JSON, another shape, an error inside of 200).
[[nodiscard]] Result<HeardPart> read_speech_reply(std::string_view body,
                                                  const std::vector<Span>& speech);

} // namespace hs::providers
