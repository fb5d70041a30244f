/// Hashes, MACs, sealing and randomness; all of it OpenSSL underneath.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hs {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Sha256 = std::array<std::uint8_t, 32>;
using Key256 = std::array<std::uint8_t, 32>;

[[nodiscard]] ByteView bytes_of(std::string_view text);
[[nodiscard]] std::string hex(ByteView bytes);
[[nodiscard]] std::optional<Bytes> parse_hex(std::string_view text);
[[nodiscard]] std::string base64(ByteView bytes);
[[nodiscard]] std::string base64url(ByteView bytes); ///< no padding
[[nodiscard]] std::optional<Bytes> parse_base64url(std::string_view text);

[[nodiscard]] Sha256 sha256(ByteView bytes);
[[nodiscard]] std::string sha256_hex(std::string_view text);
[[nodiscard]] Sha256 hmac_sha256(ByteView key, ByteView message);
[[nodiscard]] bool equal_constant_time(ByteView a, ByteView b);
void random_bytes(std::span<std::uint8_t> out);
[[nodiscard]] Key256 hkdf(const Key256& key, std::string_view label);

/// SHA-256 of a stream.
class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    void update(ByteView bytes);
    [[nodiscard]] Sha256 finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// AES-256-GCM. `nonce` 12 bytes, never twice with one key; output is ciphertext then 16-byte tag.
void aes_gcm_seal(
    const Key256& key, ByteView nonce, ByteView associated, ByteView plain, Bytes& out);
/// Errors: internal "crypto.tampered" when the tag does not fit.
[[nodiscard]] Result<void>
aes_gcm_open(const Key256& key, ByteView nonce, ByteView associated, ByteView sealed, Bytes& out);

/// Small values (a name, a phone number) sealed for a database column:
/// version 1 byte, key id 4 bytes, random nonce 12 bytes, ciphertext, tag.
[[nodiscard]] Bytes seal_field(const Key256& key,
                               std::uint32_t key_id,
                               std::string_view context,
                               std::string_view plain);
[[nodiscard]] Result<std::string>
open_field(const Key256& key, std::string_view context, ByteView sealed);

} // namespace hs
