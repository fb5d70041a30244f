/// Where audio lives. Objects are immutable; a put of the same bytes again is success.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto.hpp"
#include "base/error.hpp"
#include "base/files.hpp"
#include "base/ids.hpp"

namespace hs::providers {

/// What an object belongs to; part of what is authenticated when it is read.
struct BlobKey {
    TenantId tenant;
    CallId call;
    std::string variant; // "original", "playback", "form"
    std::string path;    // "t/{tenant}/{yyyy}/{mm}/{call}/{sha256}.{ext}"
};

/// An object to be stored: `size` bytes of `fd`.
struct NewBlob {
    BlobKey key;
    int fd = -1;
    std::uint64_t size = 0;
    Sha256 sha256{};
};

struct BlobStat {
    std::uint64_t size = 0; // plain bytes
    Sha256 sha256{};        // of the plain bytes
};

/// An object that somebody else is to store: exactly these bytes.
struct ExpectedBlob {
    BlobKey key;
    std::uint64_t size = 0;
    Sha256 sha256{};
    std::string content_type;
};

/// A request that anybody may make until it expires.
struct SignedRequest {
    std::string method;
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers; // to be sent as they are
};

/// Blocking calls: run them on the CPU pool.
/// Errors: not_found "storage.not_found", conflict "storage.conflict", unavailable
/// "storage.unavailable" | "storage.full", forbidden "storage.denied", internal "storage.corrupt".
class BlobStore {
public:
    BlobStore() = default;
    BlobStore(const BlobStore&) = delete;
    BlobStore& operator=(const BlobStore&) = delete;
    virtual ~BlobStore() = default;

    /// Stores the objects, verified by reading back. All are durable when it returns; an earlier
    /// one gets its name before a later one, so that the first may describe the second. Storing
    /// together is cheaper than one by one: a store may wait for its disk once.
    [[nodiscard]] virtual Result<void> put(std::span<const NewBlob> objects) = 0;

    [[nodiscard]] Result<void> put(const NewBlob& object) { return put(std::span(&object, 1)); }

    /// Bytes [offset, offset + length) of the object; never a silent short read.
    [[nodiscard]] virtual Result<Bytes>
    read(const BlobKey& key, std::uint64_t offset, std::uint64_t length) = 0;
    /// The whole object as an unnamed plain file.
    [[nodiscard]] virtual Result<Fd> fetch(const BlobKey& key) = 0;
    [[nodiscard]] virtual Result<BlobStat> stat(const BlobKey& key) = 0;
    /// Idempotent.
    [[nodiscard]] virtual Result<void> remove(const BlobKey& key) = 0;
    /// Paths below `prefix` after `after`, in order, at most `limit`.
    [[nodiscard]] virtual Result<std::vector<std::string>>
    list(const std::string& prefix, const std::string& after, std::size_t limit) = 0;
    /// Moves an object that no row owns out of the way.
    [[nodiscard]] virtual Result<void> quarantine(const std::string& path) = 0;
    /// Removes what killed programs left half written, when it is old enough that nobody can still
    /// be writing it; how much there was.
    virtual std::size_t remove_leftovers(std::chrono::seconds older_than) = 0;
    /// Locator kept in calls.audio_url: "local:<path>", "s3://<bucket>/<key>".
    [[nodiscard]] virtual std::string locator(const BlobKey& key) const = 0;
    /// Where anybody can read the object for a while, as `content_type`; nothing when the objects
    /// of this store are read through us only.
    [[nodiscard]] virtual Result<std::optional<std::string>> link_to_read(
        const BlobKey& key, std::chrono::seconds lifetime, const std::string& content_type);
    /// How somebody else can store the object; nothing when only we can write to this store.
    [[nodiscard]] virtual Result<std::optional<SignedRequest>>
    link_to_write(const ExpectedBlob& object, std::chrono::seconds lifetime);
};

inline Result<std::optional<std::string>>
BlobStore::link_to_read(const BlobKey&, std::chrono::seconds, const std::string&) {
    return std::nullopt;
}

inline Result<std::optional<SignedRequest>> BlobStore::link_to_write(const ExpectedBlob&,
                                                                     std::chrono::seconds) {
    return std::nullopt;
}

} // namespace hs::providers
