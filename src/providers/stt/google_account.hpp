/// A Google service account and the tokens it signs for itself.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

namespace hs::providers {

struct GoogleAccount {
    std::string email;
    std::string project;
    std::string key_id;
    Secret private_key; // PEM
};

/// The key file that Google's console hands out. Errors: invalid "key.invalid".
[[nodiscard]] Result<GoogleAccount> read_google_account(std::string_view key_file);

/// A self-signed JWT (RS256), which Google's services take as a bearer token for an hour: no
/// request to a token server is needed. Errors: invalid "key.invalid".
[[nodiscard]] Result<std::string> google_token(const GoogleAccount& account, Time now);

} // namespace hs::providers
