/// Builds the store for recordings that the configuration names.
#pragma once

#include <memory>

#include "app/config.hpp"
#include "base/blocking_http.hpp"
#include "base/log.hpp"
#include "base/master_key.hpp"
#include "providers/blob/s3_store.hpp"
#include "providers/blob/two_stores.hpp"

namespace hs::app {

/// A client of the configured bucket, and what it lives on.
class BucketAccess {
public:
    BucketAccess(const Config& config, const Clock& clock);

    [[nodiscard]] const std::shared_ptr<providers::S3Client>& client() const { return client_; }

private:
    std::shared_ptr<BlockingHttp> http_;
    std::shared_ptr<providers::S3Client> client_;
};

struct ObjectStores {
    std::unique_ptr<providers::BlobStore> store;
    providers::TwoStores* both = nullptr; // `store`, when there is a bucket
};

/// The store for new recordings, with the other one behind it when there is a bucket. Tries the
/// bucket: what an operator has to put right (keys, name, address) is an error; a service that does
/// not answer now is told to the log, and found again later.
[[nodiscard]] Result<ObjectStores>
open_object_store(const Config& config, const MasterKey& keys, const Clock& clock, const Log& log);

} // namespace hs::app
