/// Names of direct uploads. Such a name holds all that has to be known until the upload is
/// completed, and a seal over it, so that nothing has to be kept for uploads that never come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/ids.hpp"

namespace hs::api {

struct DirectUpload {
    CallId id; // of the staged object, not of the call to come
    std::uint64_t size = 0;
    Sha256 sha256{};
    Time complete_until;
};

/// Letters, digits, "-" and "_".
[[nodiscard]] std::string
upload_token(const Key256& key, TenantId tenant, const DirectUpload& upload);

/// Nothing for a name that was not made with this key for this tenant.
[[nodiscard]] std::optional<DirectUpload>
read_upload_token(const Key256& key, TenantId tenant, std::string_view token);

} // namespace hs::api
