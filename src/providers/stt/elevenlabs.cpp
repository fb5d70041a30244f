#include "providers/stt/elevenlabs.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/text.hpp"
#include "providers/quick_repeat.hpp"
#include "providers/stt/reply_json.hpp"

namespace hs::providers {

namespace {

constexpr int longest_ms = 60 * 60 * 1000; // a part an hour keeps a lost reply cheap

/// What the second model takes as key terms: at most five words and 50 bytes each. They cost extra
/// there, and the first model refuses them.
std::vector<std::string> key_terms(const ElevenLabsConfig& config,
                                   const std::vector<std::string>& phrases) {
    if (!config.model.starts_with("scribe_v2")) return {};
    auto out = fitting_phrases(phrases, {.most = 100, .longest = 49, .room = 4000});
    std::erase_if(out,
                  [](const std::string& phrase) { return std::ranges::count(phrase, ' ') > 4; });
    return out;
}

HeardWord word_of(const json::object& word) {
    HeardWord out;
    out.word.text = text_member(word, "text");
    out.word.start_ms = milliseconds_of(number_member(word, "start"));
    out.word.end_ms = std::max(out.word.start_ms, milliseconds_of(number_member(word, "end")));
    const auto logprob = number_member(word, "logprob");
    out.word.confidence = logprob ? std::clamp(std::exp(*logprob), 0.0, 1.0) : unstated_confidence;
    out.speaker = text_member(word, "speaker_id");
    return out;
}

/// Blanks and events ("(laughter)") are entries of their own and no words.
std::vector<HeardWord> words_of(const json::array& words) {
    std::vector<HeardWord> out;
    for (const auto& value : words) {
        const auto* word = value.if_object();
        if (!word) continue;
        const auto type = text_member(*word, "type");
        if (type.empty() || type == "word") out.push_back(word_of(*word));
    }
    return out;
}

} // namespace

ElevenLabsSpeech::ElevenLabsSpeech(ElevenLabsConfig config, Transport transport)
    : HttpSpeech(config.model, config.repeat_delay, std::move(transport)),
      config_(std::move(config)) {
    config_.base_url = without_trailing_slashes(config_.base_url);
}

int ElevenLabsSpeech::longest_part_ms() const {
    return longest_ms;
}

ProviderRequest ElevenLabsSpeech::prepare(const SpeechRequest& request,
                                          const SpeechPart& part) const {
    const auto& track = request.tracks[part.track];
    auto whole = speech_request_for(name(), config_.model, request, part);
    whole.key_id = key_id_of(config_.api_key);
    auto& out = whole.http;
    out.url = config_.base_url + "/v1/speech-to-text";
    out.allow_private = config_.allow_private;
    out.headers.emplace_back("xi-api-key", std::string(config_.api_key.reveal()));
    const auto field = [&out](std::string name, std::string value) {
        if (!value.empty()) out.form.push_back({std::move(name), std::move(value), "", ""});
    };
    field("model_id", config_.model);
    field("language_code", two_letter_language(request.language));
    field("diarize", track.name == "mix" ? "true" : "false");
    field("timestamps_granularity", "word");
    field("tag_audio_events", "false");
    for (auto& term : key_terms(config_, request.phrases))
        field("keyterms", std::move(term));
    out.form.push_back({"file", wav_of(request, part), track.name + ".wav", "audio/wav"});
    whole.fingerprint = fingerprint_of(name(), out, track.name);
    return whole;
}

Result<HeardPart> ElevenLabsSpeech::read(std::string_view body,
                                         const std::vector<Span>& speech) const {
    return read_elevenlabs_reply(body, speech);
}

Result<HeardPart> read_elevenlabs_reply(std::string_view body, const std::vector<Span>& speech) {
    TRY(const auto reply, reply_object(body));
    const auto* text = reply.if_contains("text");
    const auto* words = array_member(reply, "words");
    if (!words && (!text || !text->is_string())) return invalid_reply("reply holds no text");
    HeardPart out;
    out.language = language_tag_of(text_member(reply, "language_code"));
    const auto heard = words ? words_of(*words) : std::vector<HeardWord>();
    out.segments = segments_of(heard);
    if (heard.empty())
        out.segments = spread(trim(text_member(reply, "text")), speech, unstated_confidence);
    return out;
}

} // namespace hs::providers
