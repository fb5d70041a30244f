/// Two stores as one, while objects move from one to the other: what is new goes to the first, what
/// is old is found in either.
#pragma once

#include <memory>

#include "providers/blob/blob_store.hpp"

namespace hs::providers {

class TwoStores final : public BlobStore {
public:
    TwoStores(std::unique_ptr<BlobStore> first, std::unique_ptr<BlobStore> second)
        : first_(std::move(first)), second_(std::move(second)) {}

    [[nodiscard]] BlobStore& first() { return *first_; }

    [[nodiscard]] BlobStore& second() { return *second_; }

    using BlobStore::put;
    [[nodiscard]] Result<void> put(std::span<const NewBlob> objects) override;
    [[nodiscard]] Result<Bytes>
    read(const BlobKey& key, std::uint64_t offset, std::uint64_t length) override;
    [[nodiscard]] Result<Fd> fetch(const BlobKey& key) override;
    [[nodiscard]] Result<BlobStat> stat(const BlobKey& key) override;
    /// From both.
    [[nodiscard]] Result<void> remove(const BlobKey& key) override;
    [[nodiscard]] Result<std::vector<std::string>>
    list(const std::string& prefix, const std::string& after, std::size_t limit) override;
    [[nodiscard]] Result<void> quarantine(const std::string& path) override;
    std::size_t remove_leftovers(std::chrono::seconds older_than) override;
    [[nodiscard]] std::string locator(const BlobKey& key) const override;
    /// Of the first; an object that is still in the second is read through us.
    [[nodiscard]] Result<std::optional<std::string>>
    link_to_read(const BlobKey& key,
                 std::chrono::seconds lifetime,
                 const std::string& content_type) override;
    [[nodiscard]] Result<std::optional<SignedRequest>>
    link_to_write(const ExpectedBlob& object, std::chrono::seconds lifetime) override;

private:
    std::unique_ptr<BlobStore> first_;
    std::unique_ptr<BlobStore> second_;
};

/// Takes one object from one store to another: stored and verified there, before it goes here.
/// False when it was not here any more. Errors: those of both stores.
[[nodiscard]] Result<bool> move_object(BlobStore& from, BlobStore& to, const BlobKey& key);

} // namespace hs::providers
