/// The one key that everything sealed by this installation depends on, and the keys derived from
/// it. Lose it and the audio, the customer fields and the provider secrets are lost.
///
/// Derivation is HKDF-SHA-256 with a label for each purpose. A tenant's key is derived from the
/// wrapping key and the tenant's id, and has key id 1: nothing about it is stored, so rotating the
/// master key means re-wrapping every data key under a new id.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/crypto.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

namespace hs {

class MasterKey {
public:
    /// Reads 32 bytes (64 hex digits) from `path`. Makes the file (0600, durable) on first start;
    /// `created` is set then, so that the caller can print the backup notice. Two programs that
    /// start at once end up with the same key.
    /// Errors: forbidden "master_key.permissions" (others may read it), invalid
    /// "master_key.invalid" (no key, or all bytes the same), unavailable "storage.unavailable".
    [[nodiscard]] static Result<MasterKey> load_or_create(const std::filesystem::path& path,
                                                          bool& created);

    explicit MasterKey(const Key256& key) : key_(key) {}

    MasterKey(const MasterKey&) = default;
    MasterKey& operator=(const MasterKey&) = default;
    ~MasterKey(); ///< wipes

    /// Which generation of keys sealed values name.
    [[nodiscard]] std::uint32_t key_id() const { return 1; }

    /// Seals what belongs to one tenant: objects, customer fields, original transcripts, journal.
    [[nodiscard]] Key256 tenant_key(TenantId tenant) const;
    [[nodiscard]] Key256 phone_token_key(TenantId tenant) const; ///< links calls of one number
    [[nodiscard]] Key256 link_key() const;                       ///< signs audio links
    [[nodiscard]] Key256 cursor_key() const;                     ///< signs list cursors
    [[nodiscard]] Key256 key_pepper() const;                     ///< hashes API keys
    /// Differs between keys, tells nothing of them: stored so that a wrong key is noticed at start.
    [[nodiscard]] std::string fingerprint() const;

private:
    Key256 key_;
};

} // namespace hs
