// Recordings of imported calls, copied by the name of their file.
#include <algorithm>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/files.hpp"
#include "pipeline/objects.hpp"
#include "pipeline/reference_import.hpp"
#include "store/calls.hpp"

namespace hs::pipeline {

namespace {

constexpr int page = 200;

struct File {
    Fd fd;
    std::uint64_t size = 0;
    Sha256 sha256{};
};

/// The name alone decides: no address of the source reaches another folder.
std::string name_in(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    return std::string(url.substr(url.find_last_of('/') + 1));
}

Result<File> open_file(const std::filesystem::path& folder, const std::string& name) {
    const bool plain = !name.empty() && name != "." && name != "..";
    File file;
    if (plain) file.fd = Fd(::open((folder / name).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat facts{};
    if (!plain || file.fd.get() < 0 || ::fstat(file.fd.get(), &facts) != 0 ||
        !S_ISREG(facts.st_mode)) {
        return fail(ErrorKind::not_found, "storage.not_found", "There is no such file.");
    }
    file.size = static_cast<std::uint64_t>(facts.st_size);
    Hasher hasher;
    Bytes chunk;
    for (std::uint64_t at = 0; at < file.size; at += chunk.size()) {
        chunk.resize(std::min<std::uint64_t>(256 * 1024, file.size - at));
        if (!read_exactly(file.fd.get(), at, chunk)) {
            return fail(ErrorKind::unavailable, "storage.unavailable", "The file was cut.");
        }
        hasher.update(chunk);
    }
    file.sha256 = hasher.finish();
    return file;
}

/// Store first, then the row: what a crash leaves behind is put again by the next run.
Task<Result<void>>
copy_one(const Services& services, const ImportOptions& options, store::ExternalRecording call) {
    const auto folder = *options.recordings;
    const auto name = name_in(call.url);
    CO_TRY(const auto file, open_file(folder, name));
    const int fd = file.fd.get();
    auto probe = [&services, fd] { return services.decoder.probe(fd, services.settings.decode); };
    auto probed = co_await services.cpu.run(probe);
    if (!probed) co_return std::unexpected(std::move(probed).error());
    const auto key = object_key(
        options.tenant, call.call, call.created_at, file.sha256, "original", probed->format);
    auto put = [&services, &file, &key] {
        return services.blobs.put(providers::NewBlob{key, file.fd.get(), file.size, file.sha256});
    };
    auto kept = co_await services.disk.run(put);
    if (!kept) co_return std::unexpected(std::move(kept).error());
    store::MediaInsert media{.call_id = call.call,
                             .object_path = key.path,
                             .sha256 = file.sha256,
                             .bytes = file.size,
                             .facts = *probed};
    const auto locator = services.blobs.locator(key);
    auto transaction =
        co_await services.database.begin({.tenant = options.tenant, .role = pg::DbRole::worker});
    co_await store::insert_media(*transaction, options.tenant, std::move(media));
    co_await store::adopt_recording(*transaction, options.tenant, call.call, locator);
    co_await transaction->commit();
    co_return Result<void>{};
}

} // namespace

Task<RecordingReport> copy_recordings(const Services& services, ImportOptions options) {
    RecordingReport report;
    const pg::Scope scope{.tenant = options.tenant, .role = pg::DbRole::worker};
    const auto unit = services.database.unit(scope);
    std::optional<CallId> after;
    for (;;) {
        const auto calls = co_await store::external_recordings(*unit, options.tenant, after, page);
        if (calls.empty()) co_return report;
        for (const auto& call : calls) {
            after = call.call;
            const auto copied = co_await copy_one(services, options, call);
            if (copied) {
                ++report.copied;
            } else if (copied.error().code == "storage.not_found") {
                ++report.missing;
            } else {
                ++report.refused[copied.error().code];
            }
        }
    }
}

} // namespace hs::pipeline
