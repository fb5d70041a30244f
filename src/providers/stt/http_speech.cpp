#include "providers/stt/http_speech.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "providers/http_reply.hpp"
#include "providers/quick_repeat.hpp"
#include "providers/stt/openai_parts.hpp"
#include "providers/stt/shared_tracks.hpp"

namespace hs::providers {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::span<const std::int16_t> samples_within(const SpeechTrack& track, Span part) {
    const std::span<const std::int16_t> all(*track.samples);
    const auto from = std::min(static_cast<std::size_t>(part.start_ms) * 16, all.size());
    const auto to = std::min(static_cast<std::size_t>(part.end_ms) * 16, all.size());
    return all.subspan(from, to - from);
}

void stitch(Speech& speech, PartSpeech part) {
    if (speech.language.empty()) speech.language = std::move(part.language);
    std::ranges::move(part.utterances, std::back_inserter(speech.utterances));
}

bool succeeded(const InboundReply& reply) {
    return reply.status >= 200 && reply.status <= 299;
}

} // namespace

HttpSpeech::HttpSpeech(std::string model, milliseconds repeat_delay, Transport transport)
    : model_(std::move(model)), repeat_delay_(repeat_delay),
      straight_(straight_exchange(std::move(transport))) {}

std::vector<SpeechPart> HttpSpeech::parts(const SpeechRequest& request) const {
    std::vector<SpeechPart> out;
    for (std::size_t i = 0; i < request.tracks.size(); ++i) {
        const auto& track = request.tracks[i];
        for (const auto& span : upload_spans(track.speech, *track.samples, longest_part_ms()))
            out.push_back({i, span});
    }
    return out;
}

Task<Result<InboundReply>> HttpSpeech::send(std::shared_ptr<Exchange> exchange,
                                            const ProviderRequest& request) const {
    const RepeatRules rules{repeat_delay_, {}};
    co_return co_await send_with_repeats(std::move(exchange), request, rules);
}

Result<PartSpeech> HttpSpeech::parse(const SpeechRequest& request,
                                     const SpeechPart& part,
                                     const InboundReply& reply) const {
    if (!succeeded(reply))
        return std::unexpected(status_error("speech", reply, SystemClock().now()));
    const auto& track = request.tracks[part.track];
    TRY(auto heard, read(reply.body, speech_within(track.speech, part.span)));
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

Task<Result<PartSpeech>> HttpSpeech::hear(std::shared_ptr<Exchange> exchange,
                                          const SpeechRequest& request,
                                          const SpeechPart& part) const {
    const auto prepared = prepare(request, part);
    CO_TRY(const auto reply, co_await send(exchange, prepared));
    auto heard = parse(request, part, reply);
    if (succeeded(reply)) {
        Reading reading;
        reading.sound = heard.has_value();
        if (heard) reading.usage = heard->usage;
        co_await exchange->read(prepared, std::move(reading));
    }
    co_return heard;
}

Task<Result<Speech>> HttpSpeech::transcribe(SpeechRequest request) {
    Speech speech;
    speech.engine = name();
    speech.model = model_;
    const auto exchange = request.exchange ? request.exchange : straight_;
    const auto speakers = request.tracks;
    const bool shared = share_samples(speakers);
    if (shared) request.tracks.assign(1, mixed_track(speakers));
    // One after the other: a server of one's own hears one request at a time, and a provider's
    // limits are kept by the exchange.
    for (const auto& part : parts(request)) {
        CO_TRY(auto heard, co_await hear(exchange, request, part));
        stitch(speech, std::move(heard));
    }
    if (shared) speech.utterances = given_to_speakers(std::move(speech.utterances), speakers);
    std::ranges::stable_sort(speech.utterances, {}, &Utterance::start_ms);
    co_return speech;
}

ProviderRequest speech_request_for(std::string engine,
                                   std::string model,
                                   const SpeechRequest& request,
                                   const SpeechPart& part) {
    ProviderRequest out;
    out.provider = std::move(engine);
    out.model = std::move(model);
    out.area = "speech";
    out.http.method = "POST";
    out.http.stop = request.stop;
    const auto audio = milliseconds(part.span.end_ms - part.span.start_ms);
    out.expected.audio_seconds = std::chrono::duration<double>(audio).count();
    out.http.first_byte_limit = std::min<milliseconds>(seconds(60) + audio / 2, seconds(15 * 60));
    out.http.total_limit = out.http.first_byte_limit + seconds(5 * 60);
    out.http.max_reply_bytes = 32u << 20;
    return out;
}

std::string wav_of(const SpeechRequest& request, const SpeechPart& part) {
    return wav_file(samples_within(request.tracks[part.track], part.span));
}

std::string
fingerprint_of(std::string_view engine, const OutboundRequest& request, const std::string& track) {
    json::array fields;
    for (const auto& field : request.form) {
        const bool audio = !field.filename.empty();
        fields.push_back(
            json::array{field.name, audio ? sha256_hex(field.content) : field.content});
    }
    json::object all{
        {"engine", engine}, {"url", request.url}, {"channel", track}, {"form", fields}};
    if (!request.body.empty()) all["body"] = sha256_hex(request.body);
    return sha256_hex(canonical_json(all));
}

std::vector<std::string> fitting_phrases(const std::vector<std::string>& phrases,
                                         const PhraseLimits& limits) {
    std::vector<std::string> out;
    std::size_t bytes = 0;
    for (const auto& phrase : phrases) {
        if (phrase.empty() || phrase.size() > limits.longest) continue;
        if (out.size() == limits.most || bytes + phrase.size() > limits.room) break;
        bytes += phrase.size();
        out.push_back(phrase);
    }
    return out;
}

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (letter || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '~') {
            out += c;
        } else {
            out += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return out;
}

std::vector<Span> speech_within(const std::vector<Span>& speech, Span part) {
    std::vector<Span> out;
    for (const auto& span : speech) {
        const int start = std::max(span.start_ms, part.start_ms);
        const int end = std::min(span.end_ms, part.end_ms);
        if (end > start) out.push_back({start - part.start_ms, end - part.start_ms});
    }
    return out;
}

std::string without_trailing_slashes(std::string url) {
    while (url.ends_with('/'))
        url.pop_back();
    return url;
}

} // namespace hs::providers
