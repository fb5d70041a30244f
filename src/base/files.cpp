#include "base/files.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hs {

namespace {

/// Messages name the system's reason, never a path: they may reach a client.
std::unexpected<Error> storage_error(int code) {
    if (code == ENOSPC || code == EDQUOT)
        return fail(ErrorKind::unavailable, "storage.full", "no space left for files");
    return fail(ErrorKind::unavailable,
                "storage.unavailable",
                "file operation failed: " + std::generic_category().message(code));
}

/// For file systems without O_TMPFILE: made under a random name that is removed at once.
Result<Fd> open_and_unlink(const std::filesystem::path& directory) {
    std::string name = (directory / "spool.XXXXXX").string();
    Fd fd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd) return storage_error(errno);
    ::unlink(name.c_str());
    return fd;
}

Result<void> write_and_sync(int fd, std::string_view text) {
    TRY_VOID(write_all(fd, bytes_of(text)));
    if (::fsync(fd) != 0) return storage_error(errno);
    return {};
}

Result<void> rename_and_sync(const std::string& from, const std::filesystem::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return storage_error(errno);
    const auto folder = to.has_parent_path() ? to.parent_path() : std::filesystem::path(".");
    const Fd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::fsync(directory.get()) != 0) return storage_error(errno);
    return {};
}

} // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        reset();
        fd_ = other.release();
    }
    return *this;
}

void Fd::reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

Result<Fd> open_unnamed(const std::filesystem::path& directory) {
    Fd fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (fd) return fd;
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
        return open_and_unlink(directory);
    return storage_error(errno);
}

Result<void> write_all(int fd, ByteView bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return storage_error(errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

bool read_exactly(int fd, std::uint64_t offset, std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto got = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        offset += static_cast<std::uint64_t>(got);
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

std::uint64_t file_size(int fd) {
    struct ::stat facts{};
    if (::fstat(fd, &facts) != 0) throw std::system_error(errno, std::generic_category(), "fstat");
    return static_cast<std::uint64_t>(facts.st_size);
}

Result<std::string> read_file(const std::filesystem::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd && (errno == ENOENT || errno == ENOTDIR))
        return fail(ErrorKind::not_found, "file.missing", "no such file");
    const auto unreadable = [] {
        return fail(ErrorKind::unavailable, "file.unreadable", "file cannot be read");
    };
    if (!fd) return unreadable();
    std::string out;
    std::array<char, 16384> block{};
    for (;;) {
        const auto got = ::read(fd.get(), block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return unreadable();
        if (got == 0) return out;
        out.append(block.data(), static_cast<std::size_t>(got));
    }
}

Result<void> write_file_durably(const std::filesystem::path& path, std::string_view text) {
    std::string temporary = path.string() + ".XXXXXX";
    const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC)); // mode 0600
    if (!fd) return storage_error(errno);
    auto done = write_and_sync(fd.get(), text);
    if (done) done = rename_and_sync(temporary, path);
    if (!done) ::unlink(temporary.c_str());
    return done;
}

} // namespace hs
