/// The file format of the local store, without any file.
///
///     magic "HSOB", version 1, key id (4 bytes, big end first)
///     wrapped data key: nonce 12, key 32, tag 16, under the tenant's key
///     sealed metadata: size 8, SHA-256 32, tag 16, under the data key
///     chunks of 64 KiB, the last one shorter (empty for an empty object), a tag of 16 after each
///
/// The data key seals one object only, so a chunk's nonce is its number. Every part authenticates
/// tenant, call and variant; chunks also their number and whether they are the last. A flipped bit,
/// a cut, a swap of chunks or of whole files all fail to open.
#pragma once

#include <cstdint>

#include "base/crypto.hpp"
#include "base/error.hpp"
#include "providers/blob/blob_store.hpp"

namespace hs::providers {

inline constexpr std::uint64_t chunk_bytes = 64u << 10;
inline constexpr std::uint64_t tag_bytes = 16;
inline constexpr std::uint64_t object_header_bytes = 4 + 1 + 4 + (12 + 32 + 16) + (40 + 16);

struct TenantKey {
    std::uint32_t id = 0;
    Key256 key{};
};

struct ObjectHeader {
    Key256 data_key{};
    BlobStat facts;
};

[[nodiscard]] std::uint64_t chunk_count(std::uint64_t plain_size);
[[nodiscard]] std::uint64_t object_file_size(std::uint64_t plain_size);
/// Where a chunk starts in the file.
[[nodiscard]] std::uint64_t chunk_offset(std::uint64_t number);

[[nodiscard]] Bytes
seal_object_header(const BlobKey& key, const TenantKey& tenant_key, const ObjectHeader& header);
/// Errors: internal "storage.corrupt".
[[nodiscard]] Result<ObjectHeader>
open_object_header(const BlobKey& key, const TenantKey& tenant_key, ByteView bytes);

/// Seals and opens the chunks of one object.
class ChunkSeal {
public:
    ChunkSeal(const BlobKey& key, const ObjectHeader& header);

    void seal(std::uint64_t number, ByteView plain, Bytes& out) const;
    /// Errors: internal "storage.corrupt".
    [[nodiscard]] Result<void> open(std::uint64_t number, ByteView sealed, Bytes& out) const;

private:
    [[nodiscard]] Bytes associated(std::uint64_t number) const;

    Bytes place_;
    Key256 data_key_;
    std::uint64_t chunks_;
};

} // namespace hs::providers
