#include "providers/blob/local_store.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <set>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/blob/directory.hpp"
#include "providers/blob/object_format.hpp"

namespace hs::providers {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view temporary_prefix = ".tmp-";

std::unexpected<Error> corrupt(const char* message) {
    return fail(ErrorKind::internal, "storage.corrupt", message);
}

/// Seals `facts.size` bytes of `from` into `to`; fails when they are not the ones announced.
Result<void>
write_object(int to, int from, const BlobKey& key, const TenantKey& tenant, const BlobStat& facts) {
    ObjectHeader header{.data_key = {}, .facts = facts};
    random_bytes(header.data_key);
    TRY_VOID(write_all(to, seal_object_header(key, tenant, header)));
    const ChunkSeal chunks(key, header);
    Hasher hasher;
    Bytes plain;
    Bytes sealed;
    for (std::uint64_t number = 0; number < chunk_count(facts.size); ++number) {
        const auto start = number * chunk_bytes;
        plain.resize(std::min(chunk_bytes, facts.size - start));
        if (!read_exactly(from, start, plain)) return corrupt("source is shorter than announced");
        hasher.update(plain);
        chunks.seal(number, plain, sealed);
        TRY_VOID(write_all(to, sealed));
    }
    if (hasher.finish() != facts.sha256) return corrupt("source has another hash than announced");
    return {};
}

} // namespace

TenantKeys tenant_keys(MasterKey master) {
    return [master = std::move(master)](TenantId tenant) {
        return Result<std::pair<std::uint32_t, Key256>>(
            std::pair(master.key_id(), master.tenant_key(tenant)));
    };
}

/// A file that loses its name when the writer gives up.
class LocalStore::Temporary {
public:
    explicit Temporary(const fs::path& folder)
        : name_((folder / std::string(temporary_prefix)).string() + "XXXXXX"),
          fd_(::mkostemp(name_.data(), O_CLOEXEC)), trouble_(errno) {}

    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;

    ~Temporary() {
        if (fd_) ::unlink(name_.c_str());
    }

    [[nodiscard]] const Fd& fd() const { return fd_; }

    [[nodiscard]] const std::string& name() const { return name_; }

    [[nodiscard]] int trouble() const { return trouble_; }

private:
    std::string name_;
    Fd fd_;
    int trouble_;
};

/// An opened object: header verified, chunks verified as they are read.
class LocalStore::Object {
public:
    Object(Fd fd, const BlobKey& key, const ObjectHeader& header)
        : fd_(std::move(fd)), facts_(header.facts), chunks_(key, header) {}

    [[nodiscard]] const BlobStat& facts() const { return facts_; }

    [[nodiscard]] Result<void> chunk(std::uint64_t number, Bytes& plain) const {
        const auto start = number * chunk_bytes;
        Bytes sealed(std::min(chunk_bytes, facts_.size - start) + tag_bytes);
        if (!read_exactly(fd_.get(), chunk_offset(number), sealed))
            return corrupt("object is cut short");
        return chunks_.open(number, sealed, plain);
    }

    /// Hands every chunk to `take` and compares the hash of the whole.
    template <typename Take>
    [[nodiscard]] Result<void> each_chunk(Take take) const {
        Hasher hasher;
        Bytes plain;
        for (std::uint64_t number = 0; number < chunk_count(facts_.size); ++number) {
            TRY_VOID(chunk(number, plain));
            hasher.update(plain);
            TRY_VOID(take(plain));
        }
        if (hasher.finish() != facts_.sha256) return corrupt("object has another hash");
        return {};
    }

    [[nodiscard]] Result<void> verify() const {
        return each_chunk([](const Bytes&) { return Result<void>(); });
    }

private:
    Fd fd_;
    BlobStat facts_;
    ChunkSeal chunks_;
};

