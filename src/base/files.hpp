/// Files: owned descriptors, unnamed spool files, whole reads and durable writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/crypto.hpp"
#include "base/error.hpp"

namespace hs {

/// An owned file descriptor.
class Fd {
public:
    Fd() = default;

    explicit Fd(int fd) : fd_(fd) {}

    Fd(Fd&& other) noexcept : fd_(other.release()) {}

    Fd& operator=(Fd&& other) noexcept;
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;

    ~Fd() { reset(); }

    [[nodiscard]] int get() const { return fd_; }

    [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

    int release() {
        const int fd = fd_;
        fd_ = -1;
        return fd;
    }

    void reset();

private:
    int fd_ = -1;
};

/// A file without a name in `directory` (0600, gone when closed or when the process dies).
/// Errors: unavailable "storage.full" or "storage.unavailable".
[[nodiscard]] Result<Fd> open_unnamed(const std::filesystem::path& directory);

/// Writes everything. Errors: unavailable "storage.full" (no space), "storage.unavailable".
[[nodiscard]] Result<void> write_all(int fd, ByteView bytes);
/// Reads exactly out.size() bytes at `offset`; false at a short file.
[[nodiscard]] bool read_exactly(int fd, std::uint64_t offset, std::span<std::uint8_t> out);
[[nodiscard]] std::uint64_t file_size(int fd);

/// Whole small file as text. Errors: not_found "file.missing", unavailable "file.unreadable".
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);
/// Temp file, fsync, rename, fsync of the folder; mode 0600.
[[nodiscard]] Result<void> write_file_durably(const std::filesystem::path& path,
                                              std::string_view text);

} // namespace hs
