/// Names of a call's objects in the audio store.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/crypto.hpp"
#include "base/ids.hpp"
#include "providers/blob/blob_store.hpp"

namespace hs::pipeline {

/// "t/{tenant}/{yyyy}/{mm}/{call}/{sha256}.{extension}"; year and month are those of the stored
/// created_at, fixed at reservation, so that every retry meets the same key.
[[nodiscard]] providers::BlobKey object_key(TenantId tenant,
                                            CallId call,
                                            Time created_at,
                                            const Sha256& sha256,
                                            std::string_view variant,
                                            std::string_view extension);

/// The key of an object whose path is known from its row.
[[nodiscard]] providers::BlobKey
stored_key(TenantId tenant, CallId call, std::string path, std::string_view variant);

/// The call a path belongs to; nullopt for foreign paths.
[[nodiscard]] std::optional<CallId> call_of_path(std::string_view path);
[[nodiscard]] std::string_view variant_of_path(std::string_view path); ///< by extension

} // namespace hs::pipeline
