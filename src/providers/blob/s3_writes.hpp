/// Writing one object to a bucket: in one request, or in parts above a size.
#pragma once

#include "providers/blob/s3_client.hpp"

namespace hs::providers {

/// Bytes on their way to a bucket, with the hash they are known to have.
struct S3Write {
    std::string path{};
    std::string body{}; // small objects
    int fd = -1;        // instead of body, from its start
    std::uint64_t size = 0;
    Sha256 sent_sha256{};  // of what is sent
    Sha256 plain_sha256{}; // of what it means: kept in the metadata
    bool only_if_absent = true;
};

enum class S3Written { stored, exists_already };

/// Errors: those of S3Client::send, of s3_error, and unavailable "storage.unavailable" when the
/// service lacks conditional writes (`status` 501): then write without `only_if_absent`.
[[nodiscard]] Result<S3Written>
write_object(S3Client& client, const S3Write& object, const Clock& clock);

/// Headers of a write: encryption, and the metadata that tells the plain hash.
[[nodiscard]] NamesAndValues
write_headers(const S3Config& config, const Sha256& plain_sha256, const std::string& content_type);

/// Ends an upload in parts and forgets those that have arrived. Best effort.
void abort_upload(S3Client& client, const std::string& path, const std::string& upload_id);

inline constexpr const char* hash_header = "x-amz-meta-sha256";

} // namespace hs::providers
