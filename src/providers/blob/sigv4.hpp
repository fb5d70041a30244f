/// AWS Signature Version 4: signed headers and presigned addresses. No I/O, no clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/secret.hpp"

namespace hs::providers {

struct AwsCredentials {
    std::string access_key_id;
    Secret secret_access_key;
    Secret session_token;           // empty: none
    std::optional<Time> expires_at; // nothing: they do not
};

struct SigningScope {
    std::string region;
    std::string service;
    Time at;
};

using NamesAndValues = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

/// What is signed. Path and query are plain text: encoding them is the signer's work, once, as S3
/// wants it (other services encode paths twice, which differs for paths with escapes only).
struct SignableRequest {
    std::string method;
    std::string path; // starts with '/'
    NamesAndValues query;
    NamesAndValues headers;   // all of them are signed; with Host
    std::string payload_hash; // hexadecimal, or unsigned_payload
};

/// Percent-encoding of everything but unreserved characters; slashes stay where asked.
[[nodiscard]] std::string uri_encoded(std::string_view text, bool keep_slashes);
/// "a=1&b=2": encoded and sorted.
[[nodiscard]] std::string canonical_query(const NamesAndValues& query);
[[nodiscard]] std::string canonical_request(const SignableRequest& request);

/// The request's headers with what authorises it: X-Amz-Date, X-Amz-Security-Token, Authorization.
[[nodiscard]] NamesAndValues signed_headers(SignableRequest request,
                                            const AwsCredentials& credentials,
                                            const SigningScope& scope);

/// The query string that lets anybody make the request for `lifetime`, with its headers as they
/// are. At most seven days.
[[nodiscard]] std::string signed_query(SignableRequest request,
                                       const AwsCredentials& credentials,
                                       const SigningScope& scope,
                                       std::chrono::seconds lifetime);

} // namespace hs::providers
