/// Small objects sealed whole in memory: the format of the local store for stores that are no disk.
#pragma once

#include "providers/blob/object_format.hpp"

namespace hs::providers {

[[nodiscard]] Bytes seal_object(const BlobKey& key, const TenantKey& tenant_key, ByteView plain);

/// Errors: internal "storage.corrupt".
[[nodiscard]] Result<Bytes>
open_object(const BlobKey& key, const TenantKey& tenant_key, ByteView sealed);

} // namespace hs::providers
