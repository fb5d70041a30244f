/// The one key everything else is derived from. Kept in a 0600 file; lost, sealed data is lost.
#pragma once

#include "base/crypto.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

#include <cstdint>
#include <filesystem>

namespace hs {

class MasterKey {
public:
    /// Reads 32 bytes (64 hex digits) from `path`, or makes the file on first start; `created` is
    /// set then, so that the caller can print the backup notice. Errors: forbidden
    /// "master_key.permissions" (readable by others), invalid "master_key.invalid", unavailable.
    [[nodiscard]] static Result<MasterKey> load_or_create(const std::filesystem::path& path, bool& created);
    explicit MasterKey(const Key256& key) : key_(key) {}

    /// Which generation of keys sealed values name.
    [[nodiscard]] std::uint32_t key_id() const { return 1; }
    /// Seals what belongs to one tenant: objects, customer fields, original transcripts, journal.
    [[nodiscard]] Key256 tenant_key(TenantId tenant) const;
    [[nodiscard]] Key256 phone_token_key(TenantId tenant) const;
    [[nodiscard]] Key256 link_key() const;   ///< signs audio links
    [[nodiscard]] Key256 cursor_key() const; ///< signs list cursors
    /// Differs between keys, tells nothing of them: stored so that a wrong key is noticed at start.
    [[nodiscard]] std::string fingerprint() const;

private:
    Key256 key_;
};

} // namespace hs
