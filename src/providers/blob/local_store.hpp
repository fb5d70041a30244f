/// The audio store on a local disk: sealed files below the data directory.
///
/// An object is written under a temporary name, verified by reading back, and only then linked to
/// its own name, so that nobody ever sees half of one. Nothing here retries a failed fsync: the
/// kernel forgets the pages it could not write.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>

#include "base/master_key.hpp"
#include "providers/blob/blob_store.hpp"
#include "providers/blob/directory.hpp"

namespace hs::providers {

struct TenantKey;

/// The key under which a tenant's data keys are wrapped.
using TenantKeys = std::function<Result<std::pair<std::uint32_t, Key256>>(TenantId)>;

/// Keys derived from the master key.
[[nodiscard]] TenantKeys tenant_keys(MasterKey master);

class LocalStore final : public BlobStore {
public:
    /// Uses (and makes, 0700) data_dir/objects, data_dir/quarantine and data_dir/spool.
    LocalStore(std::filesystem::path data_dir, TenantKeys keys);

    using BlobStore::put;
    [[nodiscard]] Result<void> put(std::span<const NewBlob> objects) override;
    /// Errors besides those of the interface: invalid "storage.range".
    [[nodiscard]] Result<Bytes>
    read(const BlobKey& key, std::uint64_t offset, std::uint64_t length) override;
    [[nodiscard]] Result<Fd> fetch(const BlobKey& key) override;
    [[nodiscard]] Result<BlobStat> stat(const BlobKey& key) override;
    /// Overwrites the wrapped key before the name goes: what is left on the disk cannot be opened.
    [[nodiscard]] Result<void> remove(const BlobKey& key) override;
    [[nodiscard]] Result<std::vector<std::string>>
    list(const std::string& prefix, const std::string& after, std::size_t limit) override;
    [[nodiscard]] Result<void> quarantine(const std::string& path) override;
    [[nodiscard]] std::string locator(const BlobKey& key) const override;

    std::size_t remove_leftovers(std::chrono::seconds older_than) override;

private:
    class Object;
    class Temporary;

    [[nodiscard]] Result<void> make_folder(const std::filesystem::path& relative);
    [[nodiscard]] Result<void> write(const NewBlob& object, const Temporary& temporary) const;
    [[nodiscard]] Result<void> name(const NewBlob& object, const Temporary& temporary) const;
    [[nodiscard]] Result<TenantKey> key_of(TenantId tenant) const;
    [[nodiscard]] Result<Object> open(const BlobKey& key, const std::filesystem::path& file) const;

    std::filesystem::path objects_;
    std::filesystem::path quarantine_;
    std::filesystem::path spool_;
    SharedFolders shared_folders_;
    TenantKeys keys_;
};

} // namespace hs::providers
