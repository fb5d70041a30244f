#include "providers/stt/google.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/crypto.hpp"
#include "providers/http_reply.hpp"
#include "providers/quick_repeat.hpp"
#include "providers/stt/reply_json.hpp"

namespace hs::providers {

namespace asio = boost::asio;

namespace {

constexpr int longest_direct_ms = 58'000; // a minute is the limit; pauses move cuts a little
constexpr int longest_batch_ms = 4 * 3600 * 1000;

std::string host_of(const GoogleSpeechConfig& config) {
    if (!config.base_url.empty()) return without_trailing_slashes(config.base_url);
    if (config.location == "global") return "https://speech.googleapis.com";
    return "https://" + config.location + "-speech.googleapis.com";
}

/// Up to three languages are told apart; calls here are in English, Hindi or both.
json::array language_codes(const std::string& model, const std::string& hint) {
    const auto primary = two_letter_language(hint);
    if (primary == "hi") return {"hi-IN", "en-IN"};
    if (hint.empty()) {
        if (model.starts_with("chirp")) return {"auto"};
        return {"en-IN", "hi-IN"};
    }
    return {hint == "en" ? "en-IN" : hint};
}

json::object phrase_set(const std::vector<std::string>& phrases) {
    json::array values;
    for (const auto& phrase : fitting_phrases(phrases, {.most = 100, .longest = 99, .room = 4000}))
        values.push_back(json::object{{"value", phrase}, {"boost", 5}});
    return {{"inlinePhraseSet", json::object{{"phrases", std::move(values)}}}};
}

bool is_direct(const SpeechPart& part) {
    return part.span.end_ms - part.span.start_ms <= longest_direct_ms;
}

Task<void> pause_for(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

} // namespace

GoogleSpeech::GoogleSpeech(GoogleSpeechConfig config, Transport transport)
    : HttpSpeech(config.model, config.repeat_delay, std::move(transport)),
      config_(std::move(config)) {
    config_.base_url = host_of(config_);
    config_.storage_url = without_trailing_slashes(config_.storage_url);
}

int GoogleSpeech::longest_part_ms() const {
    return config_.bucket.empty() ? longest_direct_ms : longest_batch_ms;
}

void GoogleSpeech::sign(OutboundRequest& request) const {
    request.allow_private = config_.allow_private;
    // The key was tried when the program started: without a token the server answers 401.
    const auto token = google_token(config_.account, SystemClock().now());
    if (token) request.headers.emplace_back("Authorization", "Bearer " + *token);
}

json::object GoogleSpeech::recognition(const SpeechRequest& request,
                                       const SpeechTrack& track) const {
    // By default only the first channel is heard; a track of ours has one, and says so.
    json::object features{{"enableWordTimeOffsets", true},
                          {"enableWordConfidence", true},
                          {"enableAutomaticPunctuation", true},
                          {"multiChannelMode", "SEPARATE_RECOGNITION_PER_CHANNEL"}};
    if (track.name == "mix")
        features["diarizationConfig"] =
            json::object{{"minSpeakerCount", 2}, {"maxSpeakerCount", 2}};
    json::object config{{"explicitDecodingConfig",
                         json::object{{"encoding", "LINEAR16"},
                                      {"sampleRateHertz", 16000},
                                      {"audioChannelCount", 1}}},
                        {"languageCodes", language_codes(config_.model, request.language)},
                        {"model", config_.model},
                        {"features", std::move(features)}};
    if (!request.phrases.empty())
        config["adaptation"] =
            json::object{{"phraseSets", json::array{phrase_set(request.phrases)}}};
    return config;
}

std::string GoogleSpeech::object_name(const SpeechRequest& request, const SpeechPart& part) const {
    return "hacksmart/" + sha256_hex(wav_of(request, part)) + ".wav";
}

ProviderRequest GoogleSpeech::prepare(const SpeechRequest& request, const SpeechPart& part) const {
    const auto& track = request.tracks[part.track];
    auto whole = speech_request_for(name(), config_.model, request, part);
    whole.key_id = key_id_of(config_.account.private_key);
    auto& out = whole.http;
    json::object body{{"config", recognition(request, track)}};
    if (is_direct(part)) {
        body["content"] = base64(bytes_of(wav_of(request, part)));
    } else {
        const auto uri = "gs://" + config_.bucket + "/" + object_name(request, part);
        body["files"] = json::array{json::object{{"uri", uri}}};
        body["recognitionOutputConfig"] = json::object{{"inlineResponseConfig", json::object{}}};
    }
    out.url = config_.base_url + "/v2/projects/" + config_.account.project + "/locations/" +
              config_.location +
              "/recognizers/_:" + (is_direct(part) ? "recognize" : "batchRecognize");
    out.headers.emplace_back("Content-Type", "application/json");
    out.body = json::serialize(body);
    sign(out);
    whole.fingerprint = fingerprint_of(name(), out, track.name);
    return whole;
}

ProviderRequest GoogleSpeech::upload(const ProviderRequest& prepared, std::string wav) const {
    auto out = prepared;
    out.keep = false;
    out.http.url =
        config_.storage_url + "/upload/storage/v1/b/" + percent_encoded(config_.bucket) +
        "/o?uploadType=media&name=" + percent_encoded("hacksmart/" + sha256_hex(wav) + ".wav");
    out.http.headers = {{"Content-Type", "audio/wav"}};
    out.http.body = std::move(wav);
    sign(out.http);
    return out;
}

Result<HeardPart> GoogleSpeech::read(std::string_view body, const std::vector<Span>&) const {
    return read_google_reply(body);
}

Task<Result<PartSpeech>> GoogleSpeech::hear(std::shared_ptr<Exchange> exchange,
                                            const SpeechRequest& request,
                                            const SpeechPart& part) const {
    if (is_direct(part)) co_return co_await HttpSpeech::hear(exchange, request, part);
    co_return co_await hear_through_bucket(exchange, request, part);
}

/// The kept reply is the name of the operation: a run that starts again finds its result there and
/// pays nothing for it. What was uploaded goes when the result is there.
Task<Result<PartSpeech>> GoogleSpeech::hear_through_bucket(std::shared_ptr<Exchange> exchange,
                                                           const SpeechRequest& request,
                                                           const SpeechPart& part) const {
    const auto prepared = prepare(request, part);
    const auto uploading = upload(prepared, wav_of(request, part));
    CO_TRY(const auto stored, co_await send(exchange, uploading));
    if (stored.status < 200 || stored.status > 299)
        co_return std::unexpected(status_error("speech", stored, SystemClock().now()));
    CO_TRY(const auto begun, co_await send(exchange, prepared));
    if (begun.status < 200 || begun.status > 299)
        co_return std::unexpected(status_error("speech", begun, SystemClock().now()));
    const auto answer = reply_object(begun.body);
    const std::string operation(answer ? text_member(*answer, "name") : "");
    Reading reading;
    if (operation.empty()) {
        co_await exchange->read(prepared, std::move(reading));
        co_return invalid_reply("the reply names no operation");
    }
    auto result = co_await result_of(exchange, prepared, operation);
    if (!result) co_return std::unexpected(std::move(result).error());
    auto heard = parse(request, part, *result);
    reading.sound = heard.has_value();
    if (heard) reading.usage = heard->usage;
    co_await exchange->read(prepared, std::move(reading));
    auto removal = uploading;
    removal.http.method = "DELETE";
    removal.http.url = config_.storage_url + "/storage/v1/b/" + percent_encoded(config_.bucket) +
                       "/o/" + percent_encoded(object_name(request, part));
    removal.http.body.clear();
    // Best effort: what stays behind is removed by the bucket's own lifecycle rule.
    static_cast<void>(co_await exchange->send(std::move(removal)));
    co_return heard;
}

/// Asks until the operation is done. Errors: unavailable "speech.not_ready": the job comes back.
Task<Result<InboundReply>> GoogleSpeech::result_of(std::shared_ptr<Exchange> exchange,
                                                   const ProviderRequest& prepared,
                                                   std::string operation) const {
    auto looking = prepared;
    looking.keep = false;
    looking.http.method = "GET";
    looking.http.url = config_.base_url + "/v2/" + operation;
    looking.http.body.clear();
    const auto deadline = std::chrono::steady_clock::now() + config_.longest_wait;
    for (;;) {
        looking.http.headers.clear();
        sign(looking.http);
        CO_TRY(auto reply, co_await send(exchange, looking));
        if (reply.status < 200 || reply.status > 299) co_return reply;
        const auto state = reply_object(reply.body);
        if (!state) co_return std::unexpected(state.error());
        const auto* done = state->if_contains("done");
        if (done != nullptr && done->is_bool() && done->get_bool()) co_return reply;
        if (prepared.http.stop.stop_requested() || std::chrono::steady_clock::now() > deadline)
            co_return fail(
                ErrorKind::unavailable, "speech.not_ready", "the engine still hears the recording");
        co_await pause_for(config_.look_every);
    }
}

} // namespace hs::providers
