/// The audio store in a bucket of an S3-compatible service.
///
/// Recordings lie there as they were sent, encrypted by the service, so that signed links can play
/// them; form sidecars are sealed by us. The SHA-256 of an object's plain bytes stands in its
/// metadata; what is read whole is compared with it.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "providers/blob/blob_store.hpp"
#include "providers/blob/local_store.hpp"
#include "providers/blob/s3_client.hpp"

namespace hs::providers {

class S3Store final : public BlobStore {
public:
    /// `spool`: where fetched objects lie while they are used.
    S3Store(std::shared_ptr<S3Client> client,
            std::filesystem::path spool,
            TenantKeys keys,
            const Clock& clock);

    /// Writes, reads and removes an object below "probe/", and finds out whether the service knows
    /// conditional writes. Errors: those of the interface.
    [[nodiscard]] Result<void> probe();

    using BlobStore::put;
    [[nodiscard]] Result<void> put(std::span<const NewBlob> objects) override;
    /// A range of a recording is what the service says it is; only whole objects are compared with
    /// their hash. Errors besides those of the interface: invalid "storage.range".
    [[nodiscard]] Result<Bytes>
    read(const BlobKey& key, std::uint64_t offset, std::uint64_t length) override;
    [[nodiscard]] Result<Fd> fetch(const BlobKey& key) override;
    [[nodiscard]] Result<BlobStat> stat(const BlobKey& key) override;
    /// All versions, when the bucket keeps versions.
    [[nodiscard]] Result<void> remove(const BlobKey& key) override;
    [[nodiscard]] Result<std::vector<std::string>>
    list(const std::string& prefix, const std::string& after, std::size_t limit) override;
    [[nodiscard]] Result<void> quarantine(const std::string& path) override;
    /// Uploads in parts that nobody will finish, and direct uploads that nobody completed: the
    /// latter a day later, as there is time to complete them.
    std::size_t remove_leftovers(std::chrono::seconds older_than) override;
    [[nodiscard]] std::string locator(const BlobKey& key) const override;
    [[nodiscard]] Result<std::optional<std::string>>
    link_to_read(const BlobKey& key,
                 std::chrono::seconds lifetime,
                 const std::string& content_type) override;
    [[nodiscard]] Result<std::optional<SignedRequest>>
    link_to_write(const ExpectedBlob& object, std::chrono::seconds lifetime) override;

private:
    struct Facts; // what HEAD tells

    [[nodiscard]] Result<void> put_one(const NewBlob& object);
    [[nodiscard]] std::size_t remove_staged(std::chrono::seconds older_than);
    [[nodiscard]] Result<void> confirm(const NewBlob& object);
    [[nodiscard]] Result<Facts> head(const std::string& path);
    [[nodiscard]] Result<Bytes> sealed_bytes(const BlobKey& key);
    [[nodiscard]] Result<Bytes>
    piece(const BlobKey& key, std::uint64_t offset, std::uint64_t length, const std::string& tag);
    [[nodiscard]] Result<TenantKey> key_of(TenantId tenant) const;
    [[nodiscard]] Error error_of(const InboundReply& reply) const;

    std::shared_ptr<S3Client> client_;
    std::filesystem::path spool_;
    TenantKeys keys_;
    const Clock& clock_;
    std::atomic<bool> conditional_writes_{true};
};

} // namespace hs::providers
