/// RSA signatures, as service accounts of cloud providers want them.
#pragma once

#include <string_view>

#include "base/crypto.hpp"
#include "base/error.hpp"
#include "base/secret.hpp"

namespace hs {

/// RSASSA-PKCS1-v1_5 with SHA-256 (RS256) of `text`; `private_key` in PEM.
/// Errors: invalid "key.invalid" (no RSA key, or one shorter than 2048 bits).
[[nodiscard]] Result<Bytes> sign_rs256(const Secret& private_key, std::string_view text);

} // namespace hs
