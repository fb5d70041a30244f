#include "app/settings.hpp"

#include <array>
#include <charconv>
#include <vector>

#include <fmt/format.h>

#include "app/model_chain.hpp"
#include "app/speech_engines.hpp"
#include "base/text.hpp"

namespace hs::app {

namespace {

template <typename Number>
bool read_number(std::string_view text, Number& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

template <typename Number>
std::string number(std::string_view text, Number& out, Number least, Number most) {
    Number value{};
    if (read_number(text, value) && value >= least && value <= most) {
        out = value;
        return {};
    }
    return fmt::format("a whole number from {} to {}", least, most);
}

template <typename Unit>
std::string duration(std::string_view text, Unit& out, std::int64_t least, std::int64_t most) {
    std::int64_t count = 0;
    const auto wrong = number(text, count, least, most);
    if (wrong.empty()) out = Unit(count);
    return wrong;
}

std::string boolean(std::string_view text, bool& out) {
    if (text == "true" || text == "1") {
        out = true;
    } else if (text == "false" || text == "0") {
        out = false;
    } else {
        return "true or false";
    }
    return {};
}

std::string listen(Config& config, std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return "address:port, such as 127.0.0.1:8080";
    std::uint16_t port = 0;
    if (!read_number(text.substr(colon + 1), port)) return "a port from 0 to 65535 after the colon";
    auto address = std::string(text.substr(0, colon));
    if (address == "localhost") address = "127.0.0.1";
    if (address == "[::1]") address = "::1";
    if (address != "127.0.0.1" && address != "::1") {
        return "a loopback address (127.0.0.1 or [::1]): this version has no authentication yet, "
               "so other addresses are refused";
    }
    config.listen_address = address;
    config.listen_port = port;
    return {};
}

std::string origins(Config& config, std::string_view text) {
    config.allowed_origins.clear();
    for (const auto part : split(text, ',')) {
        const auto origin = trim(part);
        if (origin.empty()) continue;
        if (origin != "*" && !origin.starts_with("http://") && !origin.starts_with("https://")) {
            return "origins such as https://dashboard.example.com, joined by commas, or *";
        }
        config.allowed_origins.emplace_back(origin);
    }
    return {};
}

std::string log_level(Config& config, std::string_view text) {
    const auto level = to_lower(text);
    if (level != "debug" && level != "info" && level != "warn" && level != "error" &&
        level != "warning") {
        return "debug, info, warn or error";
    }
    config.log_level = level == "warning" ? "warn" : level;
    return {};
}

std::string dedupe(Config& config, std::string_view text) {
    if (text != "flag" && text != "reuse") return "flag or reuse";
    config.dedupe_reuse = text == "reuse";
    return {};
}

std::string speech_engine(Config& config, std::string_view text) {
    const auto names = speech_chain_names(text);
    if (!names || names->size() != 1)
        return "embedded, openai, deepgram, elevenlabs, google or command";
    config.stt_engine = names->front();
    return {};
}

std::string speech_chain(Config& config, std::string_view text) {
    const auto names = speech_chain_names(text);
    if (!names) return names.error().message;
    config.stt_chain = text;
    return {};
}

std::string model_chain(Config& config, std::string_view text) {
    const auto wrong = chain_error(text);
    if (wrong.empty()) config.llm_chain = text;
    return wrong;
}

std::string budget(std::optional<double>& out, std::string_view text) {
    constexpr double most = 10'000'000;
    double value = 0;
    if (text.empty()) {
        out.reset();
    } else if (read_number(text, value) && value >= 0 && value <= most) {
        out = value;
    } else {
        return "US dollars from 0 to 10000000, or nothing for no limit";
    }
    return {};
}

std::string budget_text(const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string();
}

std::string budget_policy(Config& config, std::string_view text) {
    if (text != "cheaper" && text != "wait") return "cheaper or wait";
    config.budget_policy = text;
    return {};
}

std::string anonymous_role(Config&, std::string_view text) {
    if (text.empty()) return {};
    return "nothing: anonymous callers come with authentication, which this version does not have";
}

// clang-format off
constexpr std::array common_settings = {
    Setting{"LISTEN", "Address and port of the HTTP server; loopback only in this version", false, listen,
            [](const Config& c) { return fmt::format("{}:{}", c.listen_address, c.listen_port); }},
    Setting{"DATA_DIR", "Folder of everything kept on disk", false,
            [](Config& c, std::string_view t) { c.data_dir = t; return std::string(); },
            [](const Config& c) { return c.data_dir.string(); }},
    Setting{"DATABASE_URL", "PostgreSQL to use; empty: a private one in DATA_DIR", true,
            [](Config& c, std::string_view t) { c.database_url = Secret(std::string(t)); return std::string(); },
            [](const Config& c) { return std::string(c.database_url.reveal()); }},
    Setting{"PUBLIC_BASE_URL", "How clients reach the server; empty: http://LISTEN", false,
            [](Config& c, std::string_view t) { c.public_base_url = t; return std::string(); },
            [](const Config& c) { return c.public_base_url; }},
    Setting{"ALLOWED_ORIGINS", "Origins whose pages may call the API, joined by commas, or *", false, origins,
            [](const Config& c) { return fmt::format("{}", fmt::join(c.allowed_origins, ",")); }},
    Setting{"LOG_LEVEL", "debug, info, warn or error", false, log_level,
            [](const Config& c) { return c.log_level; }},
    Setting{"MAX_UPLOAD_BYTES", "Largest recording accepted, in bytes", false,
            [](Config& c, std::string_view t) { return number<std::uint64_t>(t, c.max_upload_bytes, 1024, 1ULL << 36U); },
            [](const Config& c) { return std::to_string(c.max_upload_bytes); }},
    Setting{"WORKER_CONCURRENCY", "Calls transcribed at once; 0: one less than the cores", false,
            [](Config& c, std::string_view t) { return number(t, c.worker_concurrency, 0, 256); },
            [](const Config& c) { return std::to_string(c.worker_concurrency); }},
    Setting{"IO_THREADS", "Threads that serve HTTP", false,
            [](Config& c, std::string_view t) { return number(t, c.io_threads, 1, 64); },
            [](const Config& c) { return std::to_string(c.io_threads); }},
    Setting{"STRICT_CATEGORIES", "Refuse uploads with an issue category that is on no list", false,
            [](Config& c, std::string_view t) { return boolean(t, c.strict_categories); },
            [](const Config& c) { return std::string(c.strict_categories ? "true" : "false"); }},
    Setting{"DEDUPE", "flag: the same audio again is accepted and flagged; reuse: answered with the existing call", false, dedupe,
            [](const Config& c) { return std::string(c.dedupe_reuse ? "reuse" : "flag"); }},
    Setting{"DEFAULT_WAIT_SECONDS", "Seconds ingest and process wait for the analysis without a Prefer header", false,
            [](Config& c, std::string_view t) { return duration(t, c.default_wait, 0, 120); },
            [](const Config& c) { return std::to_string(c.default_wait.count()); }},
    Setting{"S3_PRESIGNED_EXPIRY", "Seconds a signed audio link is valid", false,
            [](Config& c, std::string_view t) { return duration(t, c.link_lifetime, 10, 604800); },
            [](const Config& c) { return std::to_string(c.link_lifetime.count()); }},
    Setting{"MASTER_KEY_FILE", "File of the key that seals audio and customer data; empty: DATA_DIR/master.key", false,
            [](Config& c, std::string_view t) { c.master_key_file = t; return std::string(); },
            [](const Config& c) { return c.master_key_file.string(); }},
    Setting{"SCORECARD", "Scorecard calls are judged by, as key@version", false,
            [](Config& c, std::string_view t) { c.scorecard = t; return t.find('@') == std::string_view::npos ? std::string("key@version") : std::string(); },
            [](const Config& c) { return c.scorecard; }},
    Setting{"DEFAULT_REGION", "Country in which phone numbers without a country code are read", false,
            [](Config& c, std::string_view t) { c.region = t; return t.size() == 2 ? std::string() : std::string("a two-letter country code"); },
            [](const Config& c) { return c.region; }},
    Setting{"STT_ENGINE", "Speech engine: embedded (offline, basic), openai (any OpenAI-compatible server), deepgram, elevenlabs, google or command", false, speech_engine,
            [](const Config& c) { return c.stt_engine; }},
    Setting{"STT_CHAIN", "Speech engines, the best first: deepgram -> openai -> embedded; empty: STT_ENGINE alone", false, speech_chain,
            [](const Config& c) { return c.stt_chain; }},
    Setting{"STT_PATIENCE_SECONDS", "Seconds calls wait for a paused engine before the next one of STT_CHAIN hears them", false,
            [](Config& c, std::string_view t) { return duration(t, c.stt_patience, 0, 86400); },
            [](const Config& c) { return std::to_string(c.stt_patience.count()); }},
    Setting{"STT_COMMAND", "Program of the engine command, with arguments: {wav} stands for the recording, {language} for the hint", false,
            [](Config& c, std::string_view t) { c.stt_command = t; return std::string(); },
            [](const Config& c) { return c.stt_command; }},
    Setting{"DEEPGRAM_API_KEY", "Key for Deepgram", true,
            [](Config& c, std::string_view t) { c.deepgram_api_key = Secret(std::string(t)); return std::string(); },
            [](const Config& c) { return std::string(c.deepgram_api_key.reveal()); }},
    Setting{"DEEPGRAM_BASE_URL", "Base URL of Deepgram", false,
            [](Config& c, std::string_view t) { c.deepgram_base_url = t; return std::string(); },
            [](const Config& c) { return c.deepgram_base_url; }},
    Setting{"DEEPGRAM_MODEL", "Model asked of Deepgram", false,
            [](Config& c, std::string_view t) { c.deepgram_model = t; return std::string(); },
            [](const Config& c) { return c.deepgram_model; }},
    Setting{"ELEVENLABS_API_KEY", "Key for ElevenLabs", true,
            [](Config& c, std::string_view t) { c.elevenlabs_api_key = Secret(std::string(t)); return std::string(); },
            [](const Config& c) { return std::string(c.elevenlabs_api_key.reveal()); }},
    Setting{"ELEVENLABS_BASE_URL", "Base URL of ElevenLabs", false,
            [](Config& c, std::string_view t) { c.elevenlabs_base_url = t; return std::string(); },
            [](const Config& c) { return c.elevenlabs_base_url; }},
    Setting{"ELEVENLABS_MODEL", "Model asked of ElevenLabs; scribe_v2 takes the scorecard's vocabulary, at a higher price", false,
            [](Config& c, std::string_view t) { c.elevenlabs_model = t; return std::string(); },
            [](const Config& c) { return c.elevenlabs_model; }},
    Setting{"GOOGLE_APPLICATION_CREDENTIALS", "Key file of the service account that Google's speech engine is asked as", false,
            [](Config& c, std::string_view t) { c.google_credentials = t; return std::string(); },
            [](const Config& c) { return c.google_credentials.string(); }},
    Setting{"GOOGLE_SPEECH_LOCATION", "Location of Google's speech engine", false,
            [](Config& c, std::string_view t) { c.google_speech_location = t; return std::string(); },
            [](const Config& c) { return c.google_speech_location; }},
    Setting{"GOOGLE_SPEECH_MODEL", "Model asked of Google", false,
            [](Config& c, std::string_view t) { c.google_speech_model = t; return std::string(); },
            [](const Config& c) { return c.google_speech_model; }},
    Setting{"GOOGLE_SPEECH_BUCKET", "Bucket in which recordings of more than a minute lie while Google hears them; empty: they are cut to a minute", false,
            [](Config& c, std::string_view t) { c.google_speech_bucket = t; return std::string(); },
            [](const Config& c) { return c.google_speech_bucket; }},
    Setting{"GOOGLE_SPEECH_BASE_URL", "Base URL of Google's speech engine; empty: the location's own", false,
            [](Config& c, std::string_view t) { c.google_speech_base_url = t; return std::string(); },
            [](const Config& c) { return c.google_speech_base_url; }},
    Setting{"GOOGLE_STORAGE_BASE_URL", "Base URL of Google's storage", false,
            [](Config& c, std::string_view t) { c.google_storage_base_url = t; return std::string(); },
            [](const Config& c) { return c.google_storage_base_url; }},
    Setting{"STT_BASE_URL", "Base URL of the OpenAI-compatible speech server", false,
            [](Config& c, std::string_view t) { c.stt_base_url = t; return std::string(); },
            [](const Config& c) { return c.stt_base_url; }},
    Setting{"STT_MODEL", "Model asked of the speech server", false,
            [](Config& c, std::string_view t) { c.stt_model = t; return std::string(); },
            [](const Config& c) { return c.stt_model; }},
    Setting{"STT_ALLOW_PRIVATE", "Allow speech servers on a private or loopback address", false,
            [](Config& c, std::string_view t) { return boolean(t, c.stt_allow_private); },
            [](const Config& c) { return std::string(c.stt_allow_private ? "true" : "false"); }},
    Setting{"STT_CONCURRENCY", "Requests a process has under way at the speech server, at most", false,
            [](Config& c, std::string_view t) { return number(t, c.stt_concurrency, 1, 256); },
            [](const Config& c) { return std::to_string(c.stt_concurrency); }},
    Setting{"OPENAI_API_KEY", "Key for the speech server, and for models at OpenAI itself", true,
            [](Config& c, std::string_view t) { c.openai_api_key = Secret(std::string(t)); return std::string(); },
            [](const Config& c) { return std::string(c.openai_api_key.reveal()); }},
    Setting{"LLM_CHAIN", "Language models that judge what the rules leave open, smallest first: openai:small -> openai:large -> rules; empty: rules alone", false, model_chain,
            [](const Config& c) { return c.llm_chain; }},
    Setting{"LLM_BASE_URL", "Base URL of the OpenAI-compatible model server", false,
            [](Config& c, std::string_view t) { c.llm_base_url = t; return std::string(); },
            [](const Config& c) { return c.llm_base_url; }},
    Setting{"LLM_MODEL_SMALL", "Model that \"small\" stands for in LLM_CHAIN", false,
            [](Config& c, std::string_view t) { c.llm_model_small = t; return std::string(); },
            [](const Config& c) { return c.llm_model_small; }},
    Setting{"LLM_MODEL_LARGE", "Model that \"large\" stands for in LLM_CHAIN", false,
            [](Config& c, std::string_view t) { c.llm_model_large = t; return std::string(); },
            [](const Config& c) { return c.llm_model_large; }},
    Setting{"LLM_API_KEY", "Key for the model server; empty: OPENAI_API_KEY when LLM_BASE_URL is OpenAI's own", true,
            [](Config& c, std::string_view t) { c.llm_api_key = Secret(std::string(t)); return std::string(); },
            [](const Config& c) { return std::string(c.llm_api_key.reveal()); }},
    Setting{"LLM_API_VERSION", "api-version of Azure OpenAI, whose LLM_BASE_URL ends in the deployment; empty: not Azure", false,
            [](Config& c, std::string_view t) { c.llm_api_version = t; return std::string(); },
            [](const Config& c) { return c.llm_api_version; }},
    Setting{"LLM_ALLOW_PRIVATE", "Allow a model server on a private or loopback address", false,
            [](Config& c, std::string_view t) { return boolean(t, c.llm_allow_private); },
            [](const Config& c) { return std::string(c.llm_allow_private ? "true" : "false"); }},
    Setting{"LLM_CONCURRENCY", "Requests a process has under way at one model, at most", false,
            [](Config& c, std::string_view t) { return number(t, c.llm_concurrency, 1, 256); },
            [](const Config& c) { return std::to_string(c.llm_concurrency); }},
    Setting{"ANTHROPIC_BASE_URL", "Base URL of Anthropic's Messages API", false,
            [](Config& c, std::string_view t) { c.anthropic_base_url = t; return std::string(); },
            [](const Config& c) { return c.anthropic_base_url; }},
    Setting{"ANTHROPIC_API_KEY", "Key for Anthropic", true,
            [](Config& c, std::string_view t) { c.anthropic_api_key = Secret(std::string(t)); return std::string(); },
            [](const Config& c) { return std::string(c.anthropic_api_key.reveal()); }},
    Setting{"AI_AGENT_URL", "Address of an external evaluator of the reference's kind; it is handed a link to the unredacted recording", false,
            [](Config& c, std::string_view t) { c.ai_agent_url = t; return std::string(); },
            [](const Config& c) { return c.ai_agent_url; }},
    Setting{"AI_AGENT_ALLOW_PRIVATE", "Allow an external evaluator on a private or loopback address", false,
            [](Config& c, std::string_view t) { return boolean(t, c.ai_agent_allow_private); },
            [](const Config& c) { return std::string(c.ai_agent_allow_private ? "true" : "false"); }},
    Setting{"PRICES_FILE", "What providers charge (YAML or JSON); empty: the list prices that come with the program", false,
            [](Config& c, std::string_view t) { c.prices_file = t; return std::string(); },
            [](const Config& c) { return c.prices_file.string(); }},
    Setting{"BUDGET_DAY_USD", "Most that a tenant may spend on providers a day, unless its own settings say otherwise; empty: no limit", false,
            [](Config& c, std::string_view t) { return budget(c.budget_day_usd, t); },
            [](const Config& c) { return budget_text(c.budget_day_usd); }},
    Setting{"BUDGET_MONTH_USD", "The same for a calendar month", false,
            [](Config& c, std::string_view t) { return budget(c.budget_month_usd, t); },
            [](const Config& c) { return budget_text(c.budget_month_usd); }},
    Setting{"BUDGET_POLICY", "When a budget is used up: cheaper (models that still fit, in the end rules alone) or wait (calls wait for the next day or month)", false, budget_policy,
            [](const Config& c) { return c.budget_policy; }},
    Setting{"SPEECH_MODELS", "Folder with the embedded engine's model", false,
            [](Config& c, std::string_view t) { c.speech_models = t; return std::string(); },
            [](const Config& c) { return c.speech_models.string(); }},
    Setting{"MAX_QUEUE_LENGTH", "Waiting jobs at which uploads are refused for a while", false,
            [](Config& c, std::string_view t) { return number<std::int64_t>(t, c.max_queue_length, 1, 100'000'000); },
            [](const Config& c) { return std::to_string(c.max_queue_length); }},
    Setting{"LEAST_FREE_PERCENT", "Free share of the disk below which uploads are refused", false,
            [](Config& c, std::string_view t) { return number<std::uint64_t>(t, c.least_free_percent, 0, 90); },
            [](const Config& c) { return std::to_string(c.least_free_percent); }},
    Setting{"DRAIN_SECONDS", "Seconds running work may take to end at shutdown", false,
            [](Config& c, std::string_view t) { return duration(t, c.drain, 0, 600); },
            [](const Config& c) { return std::to_string(c.drain.count()); }},
    Setting{"JOB_LEASE_MS", "Milliseconds after which a silent worker's jobs start again", false,
            [](Config& c, std::string_view t) { return duration(t, c.lease, 500, 3600000); },
            [](const Config& c) { return std::to_string(c.lease.count()); }},
    Setting{"RESCUE_EVERY_MS", "Milliseconds between two looks for silent workers", false,
            [](Config& c, std::string_view t) { return duration(t, c.rescue_every, 100, 600000); },
            [](const Config& c) { return std::to_string(c.rescue_every.count()); }},
    Setting{"SLOW_QUERY_MS", "Milliseconds figures may take whose filters no kept sum knows", false,
            [](Config& c, std::string_view t) { return duration(t, c.slow_query, 100, 600000); },
            [](const Config& c) { return std::to_string(c.slow_query.count()); }},
    Setting{"RANK_PROVISIONAL", "Whether provisional calls count in the leaderboard's scores; false: every leaderboard counts the calls anew", false,
            [](Config& c, std::string_view t) { return boolean(t, c.rank_provisional); },
            [](const Config& c) { return std::string(c.rank_provisional ? "true" : "false"); }},
    Setting{"ALLOW_UNSANDBOXED", "Decode uploads although this kernel offers no sandbox", false,
            [](Config& c, std::string_view t) { return boolean(t, c.allow_unsandboxed); },
            [](const Config& c) { return std::string(c.allow_unsandboxed ? "true" : "false"); }},
    Setting{"WEB_DIR", "Folder of the built dashboard; empty: found by itself", false,
            [](Config& c, std::string_view t) { c.web_dir = t; return std::string(); },
            [](const Config& c) { return c.web_dir.string(); }},
    Setting{"RESOURCES_DIR", "Folder with scorecards and migrations; empty: found by itself", false,
            [](Config& c, std::string_view t) { c.resources_dir = t; return std::string(); },
            [](const Config& c) { return c.resources_dir.string(); }},
    Setting{"ANONYMOUS_ROLE", "Not in this version: setting it refuses to start", false, anonymous_role,
            [](const Config& c) { return c.anonymous_role; }},
};
// clang-format on

} // namespace

std::span<const Setting> all_settings() {
    static const auto settings = [] {
        std::vector<Setting> all(common_settings.begin(), common_settings.end());
        all.insert(all.end(), bucket_settings().begin(), bucket_settings().end());
        return all;
    }();
    return settings;
}

} // namespace hs::app
