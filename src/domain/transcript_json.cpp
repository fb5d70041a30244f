#include "domain/transcript_json.hpp"

#include <cstdint>
#include <type_traits>
#include <utility>

#include "base/canonical_json.hpp"
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

namespace {

// --- hashing -------------------------------------------------------------------------------------

/// The canonical JSON of transcript_json(), written member by member in its order: an hour's words
/// as a document of values would cost more than all the rules on them.
class CanonicalTranscript {
public:
    std::string text_of(const Transcript& transcript) {
        put("diarisation", transcript.diarisation, '{');
        put("diarisation_confidence", transcript.diarisation_confidence);
        put("duration_ms", transcript.duration_ms);
        put("engine", transcript.engine);
        put("engine_version", transcript.engine_version);
        put("language", transcript.language);
        list("languages", transcript.languages, [&](const auto& each) {
            put("share", each.share, '{');
            put("tag", each.tag);
            out_ += '}';
        });
        put("low_confidence", transcript.low_confidence);
        list("low_confidence_reasons", transcript.low_confidence_reasons, [&](const auto& each) {
            append_canonical_string(out_, each);
        });
        put("machine", transcript.machine);
        put("model", transcript.model);
        put("role_confidence", transcript.role_confidence);
        list("turns", transcript.turns, [&](const auto& each) { add(each); });
        put("words_timed", transcript.words_timed);
        out_ += '}';
        return std::move(out_);
    }

private:
    void add(const Turn& turn) {
        put("confidence", turn.confidence, '{');
        put("end_ms", turn.end_ms);
        put("index", turn.index);
        put("language", turn.language);
        put("overlap", turn.overlap);
        put("role", to_string(turn.role));
        put("speaker", turn.speaker);
        put("start_ms", turn.start_ms);
        put("text", turn.text);
        list("words", turn.words, [&](const auto& each) { add(each); });
        out_ += '}';
    }

    void add(const Word& word) {
        put("confidence", word.confidence, '{');
        put("end_ms", word.end_ms);
        if (!word.lang.empty()) put("lang", word.lang);
        put("start_ms", word.start_ms);
        put("text", word.text);
        out_ += '}';
    }

    /// `before`: what stands in front of the member, its object's brace or a comma.
    template <typename Value>
    void put(std::string_view key, const Value& value, char before = ',') {
        name(key, before);
        if constexpr (std::is_same_v<Value, bool>) {
            out_ += value ? "true" : "false";
        } else if constexpr (std::is_same_v<Value, int>) {
            append_canonical_number(out_, std::int64_t{value});
        } else if constexpr (std::is_same_v<Value, double>) {
            append_canonical_number(out_, value);
        } else {
            append_canonical_string(out_, value);
        }
    }

    template <typename Item, typename Add>
    void list(std::string_view key, const std::vector<Item>& items, const Add& add_item) {
        name(key, ',');
        char before = '[';
        for (const auto& item : items) {
            out_ += before;
            before = ',';
            add_item(item);
        }
        out_ += items.empty() ? "[]" : "]";
    }

    void name(std::string_view key, char before) {
        out_ += before;
        out_ += '"';
        out_ += key;
        out_ += "\":";
    }

    std::string out_;
};

} // namespace

std::string transcript_hash(const Transcript& transcript) {
    return sha256_hex(CanonicalTranscript().text_of(transcript));
}

} // namespace hs
