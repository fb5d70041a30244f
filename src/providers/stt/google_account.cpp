#include "providers/stt/google_account.hpp"

#include <chrono>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/rsa_signature.hpp"
#include "providers/stt/reply_json.hpp"

namespace hs::providers {

namespace {

constexpr std::chrono::seconds lifetime{3600};
constexpr const char* scope = "https://www.googleapis.com/auth/cloud-platform";

std::string encoded(const json::object& part) {
    return base64url(bytes_of(json::serialize(part)));
}

} // namespace

Result<GoogleAccount> read_google_account(std::string_view key_file) {
    const auto parsed = parse_json(key_file);
    const auto* file = parsed ? parsed->if_object() : nullptr;
    if (file == nullptr || text_member(*file, "type") != "service_account")
        return fail(ErrorKind::invalid, "key.invalid", "not the key file of a service account");
    GoogleAccount account;
    account.email = text_member(*file, "client_email");
    account.project = text_member(*file, "project_id");
    account.key_id = text_member(*file, "private_key_id");
    account.private_key = Secret(std::string(text_member(*file, "private_key")));
    if (account.email.empty() || account.project.empty() || account.private_key.empty())
        return fail(ErrorKind::invalid,
                    "key.invalid",
                    "the key file lacks client_email, project_id or private_key");
    return account;
}

Result<std::string> google_token(const GoogleAccount& account, Time now) {
    const auto since = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
    const json::object head{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", account.key_id}};
    const json::object claims{{"iss", account.email},
                              {"sub", account.email},
                              {"scope", scope},
                              {"iat", since.count()},
                              {"exp", (since + lifetime).count()}};
    auto token = encoded(head) + "." + encoded(claims);
    TRY(const auto signature, sign_rs256(account.private_key, token));
    return token + "." + base64url(signature);
}

} // namespace hs::providers
