#include "providers/blob/object_format.hpp"

#include <algorithm>
#include <array>

namespace hs::providers {

namespace {

constexpr std::array<std::uint8_t, 5> magic_and_version{'H', 'S', 'O', 'B', 1};
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t prefix_bytes = magic_and_version.size() + 4;
constexpr std::size_t wrapped_bytes = 32 + tag_bytes;
constexpr std::size_t metadata_bytes = 8 + 32;

template <typename Number>
void append_number(Bytes& out, Number value) {
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(value >> shift));
}

void append(Bytes& out, ByteView bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

/// What every part of an object authenticates: where it belongs and which part it is.
Bytes place_of(const BlobKey& key) {
    Bytes out;
    append(out, key.tenant.value.bytes);
    append(out, key.call.value.bytes);
    append_number(out, static_cast<std::uint32_t>(key.variant.size()));
    append(out, bytes_of(key.variant));
    return out;
}

Bytes part_of(const BlobKey& key, std::string_view part, ByteView prefix) {
    Bytes out = place_of(key);
    append(out, bytes_of(part));
    append(out, prefix);
    return out;
}

std::array<std::uint8_t, nonce_bytes> chunk_nonce(std::uint64_t number) {
    std::array<std::uint8_t, nonce_bytes> out{};
    for (std::size_t i = 0; i < 8; ++i)
        out[nonce_bytes - 1 - i] = static_cast<std::uint8_t>(number >> (8 * i));
    return out;
}

/// Lies outside the numbers of chunks, whose first four bytes are zero.
constexpr std::array<std::uint8_t, nonce_bytes> metadata_nonce{0xFF};

std::unexpected<Error> corrupt(const char* message) {
    return fail(ErrorKind::internal, "storage.corrupt", message);
}

} // namespace

std::uint64_t chunk_count(std::uint64_t plain_size) {
    return std::max<std::uint64_t>(1, (plain_size + chunk_bytes - 1) / chunk_bytes);
}

std::uint64_t object_file_size(std::uint64_t plain_size) {
    return object_header_bytes + plain_size + chunk_count(plain_size) * tag_bytes;
}

std::uint64_t chunk_offset(std::uint64_t number) {
    return object_header_bytes + number * (chunk_bytes + tag_bytes);
}

Bytes seal_object_header(const BlobKey& key,
                         const TenantKey& tenant_key,
                         const ObjectHeader& header) {
    Bytes out(magic_and_version.begin(), magic_and_version.end());
    append_number(out, tenant_key.id);
    const Bytes prefix = out;
    std::array<std::uint8_t, nonce_bytes> nonce{};
    random_bytes(nonce);
    append(out, nonce);
    Bytes sealed;
    aes_gcm_seal(tenant_key.key, nonce, part_of(key, "data-key", prefix), header.data_key, sealed);
    append(out, sealed);
    Bytes metadata;
    append_number(metadata, header.facts.size);
    append(metadata, header.facts.sha256);
    aes_gcm_seal(
        header.data_key, metadata_nonce, part_of(key, "metadata", prefix), metadata, sealed);
    append(out, sealed);
    return out;
}

Result<ObjectHeader>
open_object_header(const BlobKey& key, const TenantKey& tenant_key, ByteView bytes) {
    if (bytes.size() < object_header_bytes ||
        !std::ranges::equal(bytes.first(magic_and_version.size()), magic_and_version))
        return corrupt("object has no header");
    const auto prefix = bytes.first(prefix_bytes);
    Bytes expected(magic_and_version.begin(), magic_and_version.end());
    append_number(expected, tenant_key.id);
    if (!std::ranges::equal(prefix, expected)) return corrupt("object is sealed under another key");
    const auto nonce = bytes.subspan(prefix_bytes, nonce_bytes);
    const auto wrapped = bytes.subspan(prefix_bytes + nonce_bytes, wrapped_bytes);
    const auto sealed =
        bytes.subspan(prefix_bytes + nonce_bytes + wrapped_bytes, metadata_bytes + tag_bytes);
    Bytes data_key;
    if (!aes_gcm_open(tenant_key.key, nonce, part_of(key, "data-key", prefix), wrapped, data_key))
        return corrupt("object's key does not open");
    ObjectHeader header;
    std::ranges::copy(data_key, header.data_key.begin());
    Bytes metadata;
    if (!aes_gcm_open(
            header.data_key, metadata_nonce, part_of(key, "metadata", prefix), sealed, metadata))
        return corrupt("object's metadata does not verify");
    for (std::size_t i = 0; i < 8; ++i)
        header.facts.size = header.facts.size << 8 | metadata[i];
    std::ranges::copy(ByteView(metadata).subspan(8), header.facts.sha256.begin());
    return header;
}

ChunkSeal::ChunkSeal(const BlobKey& key, const ObjectHeader& header)
    : place_(place_of(key)), data_key_(header.data_key), chunks_(chunk_count(header.facts.size)) {}

Bytes ChunkSeal::associated(std::uint64_t number) const {
    Bytes out = place_;
    append(out, bytes_of("chunk"));
    append_number(out, number);
    out.push_back(number + 1 == chunks_ ? 1 : 0);
    return out;
}

void ChunkSeal::seal(std::uint64_t number, ByteView plain, Bytes& out) const {
    aes_gcm_seal(data_key_, chunk_nonce(number), associated(number), plain, out);
}

Result<void> ChunkSeal::open(std::uint64_t number, ByteView sealed, Bytes& out) const {
    if (!aes_gcm_open(data_key_, chunk_nonce(number), associated(number), sealed, out))
        return corrupt("object does not verify");
    return {};
}

} // namespace hs::providers
