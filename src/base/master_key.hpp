/// The one key that everything sealed by this installation depends on, and the keys derived from
/// it. Lose it and the audio, the customer fields and the provider secrets are lost.
///
/// Derivation is HKDF-SHA-256 with a label for each purpose. A tenant's key is derived from the
/// wrapping key and the tenant's id, and has key id 1: nothing about it is stored, so rotating the
/// master key means re-wrapping every data key under a new id.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/crypto.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

namespace hs {

struct TenantKey {
    std::uint32_t id = 0; // written into every value sealed with the key
    Key256 key{};
};

class MasterKey {
public:
    explicit MasterKey(const Key256& bytes) : bytes_(bytes) {}

    MasterKey(const MasterKey&) = default;
    MasterKey& operator=(const MasterKey&) = default;
    ~MasterKey(); ///< wipes

    [[nodiscard]] Key256 phone_token_key() const;  ///< HMAC of phone numbers, for linking
    [[nodiscard]] Key256 link_signing_key() const; ///< signed audio links
    [[nodiscard]] Key256 cursor_key() const;       ///< page cursors
    [[nodiscard]] Key256 key_pepper() const;       ///< HMAC of API keys
    [[nodiscard]] TenantKey tenant_key(TenantId tenant) const;

private:
    Key256 bytes_;
};

struct LoadedMasterKey {
    MasterKey key;
    bool created = false; // first start: tell the operator to back the file up
};

/// Reads the 32 bytes of `path`; makes the file (0600, durable) when there is none. Two programs
/// that start at once end up with the same key.
/// Errors: invalid "key.permissions" (others may read it), "key.malformed" (not 32 bytes, or all
/// the same byte); unavailable "storage.*", "file.unreadable".
[[nodiscard]] Result<LoadedMasterKey> load_or_create_master_key(const std::filesystem::path& path);

} // namespace hs
