/// Requests to one bucket of an S3-compatible service: addressed, signed, repeated where that can
/// help.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <string>

#include "providers/blob/aws_credentials.hpp"
#include "providers/blob/blob_store.hpp"
#include "providers/blob/sigv4.hpp"

namespace hs::providers {

struct S3Config {
    std::string bucket;
    std::string region = "us-east-1";
    std::string endpoint; // "https://host[:port]"; empty: AWS's own
    bool path_style = false;
    std::string prefix;                // of all keys; empty, or ends with '/'
    std::string encryption = "AES256"; // "AES256", "aws:kms" or empty: as the bucket does
    std::string kms_key_id;            // empty: the account's own
    bool allow_private = false;
    std::uint64_t multipart_above = 64U << 20U;
    std::uint64_t part_bytes = 16U << 20U;
    int quick_repeats = 2;
    std::chrono::milliseconds first_pause{200}; // before the first repeat; then doubled
    std::chrono::milliseconds connect_limit{8000};
    std::chrono::milliseconds first_byte_limit{30000};
    std::chrono::milliseconds idle_limit{30000};
    std::chrono::milliseconds total_limit{900000};
};

/// One request; the signer adds what it needs.
struct S3Request {
    std::string method = "GET";
    std::string path; // of the object, without the prefix; empty: the bucket itself
    NamesAndValues query{};
    NamesAndValues headers{};
    std::string body{};
    int body_fd = -1; // instead of body
    std::uint64_t body_offset = 0;
    std::uint64_t body_bytes = 0;
    std::string payload_hash{}; // hexadecimal; empty: of `body`
    std::uint64_t max_reply_bytes = 4U << 20U;
};

class S3Client {
public:
    S3Client(S3Config config,
             std::shared_ptr<AwsCredentialChain> credentials,
             BlockingTransport transport,
             const Clock& clock);

    /// The reply, whatever its status, once it is none that a repeat could change. Connection
    /// trouble, 408, 409, 425, 429 and 5xx are repeated a few times, within a budget shared by all
    /// threads; what remains of them is an error.
    /// Errors: unavailable "storage.unavailable", forbidden "storage.denied", upstream
    /// "egress.too_large".
    [[nodiscard]] Result<InboundReply> send(const S3Request& request);

    /// An address with which anybody can make the request until `lifetime` is over.
    [[nodiscard]] Result<SignedRequest> sign(const S3Request& request,
                                             std::chrono::seconds lifetime);

    /// "key" of a path, as the bucket knows it.
    [[nodiscard]] std::string key_of(const std::string& path) const {
        return config_.prefix + path;
    }

    [[nodiscard]] const S3Config& config() const { return config_; }

private:
    [[nodiscard]] SignableRequest signable(const S3Request& request) const;
    [[nodiscard]] Result<InboundReply> send_once(const S3Request& request);
    void wait_for_pause();
    [[nodiscard]] bool may_repeat();
    void pause_all(std::chrono::milliseconds pause);
    [[nodiscard]] std::chrono::milliseconds pause_before(int attempt);

    S3Config config_;
    std::string base_url_; // scheme and host
    std::string host_;
    std::string base_path_; // "/" or "/bucket/"
    std::shared_ptr<AwsCredentialChain> credentials_;
    BlockingTransport transport_;
    const Clock& clock_;

    std::mutex mutex_;
    std::chrono::steady_clock::time_point paused_until_;
    std::chrono::steady_clock::time_point refilled_ = std::chrono::steady_clock::now();
    double repeats_left_ = 10;
    std::mt19937 random_{std::random_device()()};
};

/// What a status that is no success means for the store. The body's code decides where it tells
/// more than the status does.
[[nodiscard]] Error s3_error(const InboundReply& reply, Time now);
/// <Code> of an error reply; empty when it has none.
[[nodiscard]] std::string s3_error_code(const InboundReply& reply);

} // namespace hs::providers
