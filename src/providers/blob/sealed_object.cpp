#include "providers/blob/sealed_object.hpp"

#include <algorithm>

namespace hs::providers {

namespace {

std::unexpected<Error> corrupt(const char* message) {
    return fail(ErrorKind::internal, "storage.corrupt", message);
}

} // namespace

Bytes seal_object(const BlobKey& key, const TenantKey& tenant_key, ByteView plain) {
    ObjectHeader header{.data_key = {}, .facts = {plain.size(), sha256(plain)}};
    random_bytes(header.data_key);
    auto out = seal_object_header(key, tenant_key, header);
    const ChunkSeal chunks(key, header);
    Bytes sealed;
    for (std::uint64_t number = 0; number < chunk_count(plain.size()); ++number) {
        const auto start = number * chunk_bytes;
        chunks.seal(
            number, plain.subspan(start, std::min(chunk_bytes, plain.size() - start)), sealed);
        out.insert(out.end(), sealed.begin(), sealed.end());
    }
    return out;
}

Result<Bytes> open_object(const BlobKey& key, const TenantKey& tenant_key, ByteView sealed) {
    TRY(const auto header, open_object_header(key, tenant_key, sealed));
    const auto size = header.facts.size;
    if (sealed.size() != object_file_size(size))
        return corrupt("object has another length than it was given");
    const ChunkSeal chunks(key, header);
    Bytes out;
    Bytes plain;
    for (std::uint64_t number = 0; number < chunk_count(size); ++number) {
        const auto length = std::min(chunk_bytes, size - number * chunk_bytes) + tag_bytes;
        TRY_VOID(chunks.open(number, sealed.subspan(chunk_offset(number), length), plain));
        out.insert(out.end(), plain.begin(), plain.end());
    }
    if (sha256(out) != header.facts.sha256) return corrupt("object has another hash");
    return out;
}

} // namespace hs::providers
