#include <algorithm>
#include <array>

#include "app/settings.hpp"

namespace hs::app {

namespace {

template <auto Member>
std::string text(Config& config, std::string_view given) {
    config.*Member = given;
    return {};
}

template <auto Member>
std::string shown(const Config& config) {
    return std::string(config.*Member);
}

template <auto Member>
std::string secret(Config& config, std::string_view given) {
    config.*Member = Secret(std::string(given));
    return {};
}

template <auto Member>
std::string revealed(const Config& config) {
    return std::string((config.*Member).reveal());
}

template <auto Member>
std::string boolean(Config& config, std::string_view given) {
    if (given != "true" && given != "1" && given != "false" && given != "0") return "true or false";
    config.*Member = given == "true" || given == "1";
    return {};
}

template <auto Member>
std::string shown_boolean(const Config& config) {
    return config.*Member ? "true" : "false";
}

std::string audio_store(Config& config, std::string_view given) {
    if (!given.empty() && given != "local" && given != "s3") return "local or s3";
    config.audio_store = given;
    return {};
}

std::string audio_urls(Config& config, std::string_view given) {
    if (given != "proxy" && given != "presigned") return "proxy or presigned";
    config.audio_from_store = given == "presigned";
    return {};
}

std::string bucket(Config& config, std::string_view given) {
    const bool good = std::ranges::all_of(given, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_';
    });
    if (!good) return "the name of a bucket, nothing around it";
    config.s3_bucket_name = given;
    return {};
}

std::string endpoint(Config& config, std::string_view given) {
    const auto host = given.substr(std::min(given.size(), given.find("://") + 3));
    const bool good = (given.starts_with("https://") || given.starts_with("http://")) &&
                      !host.empty() && host.find_first_of("/?#@ ") >= host.size() - 1;
    if (!given.empty() && !good) return "an address such as https://s3.example.com:9000";
    config.s3_endpoint = given;
    return {};
}

std::string addressing(Config& config, std::string_view given) {
    if (given != "auto" && given != "path" && given != "virtual") return "auto, path or virtual";
    config.s3_addressing = given;
    return {};
}

/// Ends with a slash, whoever wrote it; parts as those of object paths.
std::string prefix(Config& config, std::string_view given) {
    while (given.ends_with('/'))
        given.remove_suffix(1);
    const bool good = std::ranges::all_of(given, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '/';
    });
    if (!good || given.starts_with('/')) return "letters, digits, - and _, in parts joined by /";
    config.s3_prefix = given.empty() ? std::string() : std::string(given) + "/";
    return {};
}

std::string encryption(Config& config, std::string_view given) {
    if (given != "AES256" && given != "aws:kms" && given != "none")
        return "AES256, aws:kms or none";
    config.s3_encryption = given;
    return {};
}

// clang-format off
constexpr std::array settings = {
    Setting{"AUDIO_STORE", "Where new recordings go: local or s3; empty: s3 when S3_BUCKET_NAME is set. Older ones are found in both", false, audio_store, shown<&Config::audio_store>},
    Setting{"AUDIO_URLS", "proxy: audio is played through this server; presigned: its links lead on to the object store", false, audio_urls,
            [](const Config& c) { return std::string(c.audio_from_store ? "presigned" : "proxy"); }},
    Setting{"S3_BUCKET_NAME", "Bucket of an S3-compatible service that keeps recordings", false, bucket, shown<&Config::s3_bucket_name>},
    Setting{"S3_REGION", "Region of the bucket; empty: AWS_REGION, else us-east-1", false, text<&Config::s3_region>, shown<&Config::s3_region>},
    Setting{"S3_ENDPOINT_URL", "Address of the service; empty: AWS in the region", false, endpoint, shown<&Config::s3_endpoint>},
    Setting{"S3_ADDRESSING", "Bucket in the path or in the host name (virtual); auto: host name at AWS, path elsewhere", false, addressing, shown<&Config::s3_addressing>},
    Setting{"S3_PREFIX", "What all keys in the bucket begin with", false, prefix, shown<&Config::s3_prefix>},
    Setting{"S3_ENCRYPTION", "Encryption asked of the service: AES256, aws:kms or none (as the bucket does by itself)", false, encryption, shown<&Config::s3_encryption>},
    Setting{"S3_KMS_KEY_ID", "Key for aws:kms; empty: the account's own", false, text<&Config::s3_kms_key_id>, shown<&Config::s3_kms_key_id>},
    Setting{"S3_ALLOW_PRIVATE", "Allow a service on a private or loopback address", false, boolean<&Config::s3_allow_private>, shown_boolean<&Config::s3_allow_private>},
    Setting{"AWS_REGION", "Region when S3_REGION is empty", false, text<&Config::aws_region>, shown<&Config::aws_region>},
    Setting{"AWS_ACCESS_KEY_ID", "Key id for the bucket; empty: shared file, container or instance", false, text<&Config::aws_access_key_id>, shown<&Config::aws_access_key_id>},
    Setting{"AWS_SECRET_ACCESS_KEY", "Secret of AWS_ACCESS_KEY_ID", true, secret<&Config::aws_secret_access_key>, revealed<&Config::aws_secret_access_key>},
    Setting{"AWS_SESSION_TOKEN", "Session token of temporary credentials", true, secret<&Config::aws_session_token>, revealed<&Config::aws_session_token>},
    Setting{"AWS_PROFILE", "Profile of the shared credentials file", false, text<&Config::aws_profile>, shown<&Config::aws_profile>},
    Setting{"AWS_SHARED_CREDENTIALS_FILE", "Shared credentials file; empty: ~/.aws/credentials", false, text<&Config::aws_shared_credentials_file>, shown<&Config::aws_shared_credentials_file>},
    Setting{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "Set by container services that hand out credentials", false, text<&Config::aws_container_credentials_relative_uri>, shown<&Config::aws_container_credentials_relative_uri>},
    Setting{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "Set by container services that hand out credentials", false, text<&Config::aws_container_credentials_full_uri>, shown<&Config::aws_container_credentials_full_uri>},
    Setting{"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Set by container services that hand out credentials", true, secret<&Config::aws_container_authorization_token>, revealed<&Config::aws_container_authorization_token>},
    Setting{"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "Set by container services that hand out credentials", false, text<&Config::aws_container_authorization_token_file>, shown<&Config::aws_container_authorization_token_file>},
    Setting{"AWS_EC2_METADATA_DISABLED", "Do not ask the instance for credentials", false, boolean<&Config::aws_ec2_metadata_disabled>, shown_boolean<&Config::aws_ec2_metadata_disabled>},
};
// clang-format on

} // namespace

std::span<const Setting> bucket_settings() {
    return settings;
}

} // namespace hs::app
