/// Where AWS credentials come from, in this order: given, shared file, container, instance.
///
/// Those of containers and instances expire and are fetched again before they do; a file is read
/// again every few minutes, as other programs renew it.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/http_client.hpp"
#include "providers/blob/sigv4.hpp"

namespace hs::providers {

/// Sends a request and waits for the reply.
using BlockingTransport = std::function<Result<InboundReply>(OutboundRequest)>;

/// What the environment says of credentials; names as AWS's own programs know them.
struct AwsEnvironment {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;
    std::filesystem::path shared_file; // usually ~/.aws/credentials
    std::string profile = "default";
    std::string container_relative_uri;
    std::string container_full_uri;
    Secret container_token;
    std::filesystem::path container_token_file; // read at every use
    bool ask_instance = true;
    std::string instance_address = "http://169.254.169.254";
    std::string container_address = "http://169.254.170.2";
};

class AwsCredentialChain {
public:
    AwsCredentialChain(AwsEnvironment environment, BlockingTransport transport, const Clock& clock);

    /// Any thread; may wait for a metadata service, a few seconds at most.
    /// Errors: forbidden "storage.denied" when no source has any; unavailable
    /// "storage.unavailable" when a source that should have them does not answer.
    [[nodiscard]] Result<AwsCredentials> get();

    /// They were refused: the next get() asks their source again.
    void forget();

private:
    struct Found {
        AwsCredentials credentials;
        std::optional<Time> look_again;
    };

    [[nodiscard]] Result<Found> look();
    [[nodiscard]] Result<std::optional<Found>> from_file() const;
    [[nodiscard]] Result<std::optional<Found>> from_container();
    [[nodiscard]] Result<std::optional<Found>> from_instance();
    [[nodiscard]] Result<Found> read_document(const std::string& body) const;
    [[nodiscard]] Result<InboundReply> ask(OutboundRequest request);

    AwsEnvironment environment_;
    BlockingTransport transport_;
    const Clock& clock_;
    std::mutex mutex_;
    std::optional<Found> known_;
};

/// The [profile] of a shared credentials file; nothing when it holds no keys.
[[nodiscard]] std::optional<AwsCredentials> credentials_in_file(const std::string& text,
                                                                const std::string& profile);

} // namespace hs::providers
