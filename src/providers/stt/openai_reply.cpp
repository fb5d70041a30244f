#include "providers/stt/openai_reply.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "providers/stt/openai_words.hpp"
#include "providers/stt/reply_json.hpp"

namespace hs::providers {

namespace {

// Whisper's own rule for a segment that is silence turned into words.
constexpr double silence_probability = 0.6;
constexpr double silence_logprob = -1.0;

std::vector<TimedPiece> pieces_of(const json::array* words) {
    std::vector<TimedPiece> out;
    if (!words) return out;
    for (const auto& value : *words) {
        const auto* word = value.if_object();
        if (!word) continue;
        out.push_back({std::string(text_member(*word, "word")),
                       milliseconds_of(number_member(*word, "start")),
                       milliseconds_of(number_member(*word, "end")),
                       number_member(*word, "probability")});
    }
    return out;
}

/// Words of a segment from the pieces beside all segments, which are taken off the front of `rest`.
/// Where the two spell different texts ("$20", "twenty dollars"), only this segment loses its
/// words.
std::vector<Word> words_beside(std::span<const TimedPiece>& rest, const HeardSegment& segment) {
    auto wanted = spelling(segment.text).size();
    std::size_t count = 0;
    while (count < rest.size() && wanted > 0)
        wanted -= std::min(wanted, spelling(rest[count++].text).size());
    auto words = align_words(segment.text, rest.first(count), segment.confidence);
    if (words.empty()) {
        const auto after = std::ranges::find_if(rest, [&segment](const TimedPiece& piece) {
            return (piece.start_ms + piece.end_ms) / 2 >= segment.end_ms;
        });
        count = static_cast<std::size_t>(after - rest.begin());
    }
    rest = rest.subspan(count);
    return words;
}

double confidence_of(const json::object& segment) {
    const auto logprob = number_member(segment, "avg_logprob");
    return logprob ? std::clamp(std::exp(*logprob), 0.0, 1.0) : unstated_confidence;
}

bool silence(const json::object& segment) {
    return number_member(segment, "no_speech_prob").value_or(0) > silence_probability &&
           number_member(segment, "avg_logprob").value_or(0) < silence_logprob;
}

/// verbose_json and diarized_json. Words lie inside each segment, or beside the segments.
std::vector<HeardSegment> timed_segments(const json::object& reply, const json::array& segments) {
    const auto all_pieces = pieces_of(array_member(reply, "words"));
    std::span<const TimedPiece> beside(all_pieces);
    std::vector<HeardSegment> out;
    for (const auto& value : segments) {
        const auto* segment = value.if_object();
        if (!segment) continue;
        HeardSegment heard;
        heard.text = trim(text_member(*segment, "text"));
        if (heard.text.empty()) continue;
        heard.speaker = text_member(*segment, "speaker");
        heard.start_ms = milliseconds_of(number_member(*segment, "start"));
        heard.end_ms = std::max(heard.start_ms, milliseconds_of(number_member(*segment, "end")));
        heard.confidence = confidence_of(*segment);
        const auto inside = pieces_of(array_member(*segment, "words"));
        heard.words = inside.empty() ? words_beside(beside, heard)
                                     : align_words(heard.text, inside, heard.confidence);
        if (silence(*segment)) continue;
        out.push_back(std::move(heard));
    }
    return out;
}

double token_confidence(const json::object& reply) {
    const auto* tokens = array_member(reply, "logprobs");
    if (!tokens || tokens->empty()) return unstated_confidence;
    double sum = 0;
    for (const auto& token : *tokens)
        if (const auto* object = token.if_object())
            sum += number_member(*object, "logprob").value_or(0);
    return std::clamp(std::exp(sum / static_cast<double>(tokens->size())), 0.0, 1.0);
}

} // namespace

Result<HeardPart> read_speech_reply(std::string_view body, const std::vector<Span>& speech) {
    TRY(const auto reply, reply_object(body));
    if (reply.contains("error")) return invalid_reply("reply holds an error");
    const auto* text = reply.if_contains("text");
    const auto* segments = array_member(reply, "segments");
    if (!segments && (!text || !text->is_string())) return invalid_reply("reply holds no text");
    HeardPart out;
    out.language = language_tag_of(text_member(reply, "language"));
    if (const auto* usage = reply.if_contains("usage"); usage && usage->is_object())
        out.usage = usage->get_object();
    if (segments && !segments->empty()) {
        out.segments = timed_segments(reply, *segments);
    } else {
        out.segments = spread(trim(text_member(reply, "text")), speech, token_confidence(reply));
    }
    return out;
}

} // namespace hs::providers