namespace {

/// An object that no row owned can be asked for during this time.
constexpr std::chrono::seconds quarantine_age = std::chrono::days(7);

/// Returns how many were removed; what cannot be looked at stays.
std::size_t remove_old_files(const fs::path& folder,
                             std::chrono::seconds older_than,
                             const std::function<bool(const fs::path&)>& meant) {
    std::size_t removed = 0;
    std::error_code trouble;
    const auto limit = fs::file_time_type::clock::now() - older_than;
    for (fs::recursive_directory_iterator at(folder, trouble), end; !trouble && at != end;
         at.increment(trouble)) {
        std::error_code gone;
        if (!at->is_regular_file(gone) || !meant(at->path())) continue;
        if (at->last_write_time(gone) <= limit && !gone && fs::remove(at->path(), gone)) ++removed;
    }
    return removed;
}

} // namespace

LocalStore::LocalStore(fs::path data_dir, TenantKeys keys)
    : objects_(data_dir / "objects"), quarantine_(data_dir / "quarantine"),
      spool_(data_dir / "spool"), shared_folders_(objects_), keys_(std::move(keys)) {
    for (const auto& folder : {objects_, quarantine_, spool_}) {
        // What fails here fails again, with its reason, at the first use.
        (void)make_folders(data_dir, fs::relative(folder, data_dir).string());
    }
}

Result<TenantKey> LocalStore::key_of(TenantId tenant) const {
    TRY(const auto key, keys_(tenant));
    return TenantKey{key.first, key.second};
}

Result<LocalStore::Object> LocalStore::open(const BlobKey& key, const fs::path& file) const {
    TRY(const auto tenant, key_of(key.tenant));
    Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd) return system_error(errno);
    Bytes bytes(object_header_bytes);
    if (!read_exactly(fd.get(), 0, bytes)) return corrupt("object is cut short");
    TRY(const auto header, open_object_header(key, tenant, bytes));
    if (file_size(fd.get()) != object_file_size(header.facts.size))
        return corrupt("object has another length than it was given");
    return Object(std::move(fd), key, header);
}

Result<void> LocalStore::write(const NewBlob& object, const Temporary& temporary) const {
    TRY(const auto tenant, key_of(object.key.tenant));
    if (!temporary.fd()) return system_error(temporary.trouble());
    const BlobStat facts{.size = object.size, .sha256 = object.sha256};
    return write_object(temporary.fd().get(), object.fd, object.key, tenant, facts);
}

/// Verifies what was written and links it to its name. The same object there already is success.
Result<void> LocalStore::name(const NewBlob& object, const Temporary& temporary) const {
    const auto target = objects_ / object.key.path;
    TRY(const auto written, open(object.key, temporary.name()));
    TRY_VOID(written.verify());
    if (::link(temporary.name().c_str(), target.c_str()) == 0) return {};
    if (errno != EEXIST) return system_error(errno);
    TRY(const auto present, open(object.key, target));
    if (present.facts().size != object.size || present.facts().sha256 != object.sha256)
        return fail(ErrorKind::conflict, "storage.conflict", "another object has this name");
    return present.verify();
}

/// The folder of one call, durable once its parent is synced.
Result<void> LocalStore::make_folder(const fs::path& relative) {
    const auto folder = objects_ / relative;
    for (const bool again : {true, false}) {
        TRY_VOID(shared_folders_.make(relative.parent_path()));
        if (::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST) return {};
        if (errno != ENOENT || !again) break;
        shared_folders_.forget();
    }
    return system_error(errno);
}

