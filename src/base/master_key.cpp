#include "base/master_key.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/secret.hpp"
#include "base/text.hpp"

namespace hs {

namespace {

std::unexpected<Error> unavailable(const char* what) {
    return fail(ErrorKind::unavailable, "storage.unavailable", what);
}

Result<MasterKey> read_key(const Fd& fd) {
    const auto invalid = [] {
        return fail(ErrorKind::invalid,
                    "master_key.invalid",
                    "The master key file must hold 64 random hex digits.");
    };
    struct ::stat facts{};
    if (::fstat(fd.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return invalid();
    if ((facts.st_mode & 077) != 0)
        return fail(ErrorKind::forbidden,
                    "master_key.permissions",
                    "Others may read the master key file: its mode must be 0600.");
    std::array<std::uint8_t, 66> text{}; // a line's end is taken, too
    const auto size = static_cast<std::size_t>(std::min<off_t>(facts.st_size, text.size()));
    if (!read_exactly(fd.get(), 0, std::span(text).first(size))) return invalid();
    auto bytes = parse_hex(trim({reinterpret_cast<const char*>(text.data()), size}));
    OPENSSL_cleanse(text.data(), text.size());
    if (!bytes || bytes->size() != 32 || std::ranges::count(*bytes, bytes->front()) == 32)
        return invalid();
    Key256 key{};
    std::ranges::copy(*bytes, key.begin());
    MasterKey master(key);
    OPENSSL_cleanse(bytes->data(), bytes->size());
    OPENSSL_cleanse(key.data(), key.size());
    return master;
}

/// A durable file with a new key under a temporary name, then linked to the real one: a link never
/// replaces, so of two programs the second finds the first one's key.
Result<void> create_key(const std::filesystem::path& path) {
    std::string temporary = path.string() + ".XXXXXX";
    const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC)); // mode 0600
    if (!fd) return unavailable("The master key file cannot be made.");
    Key256 bytes{};
    random_bytes(bytes);
    const Secret text(hex(bytes));
    OPENSSL_cleanse(bytes.data(), bytes.size());
    auto done = write_all(fd.get(), bytes_of(text.reveal()));
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
    OPENSSL_cleanse(key_.data(), key_.size());
}

// Labels are part of the format of everything sealed or signed: they are never changed.
Key256 MasterKey::tenant_key(TenantId tenant) const {
    return hkdf(hkdf(key_, "tenant-wrapping"), "tenant:" + tenant.str());
}

Key256 MasterKey::phone_token_key(TenantId tenant) const {
    return hkdf(hkdf(key_, "phone-token"), "tenant:" + tenant.str());
}

Key256 MasterKey::link_key() const {
    return hkdf(key_, "link-signing");
}

Key256 MasterKey::cursor_key() const {
    return hkdf(key_, "cursor-signing");
}

Key256 MasterKey::key_pepper() const {
    return hkdf(key_, "key-pepper");
}

std::string MasterKey::fingerprint() const {
    const auto derived = hkdf(key_, "fingerprint");
    return hex(ByteView(derived).first(8));
}

Result<MasterKey> MasterKey::load_or_create(const std::filesystem::path& path, bool& created) {
    created = false;
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!fd && errno == ENOENT) {
        TRY_VOID(create_key(path));
        created = true;
        fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    }
    if (!fd) return unavailable("The master key file cannot be opened.");
    return read_key(fd);
}

} // namespace hs
