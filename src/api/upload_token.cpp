#include "api/upload_token.hpp"

#include <algorithm>

namespace hs::api {

namespace {

constexpr std::size_t id_bytes = 16;
constexpr std::size_t number_bytes = 8;
constexpr std::size_t hash_bytes = 32;
constexpr std::size_t content_bytes = id_bytes + number_bytes + hash_bytes + number_bytes;

void append_number(Bytes& out, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(value >> static_cast<unsigned>(shift)));
}

std::uint64_t number_at(ByteView bytes, std::size_t at) {
    std::uint64_t value = 0;
    for (const auto byte : bytes.subspan(at, number_bytes))
        value = value << 8U | byte;
    return value;
}

Sha256 seal_of(const Key256& key, TenantId tenant, ByteView content) {
    const std::string_view purpose = "direct upload\n";
    Bytes message(purpose.begin(), purpose.end());
    message.insert(message.end(), tenant.value.bytes.begin(), tenant.value.bytes.end());
    message.insert(message.end(), content.begin(), content.end());
    return hmac_sha256(key, message);
}

} // namespace

std::string upload_token(const Key256& key, TenantId tenant, const DirectUpload& upload) {
    Bytes content(upload.id.value.bytes.begin(), upload.id.value.bytes.end());
    append_number(content, upload.size);
    content.insert(content.end(), upload.sha256.begin(), upload.sha256.end());
    append_number(content,
                  static_cast<std::uint64_t>(upload.complete_until.time_since_epoch().count()));
    const auto seal = seal_of(key, tenant, content);
    content.insert(content.end(), seal.begin(), seal.end());
    return base64url(content);
}

std::optional<DirectUpload>
read_upload_token(const Key256& key, TenantId tenant, std::string_view token) {
    const auto bytes = parse_base64url(token);
    if (!bytes || bytes->size() != content_bytes + hash_bytes) return std::nullopt;
    const auto content = ByteView(*bytes).first(content_bytes);
    if (!equal_constant_time(seal_of(key, tenant, content), ByteView(*bytes).last(hash_bytes)))
        return std::nullopt;
    DirectUpload upload;
    std::ranges::copy(content.first(id_bytes), upload.id.value.bytes.begin());
    upload.size = number_at(content, id_bytes);
    std::ranges::copy(content.subspan(id_bytes + number_bytes, hash_bytes), upload.sha256.begin());
    upload.complete_until = Time(std::chrono::microseconds(
        static_cast<std::int64_t>(number_at(content, content_bytes - number_bytes))));
    return upload;
}

} // namespace hs::api
