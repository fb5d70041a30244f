#include "base/master_key.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"

namespace hs {

namespace {

std::unexpected<Error> unavailable(const char* what) {
    return fail(ErrorKind::unavailable, "storage.unavailable", what);
}

Result<MasterKey> read_key(int fd) {
    struct ::stat facts{};
    if (::fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode))
        return fail(ErrorKind::invalid, "key.malformed", "The master key is not a file.");
    if ((facts.st_mode & 077) != 0)
        return fail(ErrorKind::invalid,
                    "key.permissions",
                    "Others may read the master key file: its mode must be 0600.");
    Key256 bytes{};
    const bool read =
        facts.st_size == static_cast<off_t>(bytes.size()) && read_exactly(fd, 0, bytes);
    const bool uniform =
        std::ranges::all_of(bytes, [&bytes](auto byte) { return byte == bytes[0]; });
    if (!read || uniform)
        return fail(
            ErrorKind::invalid, "key.malformed", "The master key file must hold 32 random bytes.");
    MasterKey key(bytes);
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return key;
}

/// A durable file with a new key under a temporary name, then linked to the real one: a link never
/// replaces, so of two programs the second finds the first one's key.
Result<void> create_key(const std::filesystem::path& path) {
    std::string temporary = path.string() + ".XXXXXX";
    const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC)); // mode 0600
    if (!fd) return unavailable("The master key file cannot be made.");
    Key256 bytes{};
    random_bytes(bytes);
    auto done = write_all(fd.get(), bytes);
    OPENSSL_cleanse(bytes.data(), bytes.size());
    if (done && ::fsync(fd.get()) != 0) done = unavailable("The master key cannot be written.");
    if (done && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST)
        done = unavailable("The master key file cannot be named.");
    ::unlink(temporary.c_str());
    if (!done) return done;
    const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0)
        return unavailable("The master key's folder cannot be written.");
    return {};
}

} // namespace

MasterKey::~MasterKey() {
    OPENSSL_cleanse(bytes_.data(), bytes_.size());
}

// Labels are part of the format of everything sealed or signed: they are never changed.
Key256 MasterKey::phone_token_key() const {
    return hkdf(bytes_, "phone-token");
}

Key256 MasterKey::link_signing_key() const {
    return hkdf(bytes_, "link-signing");
}

Key256 MasterKey::cursor_key() const {
    return hkdf(bytes_, "cursor-signing");
}

Key256 MasterKey::key_pepper() const {
    return hkdf(bytes_, "key-pepper");
}

TenantKey MasterKey::tenant_key(TenantId tenant) const {
    const auto wrapping = hkdf(bytes_, "tenant-wrapping");
    return {1, hkdf(wrapping, "tenant:" + tenant.str())};
}

Result<LoadedMasterKey> load_or_create_master_key(const std::filesystem::path& path) {
    bool created = false;
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno == ENOENT) {
        TRY_VOID(create_key(path));
        created = true;
        fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    }
    if (!fd)
        return fail(
            ErrorKind::unavailable, "file.unreadable", "The master key file cannot be opened.");
    TRY(auto key, read_key(fd.get()));
    return LoadedMasterKey{std::move(key), created};
}

} // namespace hs
