/// What a bucket holds: objects, their versions, uploads in parts; and moving or removing them.
#pragma once

#include <string>
#include <vector>

#include "providers/blob/s3_client.hpp"

namespace hs::providers {

struct S3PageRequest {
    std::string prefix; // of paths
    std::string after{};
    std::size_t limit = 1000;
};

struct S3Page {
    std::vector<std::string> paths; // in order, without the bucket's prefix
    std::vector<Time> modified;     // of each of them
    std::string last;               // where the next page begins; empty when this one holds nothing
    bool more = false;
};

[[nodiscard]] Result<S3Page>
list_page(S3Client& client, const S3PageRequest& wanted, const Clock& clock);

struct S3Upload {
    std::string path;
    std::string id;
    Time begun;
};

/// Uploads in parts that were neither finished nor given up.
[[nodiscard]] Result<std::vector<S3Upload>> unfinished_uploads(S3Client& client,
                                                               const Clock& clock);

/// Within the bucket, hash and encryption included. Errors: not_found "storage.not_found".
[[nodiscard]] Result<void>
copy_object(S3Client& client, const std::string& from, const std::string& to, const Clock& clock);

/// Idempotent. Where the service lists versions every one of them goes.
[[nodiscard]] Result<void>
remove_all_versions(S3Client& client, const std::string& path, const Clock& clock);

} // namespace hs::providers
