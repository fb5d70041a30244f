/// Everything that can be set: defaults < file < environment < flags, read once, all mistakes told
/// together. Nothing else in the program reads the environment.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/secret.hpp"

namespace hs::app {

struct Config {
    std::string listen_address = "127.0.0.1";
    std::uint16_t listen_port = 8080;
    std::filesystem::path data_dir = "./data";
    Secret database_url;         // empty: a private PostgreSQL in data_dir
    std::string public_base_url; // empty: http://LISTEN
    std::vector<std::string> allowed_origins;
    std::string log_level = "info";
    std::uint64_t max_upload_bytes = 200u << 20;
    int worker_concurrency = 0; // 0: one less than the cores
    int io_threads = 1;
    bool strict_categories = false;
    bool dedupe_reuse = false;
    std::chrono::seconds default_wait{0};
    std::chrono::seconds link_lifetime{3600};
    std::filesystem::path master_key_file; // empty: data_dir/master.key
    std::string scorecard = "battery-swap-support@1";
    bool allow_unsandboxed = false;
    std::string region = "IN";
    std::string stt_engine = "embedded"; // of speech_engines.hpp
    std::string stt_chain;               // "deepgram -> embedded"; empty: stt_engine alone
    std::chrono::seconds stt_patience{60};
    std::string stt_command;
    Secret deepgram_api_key;
    std::string deepgram_base_url = "https://api.deepgram.com";
    std::string deepgram_model = "nova-3";
    Secret elevenlabs_api_key;
    std::string elevenlabs_base_url = "https://api.elevenlabs.io";
    std::string elevenlabs_model = "scribe_v1";
    std::filesystem::path google_credentials;
    std::string google_speech_location = "global";
    std::string google_speech_model = "long";
    std::string google_speech_bucket;
    std::string google_speech_base_url; // empty: the location's own
    std::string google_storage_base_url = "https://storage.googleapis.com";
    std::string stt_base_url = "https://api.openai.com/v1";
    std::string stt_model = "whisper-1";
    Secret openai_api_key;
    bool stt_allow_private = false;
    int stt_concurrency = 4; // requests in flight of one process
    std::string llm_chain;   // "openai:small -> openai:large -> rules"; empty: rules
    std::string llm_base_url = "https://api.openai.com/v1";
    std::string llm_model_small;
    std::string llm_model_large;
    Secret llm_api_key;
    std::string llm_api_version; // Azure
    bool llm_allow_private = false;
    int llm_concurrency = 4;
    std::string anthropic_base_url = "https://api.anthropic.com/v1";
    Secret anthropic_api_key;
    std::string ai_agent_url;
    bool ai_agent_allow_private = false;
    std::filesystem::path prices_file; // empty: the one that comes with the program
    std::optional<double> budget_day_usd;
    std::optional<double> budget_month_usd;
    std::string budget_policy = "cheaper"; // wait | cheaper
    std::filesystem::path speech_models = "/usr/share/pocketsphinx/model/en-us";
    std::int64_t max_queue_length = 100000;
    std::uint64_t least_free_percent = 5;
    std::chrono::seconds drain{25};
    std::chrono::milliseconds lease{60000};
    std::chrono::milliseconds rescue_every{5000};
    std::string audio_store;            // local | s3; empty: s3 when there is a bucket
    bool audio_from_store = false;      // signed links lead on to the object store
    std::string s3_bucket_name;         // empty: no S3
    std::string s3_region;              // empty: aws_region, then us-east-1
    std::string s3_endpoint;            // empty: AWS
    std::string s3_addressing = "auto"; // auto | path | virtual
    std::string s3_prefix;
    std::string s3_encryption = "AES256"; // AES256 | aws:kms | none
    std::string s3_kms_key_id;
    bool s3_allow_private = false;
    std::string aws_region;
    std::string aws_access_key_id;
    Secret aws_secret_access_key;
    Secret aws_session_token;
    std::string aws_profile = "default";
    std::filesystem::path aws_shared_credentials_file; // empty: ~/.aws/credentials
    std::string aws_container_credentials_relative_uri;
    std::string aws_container_credentials_full_uri;
    Secret aws_container_authorization_token;
    std::filesystem::path aws_container_authorization_token_file;
    bool aws_ec2_metadata_disabled = false;
    std::filesystem::path home; // of the user who runs the program
    std::string anonymous_role;
    std::chrono::milliseconds slow_query{30000};
    bool rank_provisional = true;
    std::filesystem::path web_dir;       // the built dashboard; empty: found by itself
    std::filesystem::path resources_dir; // scorecards and migrations; empty: found by itself
};

struct SettingLine { // one row of check-config and of the documentation
    std::string name;
    std::string value;  // "***" for secrets that are set
    std::string source; // default | file | environment | flag
    std::string meaning;
    std::string fallback;
};

struct LoadedConfig {
    Config config;
    std::vector<SettingLine> lines;
};

/// Where values come from, so that tests need no real environment.
struct ConfigSources {
    std::map<std::string, std::string> environment;
    std::vector<std::string> flags;            // --name value or --name=value
    std::optional<std::filesystem::path> file; // KEY=value lines; ".env" when it exists
};

/// Errors: invalid "config.invalid"; the message holds one line a mistake.
[[nodiscard]] Result<LoadedConfig> load_config(const ConfigSources& sources);

/// The environment of this process, for ConfigSources.
[[nodiscard]] std::map<std::string, std::string> process_environment();

/// The table of all settings in Markdown (docs/reference/configuration.md).
[[nodiscard]] std::string settings_table();

} // namespace hs::app
