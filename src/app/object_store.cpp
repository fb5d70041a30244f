#include "app/object_store.hpp"

#include <fmt/format.h>

#include "providers/blob/local_store.hpp"

namespace hs::app {

namespace {

providers::S3Config bucket_of(const Config& config) {
    providers::S3Config out;
    out.bucket = config.s3_bucket_name;
    if (!config.s3_region.empty()) {
        out.region = config.s3_region;
    } else if (!config.aws_region.empty()) {
        out.region = config.aws_region;
    }
    out.endpoint = config.s3_endpoint;
    out.path_style = config.s3_addressing == "path" ||
                     (config.s3_addressing == "auto" && !config.s3_endpoint.empty());
    out.prefix = config.s3_prefix;
    out.encryption = config.s3_encryption == "none" ? "" : config.s3_encryption;
    out.kms_key_id = config.s3_kms_key_id;
    out.allow_private = config.s3_allow_private;
    return out;
}

providers::AwsEnvironment credentials_of(const Config& config) {
    providers::AwsEnvironment out;
    out.access_key_id = config.aws_access_key_id;
    out.secret_access_key = config.aws_secret_access_key;
    out.session_token = config.aws_session_token;
    out.shared_file = config.aws_shared_credentials_file;
    if (out.shared_file.empty() && !config.home.empty())
        out.shared_file = config.home / ".aws" / "credentials";
    out.profile = config.aws_profile;
    out.container_relative_uri = config.aws_container_credentials_relative_uri;
    out.container_full_uri = config.aws_container_credentials_full_uri;
    out.container_token = config.aws_container_authorization_token;
    out.container_token_file = config.aws_container_authorization_token_file;
    out.ask_instance = !config.aws_ec2_metadata_disabled;
    return out;
}

} // namespace

BucketAccess::BucketAccess(const Config& config, const Clock& clock)
    : http_(std::make_shared<BlockingHttp>()) {
    const auto send = [http = http_](OutboundRequest request) {
        return http->send(std::move(request));
    };
    auto credentials =
        std::make_shared<providers::AwsCredentialChain>(credentials_of(config), send, clock);
    client_ = std::make_shared<providers::S3Client>(
        bucket_of(config), std::move(credentials), send, clock);
}

Result<ObjectStores>
open_object_store(const Config& config, const MasterKey& keys, const Clock& clock, const Log& log) {
    const auto tenants = providers::tenant_keys(keys);
    std::unique_ptr<providers::BlobStore> local =
        std::make_unique<providers::LocalStore>(config.data_dir, tenants);
    if (config.s3_bucket_name.empty()) return ObjectStores{std::move(local), nullptr};
    auto bucket = std::make_unique<providers::S3Store>(
        BucketAccess(config, clock).client(), config.data_dir / "spool", tenants, clock);
    if (const auto probed = bucket->probe(); !probed) {
        const auto& error = probed.error();
        if (error.kind != ErrorKind::unavailable) {
            return fail(error.kind,
                        error.code,
                        fmt::format("The bucket {} (S3_BUCKET_NAME) cannot be used: {}",
                                    config.s3_bucket_name,
                                    error.message));
        }
        log.warn("store.bucket_unavailable",
                 {{"bucket", config.s3_bucket_name}, {"detail", error.message}});
    }
    const bool local_first = config.audio_store == "local";
    std::unique_ptr<providers::BlobStore> first = std::move(bucket);
    auto second = std::move(local);
    if (local_first) std::swap(first, second);
    auto both = std::make_unique<providers::TwoStores>(std::move(first), std::move(second));
    auto* const known = both.get();
    return ObjectStores{std::move(both), known};
}

} // namespace hs::app
