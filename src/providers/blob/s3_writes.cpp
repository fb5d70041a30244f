#include "providers/blob/s3_writes.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/files.hpp"
#include "providers/blob/xml.hpp"

namespace hs::providers {

namespace {

constexpr std::uint64_t most_parts = 10000;
constexpr std::size_t hash_buffer = 1U << 20U;

struct Part {
    std::string tag;
    std::string checksum;
};

std::unexpected<Error> odd_reply() {
    return fail(ErrorKind::upstream, "storage.reply", "the object store's reply lacks something");
}

Result<Sha256> hash_of_range(int fd, std::uint64_t offset, std::uint64_t length) {
    Hasher hasher;
    Bytes buffer;
    for (std::uint64_t done = 0; done < length;) {
        buffer.resize(std::min<std::uint64_t>(hash_buffer, length - done));
        if (!read_exactly(fd, offset + done, buffer))
            return fail(ErrorKind::internal, "storage.corrupt", "source is shorter than announced");
        hasher.update(buffer);
        done += buffer.size();
    }
    return hasher.finish();
}

Result<S3Written> written(const InboundReply& reply, const Clock& clock) {
    if (reply.status == 412) return S3Written::exists_already;
    if (reply.status < 200 || reply.status >= 300)
        return std::unexpected(s3_error(reply, clock.now()));
    return S3Written::stored;
}

Result<S3Written> write_whole(S3Client& client, const S3Write& object, const Clock& clock) {
    S3Request request;
    request.method = "PUT";
    request.path = object.path;
    request.headers =
        write_headers(client.config(), object.plain_sha256, "application/octet-stream");
    request.headers.emplace_back("x-amz-checksum-sha256", base64(object.sent_sha256));
    if (object.only_if_absent) request.headers.emplace_back("If-None-Match", "*");
    request.payload_hash = hex(object.sent_sha256);
    request.body = object.body;
    request.body_fd = object.fd;
    request.body_bytes = object.size;
    TRY(const auto reply, client.send(request));
    return written(reply, clock);
}

Result<std::string> open_upload(S3Client& client, const S3Write& object, const Clock& clock) {
    S3Request request;
    request.method = "POST";
    request.path = object.path;
    request.query = {{"uploads", ""}};
    request.headers =
        write_headers(client.config(), object.plain_sha256, "application/octet-stream");
    request.headers.emplace_back("x-amz-checksum-algorithm", "SHA256");
    TRY(const auto reply, client.send(request));
    if (reply.status != 200) return std::unexpected(s3_error(reply, clock.now()));
    TRY(const auto document, parse_xml(reply.body));
    auto id = document.child_text("UploadId");
    if (id.empty()) return odd_reply();
    return id;
}

Result<std::vector<Part>> send_parts(S3Client& client,
                                     const S3Write& object,
                                     const std::string& upload_id,
                                     const Clock& clock) {
    const auto least = (object.size + most_parts - 1) / most_parts;
    const auto part_bytes = std::max(client.config().part_bytes, least);
    std::vector<Part> parts;
    for (std::uint64_t offset = 0; offset < object.size; offset += part_bytes) {
        const auto length = std::min(part_bytes, object.size - offset);
        TRY(const auto hash, hash_of_range(object.fd, offset, length));
        S3Request request;
        request.method = "PUT";
        request.path = object.path;
        request.query = {{"partNumber", fmt::format("{}", parts.size() + 1)},
                         {"uploadId", upload_id}};
        request.headers = {{"x-amz-checksum-sha256", base64(hash)}};
        request.payload_hash = hex(hash);
        request.body_fd = object.fd;
        request.body_offset = offset;
        request.body_bytes = length;
        TRY(const auto reply, client.send(request));
        if (reply.status != 200) return std::unexpected(s3_error(reply, clock.now()));
        const auto tag = reply.header("etag");
        if (!tag) return odd_reply();
        parts.push_back({*tag, base64(hash)});
    }
    return parts;
}

std::string completion(const std::vector<Part>& parts, bool checksums) {
    std::string out = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < parts.size(); ++i) {
        out += fmt::format(
            "<Part><PartNumber>{}</PartNumber><ETag>{}</ETag>", i + 1, xml_escaped(parts[i].tag));
        if (checksums) out += fmt::format("<ChecksumSHA256>{}</ChecksumSHA256>", parts[i].checksum);
        out += "</Part>";
    }
    return out + "</CompleteMultipartUpload>";
}

Result<S3Written> complete(S3Client& client,
                           const S3Write& object,
                           const std::string& upload_id,
                           const std::vector<Part>& parts,
                           const Clock& clock) {
    S3Request request;
    request.method = "POST";
    request.path = object.path;
    request.query = {{"uploadId", upload_id}};
    request.headers = {{"Content-Type", "application/xml"}};
    if (object.only_if_absent) request.headers.emplace_back("If-None-Match", "*");
    request.body = completion(parts, true);
    TRY(const auto reply, client.send(request));
    // After a repeat whose first reply was lost, the upload is gone and the object is there.
    if (s3_error_code(reply) == "NoSuchUpload") return S3Written::exists_already;
    if (reply.status != 200) return written(reply, clock);
    // The service may find trouble after it has sent the status.
    TRY(const auto document, parse_xml(reply.body));
    if (document.name == "CompleteMultipartUploadResult") return S3Written::stored;
    return fail(ErrorKind::unavailable,
                "storage.unavailable",
                "the object store could not join the parts: " + document.child_text("Code"));
}

Result<S3Written> write_parts(S3Client& client, const S3Write& object, const Clock& clock) {
    TRY(const auto upload_id, open_upload(client, object, clock));
    const auto parts = send_parts(client, object, upload_id, clock);
    Result<S3Written> result = S3Written::stored;
    if (parts) {
        result = complete(client, object, upload_id, *parts, clock);
    } else {
        result = std::unexpected(parts.error());
    }
    if (!result || *result == S3Written::exists_already)
        abort_upload(client, object.path, upload_id);
    return result;
}

} // namespace

NamesAndValues
write_headers(const S3Config& config, const Sha256& plain_sha256, const std::string& content_type) {
    NamesAndValues headers{{"Content-Type", content_type}, {hash_header, hex(plain_sha256)}};
    if (!config.encryption.empty())
        headers.emplace_back("x-amz-server-side-encryption", config.encryption);
    if (config.encryption == "aws:kms" && !config.kms_key_id.empty()) {
        headers.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", config.kms_key_id);
    }
    return headers;
}

void abort_upload(S3Client& client, const std::string& path, const std::string& upload_id) {
    S3Request request;
    request.method = "DELETE";
    request.path = path;
    request.query = {{"uploadId", upload_id}};
    // What is left is removed with other leftovers, a day later.
    static_cast<void>(client.send(request));
}

Result<S3Written> write_object(S3Client& client, const S3Write& object, const Clock& clock) {
    const bool in_parts = object.fd >= 0 && object.size > client.config().multipart_above;
    return in_parts ? write_parts(client, object, clock) : write_whole(client, object, clock);
}

} // namespace hs::providers
