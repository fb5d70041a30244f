#include "providers/stt/deepgram.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/text.hpp"
#include "providers/quick_repeat.hpp"
#include "providers/stt/reply_json.hpp"

namespace hs::providers {

namespace {

constexpr int longest_ms = 60 * 60 * 1000; // a part an hour keeps a lost reply cheap

bool hears_many_languages(const std::string& model) {
    return model.starts_with("nova-3");
}

/// Callers mix Hindi and English, which only "multi" follows; a plain hint is taken at its word.
std::string language_parameter(const std::string& model, const std::string& hint) {
    const bool mixed = hint.empty() || hint == "hi-Latn";
    if (mixed) return hears_many_languages(model) ? "language=multi" : "detect_language=true";
    const auto primary = two_letter_language(hint);
    const bool regional = primary == "en" || primary == "pt" || primary == "es";
    return "language=" + percent_encoded(regional ? hint : primary.empty() ? hint : primary);
}

std::string
query_of(const DeepgramConfig& config, const SpeechRequest& request, const SpeechTrack& track) {
    std::string out = "?model=" + percent_encoded(config.model);
    out += "&" + language_parameter(config.model, request.language);
    out += "&punctuate=true&utterances=true&multichannel=false";
    // Only a mixed track holds more than one voice.
    if (track.name == "mix") out += "&diarize=true";
    const auto* parameter = hears_many_languages(config.model) ? "&keyterm=" : "&keywords=";
    for (const auto& phrase : fitting_phrases(request.phrases, {}))
        out += parameter + percent_encoded(phrase);
    return out;
}

std::string speaker_of(const json::object& word) {
    const auto speaker = number_member(word, "speaker");
    return speaker ? "speaker" + std::to_string(static_cast<int>(*speaker)) : std::string();
}

HeardWord word_of(const json::object& word) {
    HeardWord out;
    const auto punctuated = text_member(word, "punctuated_word");
    out.word.text = punctuated.empty() ? text_member(word, "word") : punctuated;
    out.word.start_ms = milliseconds_of(number_member(word, "start"));
    out.word.end_ms = std::max(out.word.start_ms, milliseconds_of(number_member(word, "end")));
    out.word.confidence =
        std::clamp(number_member(word, "confidence").value_or(unstated_confidence), 0.0, 1.0);
    out.word.lang = text_member(word, "language");
    out.speaker = speaker_of(word);
    return out;
}

std::vector<HeardWord> words_of(const json::array& words) {
    std::vector<HeardWord> out;
    for (const auto& value : words)
        if (const auto* word = value.if_object()) out.push_back(word_of(*word));
    return out;
}

/// What most words are in, where words say it.
std::string commonest_language(const std::vector<HeardWord>& words) {
    std::map<std::string, int> counts;
    for (const auto& heard : words)
        if (!heard.word.lang.empty()) ++counts[heard.word.lang];
    const auto most =
        std::ranges::max_element(counts, {}, [](const auto& entry) { return entry.second; });
    return most == counts.end() ? std::string() : most->first;
}

} // namespace

DeepgramSpeech::DeepgramSpeech(DeepgramConfig config, Transport transport)
    : HttpSpeech(config.model, config.repeat_delay, std::move(transport)),
      config_(std::move(config)) {
    config_.base_url = without_trailing_slashes(config_.base_url);
}

int DeepgramSpeech::longest_part_ms() const {
    return longest_ms;
}

ProviderRequest DeepgramSpeech::prepare(const SpeechRequest& request,
                                        const SpeechPart& part) const {
    const auto& track = request.tracks[part.track];
    auto whole = speech_request_for(name(), config_.model, request, part);
    whole.key_id = key_id_of(config_.api_key);
    auto& out = whole.http;
    out.url = config_.base_url + "/v1/listen" + query_of(config_, request, track);
    out.allow_private = config_.allow_private;
    out.headers.emplace_back("Authorization", "Token " + std::string(config_.api_key.reveal()));
    out.headers.emplace_back("Content-Type", "audio/wav");
    out.body = wav_of(request, part);
    whole.fingerprint = fingerprint_of(name(), out, track.name);
    return whole;
}

Result<HeardPart> DeepgramSpeech::read(std::string_view body,
                                       const std::vector<Span>& speech) const {
    return read_deepgram_reply(body, speech);
}

Result<HeardPart> read_deepgram_reply(std::string_view body, const std::vector<Span>& speech) {
    TRY(const auto reply, reply_object(body));
    const auto* results = object_member(reply, "results");
    const auto* channels = results ? array_member(*results, "channels") : nullptr;
    if (!channels) return invalid_reply("reply holds no channels");
    HeardPart out;
    if (channels->empty()) return out;
    const auto* channel = channels->front().if_object();
    const auto* alternatives = channel ? array_member(*channel, "alternatives") : nullptr;
    if (!alternatives) return invalid_reply("reply holds no alternatives");
    if (alternatives->empty()) return out;
    const auto* best = alternatives->front().if_object();
    if (!best) return invalid_reply("reply holds no alternatives");
    const auto* words = array_member(*best, "words");
    const auto heard = words ? words_of(*words) : std::vector<HeardWord>();
    out.language = language_tag_of(text_member(*channel, "detected_language"));
    if (out.language.empty()) out.language = commonest_language(heard);
    out.segments = segments_of(heard);
    if (heard.empty())
        out.segments = spread(trim(text_member(*best, "transcript")),
                              speech,
                              number_member(*best, "confidence").value_or(unstated_confidence));
    if (const auto* metadata = object_member(reply, "metadata"))
        if (const auto duration = number_member(*metadata, "duration"))
            out.usage["audio_seconds"] = *duration;
    return out;
}

} // namespace hs::providers
