#include "providers/blob/s3_store.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <unistd.h>

#include "base/text.hpp"
#include "providers/blob/directory.hpp"
#include "providers/blob/s3_listing.hpp"
#include "providers/blob/s3_writes.hpp"
#include "providers/blob/sealed_object.hpp"

namespace hs::providers {

namespace {

constexpr std::uint64_t piece_bytes = 8U << 20U;
constexpr std::size_t form_limit = 1U << 20U;
constexpr std::string_view quarantine_folder = "quarantine/";
constexpr std::string_view staged_folder = "uploads/";

std::unexpected<Error> corrupt(const char* message) {
    return fail(ErrorKind::internal, "storage.corrupt", message);
}

std::unexpected<Error> out_of_range() {
    return fail(ErrorKind::invalid, "storage.range", "range lies outside of the object");
}

bool sealed_by_us(const BlobKey& key) {
    return key.variant == "form";
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (trouble != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<Sha256> hash_in(const InboundReply& reply) {
    const auto bytes = parse_hex(reply.header(hash_header).value_or(""));
    Sha256 out{};
    if (!bytes || bytes->size() != out.size()) return std::nullopt;
    std::ranges::copy(*bytes, out.begin());
    return out;
}

/// Fails when the source is not what was announced: before anything is sent.
Result<void> check_source(const NewBlob& object) {
    Hasher hasher;
    Bytes buffer;
    for (std::uint64_t done = 0; done < object.size; done += buffer.size()) {
        buffer.resize(std::min(std::uint64_t{1U << 20U}, object.size - done));
        if (!read_exactly(object.fd, done, buffer))
            return corrupt("source is shorter than announced");
        hasher.update(buffer);
    }
    if (hasher.finish() != object.sha256) return corrupt("source has another hash than announced");
    return {};
}

} // namespace

struct S3Store::Facts {
    BlobStat stat;
    std::string tag;
};

S3Store::S3Store(std::shared_ptr<S3Client> client,
                 std::filesystem::path spool,
                 TenantKeys keys,
                 const Clock& clock)
    : client_(std::move(client)), spool_(std::move(spool)), keys_(std::move(keys)), clock_(clock) {}

Error S3Store::error_of(const InboundReply& reply) const {
    return s3_error(reply, clock_.now());
}

Result<TenantKey> S3Store::key_of(TenantId tenant) const {
    TRY(const auto key, keys_(tenant));
    return TenantKey{key.first, key.second};
}

Result<void> S3Store::probe() {
    const BlobKey key{{}, {}, "probe", "probe/" + Uuid::random().str()};
    const std::string text = "a probe of the object store";
    S3Write write{.path = key.path,
                  .body = text,
                  .size = text.size(),
                  .sent_sha256 = sha256(bytes_of(text)),
                  .plain_sha256 = sha256(bytes_of(text))};
    write.only_if_absent = false;
    TRY_VOID(write_object(*client_, write, clock_));
    write.only_if_absent = true;
    const auto again = write_object(*client_, write, clock_);
    conditional_writes_ = again && *again == S3Written::exists_already;
    const auto part = piece(key, 2, 5, "");
    TRY_VOID(remove(key));
    if (!part) return std::unexpected(part.error());
    if (!std::ranges::equal(*part, bytes_of(text).subspan(2, 5)))
        return corrupt("the object store does not give back what it was given");
    return {};
}

Result<void> S3Store::put(std::span<const NewBlob> objects) {
    for (const auto& object : objects) {
        TRY_VOID(check_path(object.key.path));
        TRY_VOID(check_source(object));
    }
    for (const auto& object : objects)
        TRY_VOID(put_one(object));
    return {};
}

Result<void> S3Store::put_one(const NewBlob& object) {
    S3Write write{.path = object.key.path,
                  .fd = object.fd,
                  .size = object.size,
                  .sent_sha256 = object.sha256,
                  .plain_sha256 = object.sha256};
    if (sealed_by_us(object.key)) {
        Bytes plain(object.size);
        if (object.size > form_limit || !read_exactly(object.fd, 0, plain))
            return corrupt("a form of this size is none");
        TRY(const auto tenant, key_of(object.key.tenant));
        const auto sealed = seal_object(object.key, tenant, plain);
        write.body.assign(sealed.begin(), sealed.end());
        write.fd = -1;
        write.size = sealed.size();
        write.sent_sha256 = sha256(sealed);
    }
    write.only_if_absent = conditional_writes_;
    if (!write.only_if_absent) {
        // The name holds the hash, so whoever comes between writes the same bytes.
        const auto present = stat(object.key);
        if (present || present.error().code != "storage.not_found") return confirm(object);
    }
    TRY_VOID(write_object(*client_, write, clock_));
    return confirm(object);
}

/// What is there now has to be what was to be stored.
Result<void> S3Store::confirm(const NewBlob& object) {
    TRY(const auto present, stat(object.key));
    if (present.size != object.size || present.sha256 != object.sha256)
        return fail(ErrorKind::conflict, "storage.conflict", "another object has this name");
    return {};
}

Result<S3Store::Facts> S3Store::head(const std::string& path) {
    S3Request request;
    request.method = "HEAD";
    request.path = path;
    request.headers = {{"x-amz-checksum-mode", "ENABLED"}};
    TRY(const auto reply, client_->send(request));
    if (reply.status != 200) return std::unexpected(error_of(reply));
    const auto size = number(reply.header("content-length").value_or(""));
    const auto hash = hash_in(reply);
    if (!size || !hash) return corrupt("the object does not tell its length and hash");
    // The service's own checksum, when it keeps one of the whole object.
    const auto checksum = reply.header("x-amz-checksum-sha256");
    if (checksum && checksum->find('-') == std::string::npos && *checksum != base64(*hash))
        return corrupt("the object's checksum is not the one it was given");
    return Facts{{*size, *hash}, reply.header("etag").value_or("")};
}

Result<Bytes> S3Store::sealed_bytes(const BlobKey& key) {
    TRY(const auto tenant, key_of(key.tenant));
    S3Request request;
    request.path = key.path;
    request.max_reply_bytes = form_limit + object_file_size(0);
    TRY(const auto reply, client_->send(request));
    if (reply.status != 200) return std::unexpected(error_of(reply));
    return open_object(key, tenant, bytes_of(reply.body));
}

Result<BlobStat> S3Store::stat(const BlobKey& key) {
    TRY_VOID(check_path(key.path));
    if (sealed_by_us(key)) {
        TRY(const auto plain, sealed_bytes(key));
        return BlobStat{plain.size(), sha256(plain)};
    }
    TRY(const auto facts, head(key.path));
    return facts.stat;
}

/// One range in one request. `tag`: the object must still be this one; empty: any.
Result<Bytes> S3Store::piece(const BlobKey& key,
                             std::uint64_t offset,
                             std::uint64_t length,
                             const std::string& tag) {
    S3Request request;
    request.path = key.path;
    request.headers = {{"Range", fmt::format("bytes={}-{}", offset, offset + length - 1)}};
    if (!tag.empty()) request.headers.emplace_back("If-Match", tag);
    request.max_reply_bytes = length + (64U << 10U);
    TRY(const auto reply, client_->send(request));
    if (reply.status == 416) return out_of_range();
    if (reply.status != 206) return std::unexpected(error_of(reply));
    const auto range = reply.header("content-range").value_or("");
    const auto total = number(std::string_view(range).substr(range.rfind('/') + 1));
    if (!range.starts_with(fmt::format("bytes {}-", offset)) || !total)
        return fail(ErrorKind::upstream, "storage.reply", "the reply holds another range");
    if (offset + length > *total) return out_of_range();
    if (reply.body.size() != length) return corrupt("object is cut short");
    const auto bytes = bytes_of(reply.body);
    if (length == *total) {
        const auto hash = hash_in(reply);
        if (hash && *hash != sha256(bytes)) return corrupt("object has another hash");
    }
    return Bytes(bytes.begin(), bytes.end());
}

Result<Bytes> S3Store::read(const BlobKey& key, std::uint64_t offset, std::uint64_t length) {
    TRY_VOID(check_path(key.path));
    if (offset + length < offset) return out_of_range();
    if (sealed_by_us(key)) {
        TRY(const auto plain, sealed_bytes(key));
        if (offset + length > plain.size()) return out_of_range();
        const auto part = ByteView(plain).subspan(offset, length);
        return Bytes(part.begin(), part.end());
    }
    if (length == 0) {
        TRY(const auto facts, head(key.path));
        if (offset > facts.stat.size) return out_of_range();
        return Bytes{};
    }
    Bytes out;
    while (out.size() < length) {
        const auto next = std::min<std::uint64_t>(piece_bytes, length - out.size());
        TRY(const auto bytes, piece(key, offset + out.size(), next, ""));
        out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return out;
}

Result<Fd> S3Store::fetch(const BlobKey& key) {
    TRY_VOID(check_path(key.path));
    TRY(Fd out, open_unnamed(spool_));
    if (sealed_by_us(key)) {
        TRY(const auto plain, sealed_bytes(key));
        TRY_VOID(write_all(out.get(), plain));
    } else {
        TRY(const auto facts, head(key.path));
        Hasher hasher;
        for (std::uint64_t at = 0; at < facts.stat.size;) {
            const auto next = std::min<std::uint64_t>(piece_bytes, facts.stat.size - at);
            TRY(const auto bytes, piece(key, at, next, facts.tag));
            hasher.update(bytes);
            TRY_VOID(write_all(out.get(), bytes));
            at += next;
        }
        if (hasher.finish() != facts.stat.sha256) return corrupt("object has another hash");
    }
    if (::lseek(out.get(), 0, SEEK_SET) != 0) return system_error(errno);
    return out;
}

Result<void> S3Store::remove(const BlobKey& key) {
    TRY_VOID(check_path(key.path));
    return remove_all_versions(*client_, key.path, clock_);
}

Result<std::vector<std::string>>
S3Store::list(const std::string& prefix, const std::string& after, std::size_t limit) {
    std::vector<std::string> out;
    auto position = after;
    while (out.size() < limit) {
        TRY(const auto page, list_page(*client_, {prefix, position, limit - out.size()}, clock_));
        for (const auto& path : page.paths) {
            const bool ours = !path.starts_with(quarantine_folder) && check_path(path);
            if (ours) out.push_back(path);
        }
        if (!page.more || page.last.empty()) break;
        position = page.last;
    }
    return out;
}

Result<void> S3Store::quarantine(const std::string& path) {
    TRY_VOID(check_path(path));
    TRY_VOID(copy_object(*client_, path, std::string(quarantine_folder) + path, clock_));
    return remove_all_versions(*client_, path, clock_);
}

std::size_t S3Store::remove_leftovers(std::chrono::seconds older_than) {
    const auto uploads = unfinished_uploads(*client_, clock_);
    if (!uploads) return 0;
    std::size_t removed = 0;
    for (const auto& upload : *uploads) {
        if (clock_.now() - upload.begun < older_than) continue;
        abort_upload(*client_, upload.path, upload.id);
        ++removed;
    }
    return removed + remove_staged(older_than + std::chrono::days(1));
}

std::size_t S3Store::remove_staged(std::chrono::seconds older_than) {
    std::size_t removed = 0;
    S3PageRequest wanted{.prefix = std::string(staged_folder)};
    for (;;) {
        const auto page = list_page(*client_, wanted, clock_);
        if (!page) return removed;
        for (std::size_t i = 0; i < page->paths.size(); ++i) {
            if (clock_.now() - page->modified[i] < older_than) continue;
            removed += remove_all_versions(*client_, page->paths[i], clock_) ? 1 : 0;
        }
        if (!page->more || page->last.empty()) return removed;
        wanted.after = page->last;
    }
}

std::string S3Store::locator(const BlobKey& key) const {
    return fmt::format("s3://{}/{}", client_->config().bucket, client_->key_of(key.path));
}

Result<std::optional<std::string>> S3Store::link_to_read(const BlobKey& key,
                                                         std::chrono::seconds lifetime,
                                                         const std::string& content_type) {
    TRY_VOID(check_path(key.path));
    if (sealed_by_us(key)) return std::nullopt;
    S3Request request;
    request.path = key.path;
    request.query = {{"response-content-type", content_type},
                     {"response-content-disposition", "attachment"}};
    TRY(auto link, client_->sign(request, lifetime));
    return std::move(link.url);
}

Result<std::optional<SignedRequest>> S3Store::link_to_write(const ExpectedBlob& object,
                                                            std::chrono::seconds lifetime) {
    TRY_VOID(check_path(object.key.path));
    if (sealed_by_us(object.key)) return std::nullopt;
    S3Request request;
    request.method = "PUT";
    request.path = object.key.path;
    request.headers = write_headers(client_->config(), object.sha256, object.content_type);
    request.headers.emplace_back("Content-Length", fmt::format("{}", object.size));
    request.headers.emplace_back("x-amz-checksum-sha256", base64(object.sha256));
    TRY(auto link, client_->sign(request, lifetime));
    return link;
}

} // namespace hs::providers
