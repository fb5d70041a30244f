#include "providers/blob/sigv4.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/text.hpp"

namespace hs::providers {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::chrono::seconds longest_lifetime = std::chrono::days(7);

/// "20130524T000000Z"
std::string stamp(Time time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto days = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date{days};
    const std::chrono::hh_mm_ss clock{seconds - days};
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z",
                       static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()),
                       clock.hours().count(),
                       clock.minutes().count(),
                       clock.seconds().count());
}

std::string scope_of(const SigningScope& scope) {
    return fmt::format(
        "{}/{}/{}/aws4_request", stamp(scope.at).substr(0, 8), scope.region, scope.service);
}

/// Trimmed, runs of blanks joined.
std::string header_value(std::string_view text) {
    std::string out;
    for (const char c : trim(text)) {
        const bool blank = c == ' ' || c == '\t';
        if (blank && out.ends_with(' ')) continue;
        out += blank ? ' ' : c;
    }
    return out;
}

/// Lower-case names in order; what has the same name is joined by commas.
NamesAndValues canonical_headers(const NamesAndValues& headers) {
    NamesAndValues sorted;
    for (const auto& [name, value] : headers)
        sorted.emplace_back(to_lower(name), header_value(value));
    std::ranges::stable_sort(sorted, {}, &NamesAndValues::value_type::first);
    NamesAndValues out;
    for (auto& [name, value] : sorted) {
        if (!out.empty() && out.back().first == name) {
            out.back().second += "," + value;
        } else {
            out.emplace_back(std::move(name), std::move(value));
        }
    }
    return out;
}

std::string names_of(const NamesAndValues& headers) {
    std::string out;
    for (const auto& [name, value] : canonical_headers(headers))
        out += (out.empty() ? "" : ";") + name;
    return out;
}

std::string signature(const SignableRequest& request,
                      const AwsCredentials& credentials,
                      const SigningScope& scope) {
    const auto to_sign = fmt::format("{}\n{}\n{}\n{}",
                                     algorithm,
                                     stamp(scope.at),
                                     scope_of(scope),
                                     sha256_hex(canonical_request(request)));
    const Secret start("AWS4" + std::string(credentials.secret_access_key.reveal()));
    auto key = hmac_sha256(bytes_of(start.reveal()), bytes_of(stamp(scope.at).substr(0, 8)));
    for (const std::string_view part : {std::string_view(scope.region),
                                        std::string_view(scope.service),
                                        std::string_view("aws4_request")})
        key = hmac_sha256(key, bytes_of(part));
    return hex(hmac_sha256(key, bytes_of(to_sign)));
}

} // namespace

std::string uri_encoded(std::string_view text, bool keep_slashes) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain || (keep_slashes && c == '/')) {
            out += c;
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::string canonical_query(const NamesAndValues& query) {
    NamesAndValues encoded;
    for (const auto& [name, value] : query)
        encoded.emplace_back(uri_encoded(name, false), uri_encoded(value, false));
    std::ranges::sort(encoded);
    std::string out;
    for (const auto& [name, value] : encoded)
        out += fmt::format("{}{}={}", out.empty() ? "" : "&", name, value);
    return out;
}

std::string canonical_request(const SignableRequest& request) {
    std::string headers;
    for (const auto& [name, value] : canonical_headers(request.headers))
        headers += fmt::format("{}:{}\n", name, value);
    return fmt::format("{}\n{}\n{}\n{}\n{}\n{}",
                       request.method,
                       uri_encoded(request.path, true),
                       canonical_query(request.query),
                       headers,
                       names_of(request.headers),
                       request.payload_hash);
}

NamesAndValues signed_headers(SignableRequest request,
                              const AwsCredentials& credentials,
                              const SigningScope& scope) {
    request.headers.emplace_back("X-Amz-Date", stamp(scope.at));
    if (!credentials.session_token.empty()) {
        request.headers.emplace_back("X-Amz-Security-Token",
                                     std::string(credentials.session_token.reveal()));
    }
    auto authorization = fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}",
                                     algorithm,
                                     credentials.access_key_id,
                                     scope_of(scope),
                                     names_of(request.headers),
                                     signature(request, credentials, scope));
    request.headers.emplace_back("Authorization", std::move(authorization));
    return std::move(request.headers);
}

std::string signed_query(SignableRequest request,
                         const AwsCredentials& credentials,
                         const SigningScope& scope,
                         std::chrono::seconds lifetime) {
    auto& query = request.query;
    query.emplace_back("X-Amz-Algorithm", algorithm);
    query.emplace_back("X-Amz-Credential",
                       fmt::format("{}/{}", credentials.access_key_id, scope_of(scope)));
    query.emplace_back("X-Amz-Date", stamp(scope.at));
    query.emplace_back("X-Amz-Expires",
                       fmt::format("{}", std::min(lifetime, longest_lifetime).count()));
    query.emplace_back("X-Amz-SignedHeaders", names_of(request.headers));
    if (!credentials.session_token.empty()) {
        query.emplace_back("X-Amz-Security-Token", std::string(credentials.session_token.reveal()));
    }
    const auto signed_by = signature(request, credentials, scope);
    return canonical_query(query) + "&X-Amz-Signature=" + signed_by;
}

} // namespace hs::providers
