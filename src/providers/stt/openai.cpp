#include "providers/stt/openai.hpp"

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "providers/http_reply.hpp"
#include "providers/quick_repeat.hpp"
#include "providers/stt/openai_parts.hpp"
#include "providers/stt/openai_reply.hpp"

namespace hs::providers {

using std::chrono::milliseconds;
using std::chrono::seconds;

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

/// "en" of "en-IN"; the API takes two-letter codes only.
std::string language_code(std::string_view tag) {
    const auto primary = tag.substr(0, tag.find('-'));
    return primary.size() == 2 ? to_lower(primary) : std::string();
}

/// Speech inside of the part, in times of the part.
std::vector<Span> speech_within(const std::vector<Span>& speech, Span part) {
    std::vector<Span> out;
    for (const auto& span : speech) {
        const int start = std::max(span.start_ms, part.start_ms);
        const int end = std::min(span.end_ms, part.end_ms);
        if (end > start) out.push_back({start - part.start_ms, end - part.start_ms});
    }
    return out;
}

std::span<const std::int16_t> samples_within(const SpeechTrack& track, Span part) {
    const std::span<const std::int16_t> all(*track.samples);
    const auto from = std::min(static_cast<std::size_t>(part.start_ms) * 16, all.size());
    const auto to = std::min(static_cast<std::size_t>(part.end_ms) * 16, all.size());
    return all.subspan(from, to - from);
}

/// Engine, address, model, every parameter, the audio and its channel: all that the answer hangs
/// on, and nothing of the key.
std::string fingerprint_of(const OutboundRequest& request, const std::string& track) {
    json::array fields;
    for (const auto& field : request.form) {
        const bool audio = !field.filename.empty();
        fields.push_back(
            json::array{field.name, audio ? sha256_hex(field.content) : field.content});
    }
    const json::object all{
        {"engine", "openai"}, {"url", request.url}, {"channel", track}, {"form", fields}};
    return sha256_hex(canonical_json(all));
}

void stitch(Speech& speech, PartSpeech part) {
    if (speech.language.empty()) speech.language = std::move(part.language);
    std::ranges::move(part.utterances, std::back_inserter(speech.utterances));
}

} // namespace

OpenAiSpeech::OpenAiSpeech(OpenAiSpeechConfig config, Transport transport)
    : config_(std::move(config)), straight_(straight_exchange(std::move(transport))) {
    while (config_.base_url.ends_with('/'))
        config_.base_url.pop_back();
}

std::vector<SpeechPart> OpenAiSpeech::parts(const SpeechRequest& request) const {
    const auto room = std::max(config_.max_upload_bytes, 2 * form_room_bytes) - form_room_bytes;
    auto longest = static_cast<int>(std::min<std::uint64_t>(room / bytes_per_ms, 4 * 3600 * 1000));
    if (format_of(config_) == "json") longest = std::min(longest, longest_untimed_ms);
    std::vector<SpeechPart> out;
    for (std::size_t i = 0; i < request.tracks.size(); ++i) {
        const auto& track = request.tracks[i];
        for (const auto& span : upload_spans(track.speech, *track.samples, longest))
            out.push_back({i, span});
    }
    return out;
}

ProviderRequest OpenAiSpeech::prepare(const SpeechRequest& request, const SpeechPart& part) const {
    const auto format = format_of(config_);
    ProviderRequest whole;
    whole.provider = name();
    whole.model = config_.model;
    whole.key_id = key_id_of(config_.api_key);
    whole.area = "speech";
    auto& out = whole.http;
    out.method = "POST";
    out.url = config_.base_url + "/audio/transcriptions";
    out.allow_private = config_.allow_private;
    out.stop = request.stop;
    if (!config_.api_key.empty())
        out.headers.emplace_back("Authorization",
                                 "Bearer " + std::string(config_.api_key.reveal()));
    const auto field = [&out](std::string name, std::string value) {
        if (!value.empty()) out.form.push_back({std::move(name), std::move(value), "", ""});
    };
    field("model", config_.model);
    field("response_format", format);
    field("language", language_code(request.language));
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
    out.form.push_back(
        {"file", wav_file(samples_within(track, part.span)), track.name + ".wav", "audio/wav"});
    const auto audio = milliseconds(part.span.end_ms - part.span.start_ms);
    out.first_byte_limit = std::min<milliseconds>(seconds(60) + audio / 2, seconds(15 * 60));
    out.total_limit = out.first_byte_limit + seconds(5 * 60);
    out.max_reply_bytes = 32u << 20;
    whole.fingerprint = fingerprint_of(out, track.name);
    return whole;
}

Task<Result<InboundReply>> OpenAiSpeech::send(std::shared_ptr<Exchange> exchange,
                                              const ProviderRequest& request) const {
    const RepeatRules rules{config_.repeat_delay, {}};
    co_return co_await send_with_repeats(std::move(exchange), request, rules);
}

Result<PartSpeech> OpenAiSpeech::parse(const SpeechRequest& request,
                                       const SpeechPart& part,
                                       const InboundReply& reply) const {
    if (reply.status < 200 || reply.status > 299)
        return std::unexpected(status_error("speech", reply, SystemClock().now()));
    const auto& track = request.tracks[part.track];
    TRY(auto heard, read_speech_reply(reply.body, speech_within(track.speech, part.span)));
    PartSpeech out;
    out.language = std::move(heard.language);
    out.usage = std::move(heard.usage);
    const auto whole = [&part](int ms) {
        return std::clamp(part.span.start_ms + ms, part.span.start_ms, part.span.end_ms);
    };
    for (auto& segment : heard.segments) {
        for (auto& word : segment.words) {
            word.start_ms = whole(word.start_ms);
            word.end_ms = whole(word.end_ms);
        }
        out.utterances.push_back({track.name,
                                  std::move(segment.speaker),
                                  whole(segment.start_ms),
                                  whole(segment.end_ms),
                                  std::move(segment.text),
                                  segment.confidence,
                                  std::move(segment.words)});
    }
    return out;
}

Task<Result<PartSpeech>> OpenAiSpeech::hear(std::shared_ptr<Exchange> exchange,
                                            const SpeechRequest& request,
                                            const SpeechPart& part) const {
    const auto prepared = prepare(request, part);
    CO_TRY(const auto reply, co_await send(exchange, prepared));
    auto heard = parse(request, part, reply);
    if (reply.status >= 200 && reply.status <= 299) {
        Reading reading;
        reading.sound = heard.has_value();
        if (heard) reading.usage = heard->usage;
        co_await exchange->read(prepared, std::move(reading));
    }
    co_return heard;
}

Task<Result<Speech>> OpenAiSpeech::transcribe(SpeechRequest request) {
    Speech speech;
    speech.engine = name();
    speech.model = config_.model;
    const auto exchange = request.exchange ? request.exchange : straight_;
    // One after the other: a server of one's own hears one request at a time, and a provider's
    // limits are kept by the exchange.
    for (const auto& part : parts(request)) {
        CO_TRY(auto heard, co_await hear(exchange, request, part));
        stitch(speech, std::move(heard));
    }
    std::ranges::stable_sort(speech.utterances, {}, &Utterance::start_ms);
    co_return speech;
}

} // namespace hs::providers
