#include "domain/transcript_json.hpp"

#include "base/crypto.hpp"

namespace hs {

namespace {

json::object word_json(const Word& word) {
    json::object out{{"text", word.text},
                     {"start_ms", word.start_ms},
                     {"end_ms", word.end_ms},
                     {"confidence", word.confidence}};
    if (!word.lang.empty()) out["lang"] = word.lang;
    return out;
}

json::object turn_json(const Turn& turn) {
    json::array words;
    for (const auto& word : turn.words)
        words.push_back(word_json(word));
    return {{"index", turn.index},
            {"speaker", turn.speaker},
            {"role", to_string(turn.role)},
            {"start_ms", turn.start_ms},
            {"end_ms", turn.end_ms},
            {"text", turn.text},
            {"language", turn.language},
            {"confidence", turn.confidence},
            {"overlap", turn.overlap},
            {"words", std::move(words)}};
}

// Readers of our own documents: a missing member is a default, a member of the wrong type is an
// error that Boost.JSON throws and read_transcript translates.
std::string
text_of(const json::object& object, std::string_view key, std::string_view fallback = "") {
    const auto* value = object.if_contains(key);
    return std::string(value != nullptr ? std::string_view(value->as_string()) : fallback);
}

int int_of(const json::object& object, std::string_view key, int fallback = 0) {
    const auto* value = object.if_contains(key);
    return value != nullptr ? value->to_number<int>() : fallback;
}

double real_of(const json::object& object, std::string_view key, double fallback) {
    const auto* value = object.if_contains(key);
    return value != nullptr ? value->to_number<double>() : fallback;
}

bool bool_of(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->as_bool();
}

Word word_of(const json::object& object) {
    Word word;
    word.text = text_of(object, "text");
    word.start_ms = int_of(object, "start_ms");
    word.end_ms = int_of(object, "end_ms");
    word.confidence = real_of(object, "confidence", 1.0);
    word.lang = text_of(object, "lang");
    return word;
}

Turn turn_of(const json::object& object) {
    Turn turn;
    turn.index = int_of(object, "index", 1);
    turn.speaker = text_of(object, "speaker");
    turn.role = parse_role(text_of(object, "role"));
    turn.start_ms = int_of(object, "start_ms");
    turn.end_ms = int_of(object, "end_ms");
    turn.text = text_of(object, "text");
    turn.language = text_of(object, "language", "und");
    turn.confidence = real_of(object, "confidence", 1.0);
    turn.overlap = bool_of(object, "overlap");
    if (const auto* words = object.if_contains("words")) {
        for (const auto& word : words->as_array())
            turn.words.push_back(word_of(word.as_object()));
    }
    return turn;
}

Transcript transcript_of(const json::object& object) {
    Transcript out;
    for (const auto& turn : object.at("turns").as_array()) {
        out.turns.push_back(turn_of(turn.as_object()));
    }
    out.language = text_of(object, "language", "und");
    if (const auto* languages = object.if_contains("languages")) {
        for (const auto& item : languages->as_array()) {
            const auto& share = item.as_object();
            out.languages.push_back({text_of(share, "tag"), real_of(share, "share", 0)});
        }
    }
    out.engine = text_of(object, "engine");
    out.model = text_of(object, "model");
    out.engine_version = text_of(object, "engine_version");
    out.role_confidence = real_of(object, "role_confidence", 1.0);
    out.diarisation = text_of(object, "diarisation", "channels");
    out.diarisation_confidence = real_of(object, "diarisation_confidence", 1.0);
    out.low_confidence = bool_of(object, "low_confidence");
    if (const auto* reasons = object.if_contains("low_confidence_reasons")) {
        for (const auto& reason : reasons->as_array()) {
            out.low_confidence_reasons.emplace_back(reason.as_string());
        }
    }
    out.words_timed = text_of(object, "words_timed", "asr");
    out.duration_ms = int_of(object, "duration_ms");
    out.machine = bool_of(object, "machine");
    return out;
}

} // namespace

json::object transcript_json(const Transcript& transcript) {
    json::array turns;
    for (const auto& turn : transcript.turns)
        turns.push_back(turn_json(turn));
    json::array languages;
    for (const auto& share : transcript.languages) {
        languages.push_back(json::object{{"tag", share.tag}, {"share", share.share}});
    }
    json::array reasons;
    for (const auto& reason : transcript.low_confidence_reasons)
        reasons.emplace_back(reason);
    return {{"turns", std::move(turns)},
            {"language", transcript.language},
            {"languages", std::move(languages)},
            {"engine", transcript.engine},
            {"model", transcript.model},
            {"engine_version", transcript.engine_version},
            {"role_confidence", transcript.role_confidence},
            {"diarisation", transcript.diarisation},
            {"diarisation_confidence", transcript.diarisation_confidence},
            {"low_confidence", transcript.low_confidence},
            {"low_confidence_reasons", std::move(reasons)},
            {"words_timed", transcript.words_timed},
            {"duration_ms", transcript.duration_ms},
            {"machine", transcript.machine}};
}

Result<Transcript> read_transcript(const json::value& document) {
    try {
        return transcript_of(document.as_object());
    } catch (const std::exception& problem) { // Boost.JSON reports wrong types by exception
        return fail(ErrorKind::invalid, "transcript.invalid", problem.what());
    }
}

json::array spotted_json(const std::vector<SpottedPhrase>& spotted) {
    json::array out;
    for (const auto& phrase : spotted) {
        out.push_back(json::object{{"phrase", phrase.phrase},
                                   {"role", to_string(phrase.role)},
                                   {"start_ms", phrase.start_ms},
                                   {"end_ms", phrase.end_ms},
                                   {"confidence", phrase.confidence}});
    }
    return out;
}

std::vector<SpottedPhrase> read_spotted(const json::value& document) {
    std::vector<SpottedPhrase> out;
    const auto* array = document.if_array();
    if (array == nullptr) return out;
    for (const auto& item : *array) {
        const auto& object = item.as_object();
        out.push_back({.phrase = text_of(object, "phrase"),
                       .role = parse_role(text_of(object, "role")),
                       .start_ms = int_of(object, "start_ms"),
                       .end_ms = int_of(object, "end_ms"),
                       .confidence = real_of(object, "confidence", 0)});
    }
    return out;
}

std::string transcript_hash(const Transcript& transcript) {
    return sha256_hex(canonical_json(transcript_json(transcript)));
}

} // namespace hs
