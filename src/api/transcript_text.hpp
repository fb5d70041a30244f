/// A transcript as JSON, plain text, WebVTT or SubRip.
#pragma once

#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "domain/transcript.hpp"
#include "http/message.hpp"

namespace hs::api {

/// `format`: json | txt | vtt | srt (checked by the caller).
[[nodiscard]] http::Response transcript_response(const Transcript& transcript,
                                                 CallId call,
                                                 std::string_view format,
                                                 std::string_view view,
                                                 bool words);

} // namespace hs::api
