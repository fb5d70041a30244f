#include "app/speech_engines.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "providers/stt/command.hpp"
#include "providers/stt/deepgram.hpp"
#include "providers/stt/elevenlabs.hpp"
#include "providers/stt/embedded.hpp"
#include "providers/stt/google.hpp"
#include "providers/stt/openai.hpp"

namespace hs::app {

namespace {

using Engine = std::unique_ptr<providers::SpeechToText>;

constexpr std::array<std::string_view, 6> known{
    "embedded", "openai", "deepgram", "elevenlabs", "google", "command"};

std::unexpected<Error> missing(std::string_view engine, std::string_view what) {
    return fail(ErrorKind::invalid,
                "config.invalid",
                fmt::format("the speech engine {} needs {}", engine, what));
}

providers::Transport over(HttpClient& client) {
    return [&client](OutboundRequest request) { return client.send(std::move(request)); };
}

Engine openai(const Config& config, HttpClient& client) {
    providers::OpenAiSpeechConfig speech;
    speech.base_url = config.stt_base_url;
    speech.api_key = config.openai_api_key;
    speech.model = config.stt_model;
    speech.allow_private = config.stt_allow_private;
    return std::make_unique<providers::OpenAiSpeech>(std::move(speech), over(client));
}

Result<Engine> deepgram(const Config& config, HttpClient& client) {
    if (config.deepgram_api_key.empty()) return missing("deepgram", "DEEPGRAM_API_KEY");
    providers::DeepgramConfig speech;
    speech.base_url = config.deepgram_base_url;
    speech.api_key = config.deepgram_api_key;
    speech.model = config.deepgram_model;
    speech.allow_private = config.stt_allow_private;
    return std::make_unique<providers::DeepgramSpeech>(std::move(speech), over(client));
}

Result<Engine> elevenlabs(const Config& config, HttpClient& client) {
    if (config.elevenlabs_api_key.empty()) return missing("elevenlabs", "ELEVENLABS_API_KEY");
    providers::ElevenLabsConfig speech;
    speech.base_url = config.elevenlabs_base_url;
    speech.api_key = config.elevenlabs_api_key;
    speech.model = config.elevenlabs_model;
    speech.allow_private = config.stt_allow_private;
    return std::make_unique<providers::ElevenLabsSpeech>(std::move(speech), over(client));
}

Result<Engine> google(const Config& config, HttpClient& client) {
    if (config.google_credentials.empty())
        return missing("google", "GOOGLE_APPLICATION_CREDENTIALS");
    const auto file = read_file(config.google_credentials);
    if (!file) return missing("google", "a readable file in GOOGLE_APPLICATION_CREDENTIALS");
    providers::GoogleSpeechConfig speech;
    auto account = providers::read_google_account(*file);
    // A key that cannot sign is told of now and not with the first call.
    if (account && !providers::google_token(*account, SystemClock().now()))
        account = fail(ErrorKind::invalid, "key.invalid", "its private key cannot be used");
    if (!account)
        return missing("google",
                       "a service account in GOOGLE_APPLICATION_CREDENTIALS: " +
                           account.error().message);
    speech.account = *std::move(account);
    speech.location = config.google_speech_location;
    speech.model = config.google_speech_model;
    speech.bucket = config.google_speech_bucket;
    speech.base_url = config.google_speech_base_url;
    speech.storage_url = config.google_storage_base_url;
    speech.allow_private = config.stt_allow_private;
    return std::make_unique<providers::GoogleSpeech>(std::move(speech), over(client));
}

Result<Engine> command(const Config& config) {
    providers::CommandSpeechConfig speech;
    speech.command = providers::command_words(config.stt_command);
    if (speech.command.empty()) return missing("command", "STT_COMMAND");
    speech.at_once = static_cast<unsigned>(config.stt_concurrency);
    return std::make_unique<providers::CommandSpeech>(std::move(speech));
}

Engine embedded(const Config& config, const Resources& resources) {
    providers::EmbeddedOptions options;
    options.vocabulary = resources.scorecards / "vocabulary" / "en.txt";
    return std::make_unique<providers::EmbeddedSpeech>(
        resources.sphinx_program, config.speech_models, options);
}

Result<Engine> make_one(std::string_view name,
                        const Config& config,
                        const Resources& resources,
                        HttpClient& client) {
    if (name == "openai") return openai(config, client);
    if (name == "deepgram") return deepgram(config, client);
    if (name == "elevenlabs") return elevenlabs(config, client);
    if (name == "google") return google(config, client);
    if (name == "command") return command(config);
    return embedded(config, resources);
}

std::vector<std::string> names_of(const Config& config) {
    if (config.stt_chain.empty()) return {config.stt_engine};
    return speech_chain_names(config.stt_chain).value_or(std::vector<std::string>());
}

} // namespace

Result<std::vector<std::string>> speech_chain_names(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto arrow = std::min(text.find("->"), text.size());
        const std::string name(trim(text.substr(0, arrow)));
        const bool repeated = std::ranges::find(out, name) != out.end();
        if (repeated || std::ranges::find(known, name) == known.end())
            return fail(ErrorKind::invalid,
                        "config.invalid",
                        fmt::format("engines joined by ->, each once: {}", fmt::join(known, ", ")));
        out.push_back(name);
        text.remove_prefix(std::min(arrow + 2, text.size()));
    }
    return out;
}

Result<Engine> make_speech_engine(const Config& config,
                                  const Resources& resources,
                                  HttpClient& client,
                                  providers::SpeechChain::Skipped skipped) {
    std::vector<Engine> engines;
    for (const auto& name : names_of(config)) {
        TRY(auto engine, make_one(name, config, resources, client));
        engines.push_back(std::move(engine));
    }
    if (engines.size() == 1) return std::move(engines.front());
    return std::make_unique<providers::SpeechChain>(
        std::move(engines), config.stt_patience, std::move(skipped));
}

std::vector<std::string> speech_places(const Config& config) {
    std::vector<std::string> out;
    for (const auto& name : names_of(config)) {
        if (name == "openai") out.push_back(config.stt_base_url);
        if (name == "deepgram") out.push_back(config.deepgram_base_url);
        if (name == "elevenlabs") out.push_back(config.elevenlabs_base_url);
        if (name != "google") continue;
        out.push_back(config.google_speech_base_url.empty() ? "Google Speech-to-Text"
                                                            : config.google_speech_base_url);
        if (!config.google_speech_bucket.empty()) out.push_back(config.google_storage_base_url);
    }
    return out;
}

} // namespace hs::app
