/// Rules by which a bucket tidies itself. Rules that are not ours stay as they are.
#pragma once

#include <string>

#include "providers/blob/s3_client.hpp"

namespace hs::providers {

struct S3Lifecycle {
    int unfinished_days = 1; // uploads in parts
    int quarantine_days = 7; // objects that no row owned
    int staged_days = 2;     // uploads that were never completed
    int transition_days = 0; // recordings to a cheaper class; 0: never
    std::string storage_class = "STANDARD_IA";
    int expiry_days = 0; // recordings; 0: never
};

/// The document with our rules in place of our former ones. `present`: what the bucket has now,
/// empty for nothing. Errors: upstream "storage.reply" when that is no such document.
[[nodiscard]] Result<std::string>
lifecycle_document(const S3Lifecycle& rules, const std::string& prefix, const std::string& present);

/// What the bucket has now; empty for nothing.
[[nodiscard]] Result<std::string> read_lifecycle(S3Client& client, const Clock& clock);
[[nodiscard]] Result<void>
write_lifecycle(S3Client& client, const std::string& document, const Clock& clock);

} // namespace hs::providers