/// Everything is written before anything is waited for: the first wait takes most of the others'
/// work along, on file systems with a journal.
Result<void> LocalStore::put(std::span<const NewBlob> objects) {
    std::set<fs::path> changed; // folders whose new names have to become durable
    std::deque<Temporary> temporaries;
    for (const auto& object : objects) {
        TRY_VOID(check_path(object.key.path));
        const auto folder = fs::path(object.key.path).parent_path();
        TRY_VOID(make_folder(folder));
        changed.insert(objects_ / folder);
        changed.insert((objects_ / folder).parent_path());
        TRY_VOID(write(object, temporaries.emplace_back(objects_ / folder)));
    }
    // Never tried again: after a failure the kernel drops the pages and reports success next time.
    for (const auto& temporary : temporaries)
        if (::fdatasync(temporary.fd().get()) != 0) return system_error(errno);
    for (std::size_t i = 0; i < objects.size(); ++i)
        TRY_VOID(name(objects[i], temporaries[i]));
    for (const auto& folder : changed)
        TRY_VOID(sync_folder(folder));
    return {};
}

Result<Bytes> LocalStore::read(const BlobKey& key, std::uint64_t offset, std::uint64_t length) {
    TRY_VOID(check_path(key.path));
    TRY(const auto object, open(key, objects_ / key.path));
    const auto size = object.facts().size;
    if (offset > size || length > size - offset)
        return fail(ErrorKind::invalid, "storage.range", "range lies outside of the object");
    Bytes out;
    out.reserve(length);
    Bytes plain;
    for (auto at = offset; at < offset + length;) {
        TRY_VOID(object.chunk(at / chunk_bytes, plain));
        const auto within = at % chunk_bytes;
        const auto take = std::min(plain.size() - within, offset + length - at);
        const auto part = ByteView(plain).subspan(within, take);
        out.insert(out.end(), part.begin(), part.end());
        at += take;
    }
    return out;
}

Result<Fd> LocalStore::fetch(const BlobKey& key) {
    TRY_VOID(check_path(key.path));
    TRY(const auto object, open(key, objects_ / key.path));
    TRY(Fd out, open_unnamed(spool_));
    TRY_VOID(object.each_chunk([&out](const Bytes& plain) { return write_all(out.get(), plain); }));
    if (::lseek(out.get(), 0, SEEK_SET) != 0) return system_error(errno);
    return out;
}

Result<BlobStat> LocalStore::stat(const BlobKey& key) {
    TRY_VOID(check_path(key.path));
    TRY(const auto object, open(key, objects_ / key.path));
    return object.facts();
}

Result<void> LocalStore::remove(const BlobKey& key) {
    TRY_VOID(check_path(key.path));
    const auto target = objects_ / key.path;
    const Fd fd(::open(target.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) return {};
    if (!fd) return system_error(errno);
    TRY_VOID(write_all(fd.get(), Bytes(object_header_bytes)));
    if (::fdatasync(fd.get()) != 0) return system_error(errno);
    if (::unlink(target.c_str()) != 0 && errno != ENOENT) return system_error(errno);
    return sync_folder(target.parent_path());
}

Result<std::vector<std::string>>
LocalStore::list(const std::string& prefix, const std::string& after, std::size_t limit) {
    return paths_below(objects_, prefix, after, limit);
}

Result<void> LocalStore::quarantine(const std::string& path) {
    TRY_VOID(check_path(path));
    const auto from = objects_ / path;
    const auto to = quarantine_ / path;
    TRY_VOID(make_folders(quarantine_, fs::path(path).parent_path().string()));
    // Its time now says since when it lies there.
    if (::utimensat(AT_FDCWD, from.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) != 0)
        return system_error(errno);
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error(errno);
    TRY_VOID(sync_folder(to.parent_path()));
    return sync_folder(from.parent_path());
}

std::string LocalStore::locator(const BlobKey& key) const {
    return "local:" + key.path;
}

std::size_t LocalStore::remove_leftovers(std::chrono::seconds older_than) {
    const auto temporary = [](const fs::path& file) {
        return file.filename().string().starts_with(temporary_prefix);
    };
    const auto any = [](const fs::path&) { return true; };
    return remove_old_files(objects_, older_than, temporary) +
           remove_old_files(quarantine_, std::max(older_than, quarantine_age), any);
}

} // namespace hs::providers
