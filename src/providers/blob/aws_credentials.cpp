#include "providers/blob/aws_credentials.hpp"

#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace hs::providers {

namespace {

constexpr std::chrono::minutes file_age{5};
/// New ones are fetched this long before the old ones end; services hand them out earlier.
constexpr std::chrono::minutes before_expiry{5};
/// A source that fails is asked again after this, while what is known still holds.
constexpr std::chrono::seconds after_failure{15};

std::unexpected<Error> unavailable(const char* message) {
    return fail(ErrorKind::unavailable, "storage.unavailable", message);
}

OutboundRequest metadata_request(std::string method, std::string url) {
    OutboundRequest request;
    request.method = std::move(method);
    request.url = std::move(url);
    // Fixed addresses of the host's own services, not a place that anybody else names.
    request.allow_private = true;
    request.connect_limit = std::chrono::seconds(1);
    request.first_byte_limit = std::chrono::seconds(2);
    request.total_limit = std::chrono::seconds(4);
    request.max_reply_bytes = 64U << 10U;
    return request;
}

/// Plain HTTP is for services on this host only.
bool may_be_asked(std::string_view url) {
    if (url.starts_with("https://")) return true;
    for (const std::string_view host :
         {"127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"}) {
        const auto start = "http://" + std::string(host);
        if (!url.starts_with(start)) continue;
        const auto rest = url.substr(start.size());
        if (rest.empty() || rest.front() == '/' || rest.front() == ':') return true;
    }
    return false;
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

} // namespace

std::optional<AwsCredentials> credentials_in_file(const std::string& text,
                                                  const std::string& profile) {
    AwsCredentials out;
    bool ours = false;
    for (const auto raw : split(text, '\n')) {
        const auto line = trim(raw);
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[') {
            ours = line.back() == ']' && trim(line.substr(1, line.size() - 2)) == profile;
            continue;
        }
        const auto equals = line.find('=');
        if (!ours || equals == std::string_view::npos) continue;
        const auto name = trim(line.substr(0, equals));
        const std::string value(trim(line.substr(equals + 1)));
        if (name == "aws_access_key_id") out.access_key_id = value;
        if (name == "aws_secret_access_key") out.secret_access_key = Secret(value);
        if (name == "aws_session_token") out.session_token = Secret(value);
    }
    if (out.access_key_id.empty() || out.secret_access_key.empty()) return std::nullopt;
    return out;
}

AwsCredentialChain::AwsCredentialChain(AwsEnvironment environment,
                                       BlockingTransport transport,
                                       const Clock& clock)
    : environment_(std::move(environment)), transport_(std::move(transport)), clock_(clock) {}

Result<AwsCredentials> AwsCredentialChain::get() {
    const std::scoped_lock lock(mutex_);
    const auto now = clock_.now();
    if (known_ && (!known_->look_again || now < *known_->look_again)) return known_->credentials;
    auto found = look();
    if (found) {
        known_ = *std::move(found);
        return known_->credentials;
    }
    const bool holds =
        known_ && (!known_->credentials.expires_at || now < *known_->credentials.expires_at);
    if (!holds) return std::unexpected(found.error());
    known_->look_again = now + after_failure;
    return known_->credentials;
}

void AwsCredentialChain::forget() {
    const std::scoped_lock lock(mutex_);
    known_.reset();
}

Result<AwsCredentialChain::Found> AwsCredentialChain::look() {
    if (!environment_.access_key_id.empty() && !environment_.secret_access_key.empty()) {
        return Found{{environment_.access_key_id,
                      environment_.secret_access_key,
                      environment_.session_token,
                      std::nullopt},
                     std::nullopt};
    }
    TRY(auto found, from_file());
    if (!found) {
        TRY(found, from_container());
    }
    if (!found) {
        TRY(found, from_instance());
    }
    if (found) return *std::move(found);
    return fail(ErrorKind::forbidden,
                "storage.denied",
                "No AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give a "
                "shared credentials file, or a role to the container or instance.");
}

Result<std::optional<AwsCredentialChain::Found>> AwsCredentialChain::from_file() const {
    if (environment_.shared_file.empty()) return std::nullopt;
    const auto text = read_file(environment_.shared_file);
    if (!text) return std::nullopt;
    auto credentials = credentials_in_file(*text, environment_.profile);
    if (!credentials) return std::nullopt;
    return Found{*std::move(credentials), clock_.now() + file_age};
}

Result<InboundReply> AwsCredentialChain::ask(OutboundRequest request) {
    auto reply = transport_(std::move(request));
    if (!reply || reply->status >= 500 || reply->status == 429)
        return unavailable("the service that hands out credentials does not answer");
    return reply;
}

Result<std::optional<AwsCredentialChain::Found>> AwsCredentialChain::from_container() {
    auto url = environment_.container_full_uri;
    if (!environment_.container_relative_uri.empty())
        url = environment_.container_address + environment_.container_relative_uri;
    if (url.empty()) return std::nullopt;
    if (environment_.container_relative_uri.empty() && !may_be_asked(url)) {
        return fail(ErrorKind::forbidden,
                    "storage.denied",
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI: over plain HTTP only this host's own "
                    "services are asked");
    }
    auto request = metadata_request("GET", url);
    std::string token(environment_.container_token.reveal());
    if (!environment_.container_token_file.empty()) {
        TRY(const auto text, read_file(environment_.container_token_file));
        token = trim(text);
    }
    if (!token.empty()) request.headers.emplace_back("Authorization", token);
    TRY(const auto reply, ask(std::move(request)));
    if (reply.status != 200) return unavailable("the container's credentials were refused");
    TRY(auto found, read_document(reply.body));
    return found;
}

Result<std::optional<AwsCredentialChain::Found>> AwsCredentialChain::from_instance() {
    if (!environment_.ask_instance) return std::nullopt;
    const auto base = environment_.instance_address + "/latest/";
    auto opening = metadata_request("PUT", base + "api/token");
    opening.headers.emplace_back("X-aws-ec2-metadata-token-ttl-seconds", "21600");
    const auto token = transport_(std::move(opening));
    if (!token || token->status != 200) return std::nullopt; // not on an instance
    const auto look_at = [&](const std::string& path) {
        auto request = metadata_request("GET", base + path);
        request.headers.emplace_back("X-aws-ec2-metadata-token", token->body);
        return ask(std::move(request));
    };
    const std::string folder = "meta-data/iam/security-credentials/";
    TRY(const auto roles, look_at(folder));
    if (roles.status == 404) return std::nullopt; // an instance without a role
    const std::string role(trim(split(roles.body, '\n').front()));
    if (roles.status != 200 || role.empty()) return unavailable("the instance names no role");
    TRY(const auto reply, look_at(folder + uri_encoded(role, false)));
    if (reply.status != 200) return unavailable("the instance's credentials were refused");
    TRY(auto found, read_document(reply.body));
    return found;
}

Result<AwsCredentialChain::Found> AwsCredentialChain::read_document(const std::string& body) const {
    const auto document = parse_json(body);
    if (!document || !document->is_object())
        return unavailable("what hands out credentials sent something else");
    const auto& fields = document->as_object();
    Found found{{text_of(fields, "AccessKeyId"),
                 Secret(text_of(fields, "SecretAccessKey")),
                 Secret(text_of(fields, "Token")),
                 parse_rfc3339(text_of(fields, "Expiration"))},
                std::nullopt};
    if (found.credentials.access_key_id.empty() || found.credentials.secret_access_key.empty())
        return unavailable("what hands out credentials sent none");
    const auto now = clock_.now();
    const auto expires = found.credentials.expires_at;
    if (expires && *expires <= now) return unavailable("the credentials handed out have expired");
    if (expires) found.look_again = std::max(*expires - before_expiry, now + after_failure);
    return found;
}

} // namespace hs::providers
