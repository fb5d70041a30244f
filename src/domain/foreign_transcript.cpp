#include "domain/foreign_transcript.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "domain/transcript_builder.hpp"

namespace hs {

namespace {

using Reading = Result<std::optional<Transcript>>;

constexpr double unstated_confidence = 0.8; // as for engines that are asked by us

const json::object* object_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr ? value->if_object() : nullptr;
}

const json::array* array_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr ? value->if_array() : nullptr;
}

std::string_view text_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

/// A number, or one in quotes, as Amazon writes them.
std::optional<double> number_in(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) return std::nullopt;
    if (value->is_number()) return value->to_number<double>();
    const auto text = text_in(object, key);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(number))
        return std::nullopt;
    return number;
}

/// -1 for what is no time: the builder refuses it.
int ms_of(std::optional<double> value, double factor) {
    if (!value || *value < 0 || *value * factor > 1e9) return -1;
    return static_cast<int>(std::lround(*value * factor));
}

std::string language_in(std::string_view name) {
    const auto lower = to_lower(trim(name));
    if (lower == "english") return "en";
    if (lower == "hindi") return "hi";
    if (lower == "hinglish") return "hi-Latn";
    return std::string(trim(name));
}

// --- OpenAI ----------------------------------------------------------------------------------

Reading read_segments(const json::object& map, const json::array& segments) {
    TranscriptBuilder builder("openai", std::string(text_in(map, "model")), true);
    for (const auto& value : segments) {
        const auto* segment = value.if_object();
        if (segment == nullptr) return bad_transcript("segments: each is an object");
        Turn turn;
        turn.text = text_in(*segment, "text");
        turn.speaker = text_in(*segment, "speaker");
        if (turn.speaker.empty()) turn.speaker = "mix";
        turn.start_ms = ms_of(number_in(*segment, "start"), 1000);
        turn.end_ms = ms_of(number_in(*segment, "end"), 1000);
        const auto logprob = number_in(*segment, "avg_logprob");
        turn.confidence = logprob ? std::exp(std::min(0.0, *logprob)) : unstated_confidence;
        TRY_VOID(builder.add(std::move(turn)));
    }
    return builder.finish(language_in(text_in(map, "language")));
}

// --- Amazon Transcribe -----------------------------------------------------------------------

using Labels = std::map<std::string, std::string, std::less<>>; // start time -> speaker

/// Older results name the speaker beside the words only.
Labels speakers_by_start(const json::object& results) {
    Labels out;
    const auto* labels = object_in(results, "speaker_labels");
    const auto* segments = labels != nullptr ? array_in(*labels, "segments") : nullptr;
    if (segments == nullptr) return out;
    for (const auto& value : *segments) {
        const auto* segment = value.if_object();
        const auto* items = segment != nullptr ? array_in(*segment, "items") : nullptr;
        if (items == nullptr) continue;
        for (const auto& entry : *items) {
            if (const auto* item = entry.if_object())
                out.emplace(text_in(*item, "start_time"), text_in(*item, "speaker_label"));
        }
    }
    return out;
}

Result<std::vector<SpokenPiece>>
pieces_of(const json::array& items, std::string_view channel, const Labels& labels) {
    std::vector<SpokenPiece> out;
    for (const auto& value : items) {
        const auto* item = value.if_object();
        const auto* choices = item != nullptr ? array_in(*item, "alternatives") : nullptr;
        const auto* best =
            choices != nullptr && !choices->empty() ? choices->front().if_object() : nullptr;
        if (best == nullptr) return bad_transcript("items: each has alternatives");
        SpokenPiece piece;
        piece.text = text_in(*best, "content");
        piece.punctuation = text_in(*item, "type") == "punctuation";
        piece.confidence = number_in(*best, "confidence").value_or(unstated_confidence);
        piece.start_ms = ms_of(number_in(*item, "start_time"), 1000);
        piece.end_ms = ms_of(number_in(*item, "end_time"), 1000);
        piece.speaker = channel.empty() ? text_in(*item, "speaker_label") : channel;
        if (piece.speaker.empty()) piece.speaker = text_in(*item, "channel_label");
        const auto known = labels.find(text_in(*item, "start_time"));
        if (piece.speaker.empty() && known != labels.end()) piece.speaker = known->second;
        if (piece.speaker.empty()) piece.speaker = "mix";
        out.push_back(std::move(piece));
    }
    return out;
}

