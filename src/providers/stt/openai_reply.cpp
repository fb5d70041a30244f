#include "providers/stt/openai_reply.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "base/json.hpp"
#include "base/text.hpp"
#include "providers/stt/openai_words.hpp"

namespace hs::providers {

namespace {

/// For replies that say nothing about how sure they are: neither trusted like a given transcript
/// nor low enough to raise doubts by itself.
constexpr double unstated_confidence = 0.8;

// Whisper's own rule for a segment that is silence turned into words.
constexpr double silence_probability = 0.6;
constexpr double silence_logprob = -1.0;

std::unexpected<Error> invalid_reply(const char* message) {
    return fail(ErrorKind::unavailable, "speech.invalid_reply", message);
}

std::string_view text_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (!value || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

std::optional<double> number_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (!value || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

const json::array* array_member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value ? value->if_array() : nullptr;
}

int milliseconds(std::optional<double> seconds) {
    return static_cast<int>(std::lround(std::clamp(seconds.value_or(0), 0.0, 1e6) * 1000));
}

std::string language_tag(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 24> names{
        {{"english", "en"}, {"hindi", "hi"},     {"urdu", "ur"},     {"bengali", "bn"},
         {"tamil", "ta"},   {"telugu", "te"},    {"marathi", "mr"},  {"gujarati", "gu"},
         {"kannada", "kn"}, {"malayalam", "ml"}, {"punjabi", "pa"},  {"nepali", "ne"},
         {"sinhala", "si"}, {"assamese", "as"},  {"sanskrit", "sa"}, {"arabic", "ar"},
         {"spanish", "es"}, {"french", "fr"},    {"german", "de"},   {"portuguese", "pt"},
         {"russian", "ru"}, {"chinese", "zh"},   {"japanese", "ja"}, {"italian", "it"}}};
    const auto lower = to_lower(trim(name));
    for (const auto& [known, tag] : names)
        if (lower == known) return std::string(tag);
    return lower;
}

std::vector<TimedPiece> pieces_of(const json::array* words) {
    std::vector<TimedPiece> out;
    if (!words) return out;
    for (const auto& value : *words) {
        const auto* word = value.if_object();
        if (!word) continue;
        out.push_back({std::string(text_member(*word, "word")),
                       milliseconds(number_member(*word, "start")),
                       milliseconds(number_member(*word, "end")),
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
        heard.start_ms = milliseconds(number_member(*segment, "start"));
        heard.end_ms = std::max(heard.start_ms, milliseconds(number_member(*segment, "end")));
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

/// Lays a text without times over the stretches of speech, each getting words by its share of the
/// time. The words stay untimed: whoever needs them interpolates and says so.
std::vector<HeardSegment>
spread(std::string_view text, const std::vector<Span>& speech, double confidence) {
    std::vector<HeardSegment> out;
    double total = 0;
    for (const auto& span : speech)
        total += span.end_ms - span.start_ms;
    double elapsed = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < speech.size() && at < text.size(); ++i) {
        elapsed += speech[i].end_ms - speech[i].start_ms;
        const auto share = total > 0 ? elapsed / total : 1.0;
        auto end = static_cast<std::size_t>(std::lround(share * static_cast<double>(text.size())));
        end = i + 1 == speech.size() ? text.size() : std::min(text.find(' ', end), text.size());
        const auto piece = trim(text.substr(at, end - std::min(at, end)));
        at = std::max(at, end);
        if (piece.empty()) continue;
        out.push_back(
            {std::string(piece), "", speech[i].start_ms, speech[i].end_ms, confidence, {}});
    }
    return out;
}

} // namespace

Result<HeardPart> read_speech_reply(std::string_view body, const std::vector<Span>& speech) {
    const auto parsed = parse_json(body);
    if (!parsed || !parsed->is_object()) return invalid_reply("reply is no JSON object");
    const auto& reply = parsed->get_object();
    if (reply.contains("error")) return invalid_reply("reply holds an error");
    const auto* text = reply.if_contains("text");
    const auto* segments = array_member(reply, "segments");
    if (!segments && (!text || !text->is_string())) return invalid_reply("reply holds no text");
    HeardPart out;
    out.language = language_tag(text_member(reply, "language"));
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
