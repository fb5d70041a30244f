#include "providers/stt/openai.hpp"

#include <algorithm>
#include <utility>

#include "providers/quick_repeat.hpp"
#include "providers/stt/openai_reply.hpp"
#include "providers/stt/reply_json.hpp"

namespace hs::providers {

namespace {

constexpr std::uint64_t form_room_bytes = 64u << 10; // for everything but the audio
constexpr std::uint64_t bytes_per_ms = 32;
constexpr std::size_t longest_prompt_bytes = 800; // about 200 tokens, of which 224 are read

// A reply without times is laid over the speech of its part: short parts keep the error small.
constexpr int longest_untimed_ms = 120'000;

std::string format_of(const OpenAiSpeechConfig& config) {
    if (!config.response_format.empty()) return config.response_format;
    if (config.model.find("diarize") != std::string::npos) return "diarized_json";
    return config.model.starts_with("gpt-") ? "json" : "verbose_json";
}

/// The phrases as a sentence the engine believes it has just written.
std::string prompt_of(const std::vector<std::string>& phrases) {
    std::string out;
    for (const auto& phrase : phrases) {
        const auto longer = out.size() + phrase.size() + 2;
        if (longer > longest_prompt_bytes) break;
        if (!out.empty()) out += ", ";
        out += phrase;
    }
    return out;
}

} // namespace

OpenAiSpeech::OpenAiSpeech(OpenAiSpeechConfig config, Transport transport)
    : HttpSpeech(config.model, config.repeat_delay, std::move(transport)),
      config_(std::move(config)) {
    config_.base_url = without_trailing_slashes(config_.base_url);
}

int OpenAiSpeech::longest_part_ms() const {
    const auto room = std::max(config_.max_upload_bytes, 2 * form_room_bytes) - form_room_bytes;
    auto longest = static_cast<int>(std::min<std::uint64_t>(room / bytes_per_ms, 4 * 3600 * 1000));
    if (format_of(config_) == "json") longest = std::min(longest, longest_untimed_ms);
    return longest;
}

ProviderRequest OpenAiSpeech::prepare(const SpeechRequest& request, const SpeechPart& part) const {
    const auto format = format_of(config_);
    auto whole = speech_request_for(name(), config_.model, request, part);
    whole.key_id = key_id_of(config_.api_key);
    auto& out = whole.http;
    out.url = config_.base_url + "/audio/transcriptions";
    out.allow_private = config_.allow_private;
    if (!config_.api_key.empty())
        out.headers.emplace_back("Authorization",
                                 "Bearer " + std::string(config_.api_key.reveal()));
    const auto field = [&out](std::string name, std::string value) {
        if (!value.empty()) out.form.push_back({std::move(name), std::move(value), "", ""});
    };
    field("model", config_.model);
    field("response_format", format);
    field("language", two_letter_language(request.language));
    if (format == "diarized_json") {
        field("chunking_strategy", "auto");
    } else {
        field("prompt", prompt_of(request.phrases));
        field("temperature", "0");
    }
    if (format == "verbose_json") {
        field("timestamp_granularities[]", "word");
        field("timestamp_granularities[]", "segment");
    }
    if (format == "json" && config_.model.starts_with("gpt-4o")) field("include[]", "logprobs");
    const auto& track = request.tracks[part.track];
    out.form.push_back({"file", wav_of(request, part), track.name + ".wav", "audio/wav"});
    whole.fingerprint = fingerprint_of(name(), out, track.name);
    return whole;
}

Result<HeardPart> OpenAiSpeech::read(std::string_view body, const std::vector<Span>& speech) const {
    return read_speech_reply(body, speech);
}

} // namespace hs::providers