Reading read_amazon(const json::object& results) {
    TranscriptBuilder builder("amazon_transcribe", "", true);
    const auto* labels = object_in(results, "channel_labels");
    const auto* channels = labels != nullptr ? array_in(*labels, "channels") : nullptr;
    if (channels != nullptr) {
        for (const auto& value : *channels) {
            const auto* channel = value.if_object();
            const auto* items = channel != nullptr ? array_in(*channel, "items") : nullptr;
            if (items == nullptr) return bad_transcript("channels: each has items");
            TRY(const auto pieces, pieces_of(*items, text_in(*channel, "channel_label"), {}));
            TRY_VOID(builder.add_pieces(pieces));
        }
    } else {
        const auto* items = array_in(results, "items");
        if (items == nullptr) return bad_transcript("results: items are missing");
        TRY(const auto pieces, pieces_of(*items, "", speakers_by_start(results)));
        TRY_VOID(builder.add_pieces(pieces));
    }
    return builder.finish(text_in(results, "language_code"));
}

// --- Call Analytics and Contact Lens ---------------------------------------------------------

Labels roles_by_participant(const json::object& map) {
    Labels out;
    const auto* participants = array_in(map, "Participants");
    if (participants == nullptr) return out;
    for (const auto& value : *participants) {
        if (const auto* one = value.if_object())
            out.emplace(text_in(*one, "ParticipantId"), text_in(*one, "ParticipantRole"));
    }
    return out;
}

std::vector<Word> analytics_words(const json::object& turn) {
    std::vector<Word> out;
    const auto* items = array_in(turn, "Items");
    if (items == nullptr) return out;
    for (const auto& value : *items) {
        const auto* item = value.if_object();
        if (item == nullptr) continue;
        const auto text = text_in(*item, "Content");
        if (text_in(*item, "Type") == "punctuation") {
            if (!out.empty()) out.back().text += text;
            continue;
        }
        out.push_back({std::string(text),
                       ms_of(number_in(*item, "BeginOffsetMillis"), 1),
                       ms_of(number_in(*item, "EndOffsetMillis"), 1),
                       number_in(*item, "Confidence").value_or(unstated_confidence),
                       {}});
    }
    return out;
}

Reading read_analytics(const json::object& map, const json::array& turns) {
    TranscriptBuilder builder("call_analytics", "", true);
    const auto participants = roles_by_participant(map);
    for (const auto& value : turns) {
        const auto* given = value.if_object();
        if (given == nullptr) return bad_transcript("Transcript: each turn is an object");
        const auto person = text_in(*given, "ParticipantId");
        auto role = std::string(text_in(*given, "ParticipantRole"));
        const auto known = participants.find(person);
        if (role.empty() && known != participants.end()) role = known->second;
        Turn turn;
        turn.speaker = to_lower(role.empty() ? person : role);
        if (turn.speaker.empty()) turn.speaker = "mix";
        turn.text = text_in(*given, "Content");
        turn.start_ms = ms_of(number_in(*given, "BeginOffsetMillis"), 1);
        turn.end_ms = ms_of(number_in(*given, "EndOffsetMillis"), 1);
        turn.words = analytics_words(*given);
        double sum = 0;
        for (const auto& word : turn.words)
            sum += word.confidence;
        turn.confidence =
            turn.words.empty() ? unstated_confidence : sum / static_cast<double>(turn.words.size());
        TRY_VOID(builder.add(std::move(turn)));
    }
    return builder.finish(text_in(map, "LanguageCode"));
}

} // namespace

Result<std::optional<Transcript>> read_foreign_transcript(const json::value& document) {
    const auto* map = document.if_object();
    if (map == nullptr) return std::optional<Transcript>();
    if (const auto* turns = array_in(*map, "Transcript")) return read_analytics(*map, *turns);
    if (const auto* results = object_in(*map, "results")) return read_amazon(*results);
    if (const auto* segments = array_in(*map, "segments")) return read_segments(*map, *segments);
    return std::optional<Transcript>();
}

} // namespace hs
