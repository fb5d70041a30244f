#include "base/crypto.hpp"

#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

namespace hs {

namespace {

constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t tag_bytes = 16;

/// OpenSSL fails here only without memory or with a broken installation.
void require(bool done, const char* what) {
    if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

int int_size(std::size_t size) {
    require(size <= static_cast<std::size_t>(std::numeric_limits<int>::max()), "input too long");
    return static_cast<int>(size);
}

struct CipherFree {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, CipherFree>;

Cipher new_cipher() {
    Cipher cipher(EVP_CIPHER_CTX_new());
    require(cipher != nullptr, "cipher context");
    return cipher;
}

} // namespace

Sha256 sha256(ByteView bytes) {
    Sha256 out{};
    unsigned size = 0;
    require(EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr) == 1,
            "digest");
    return out;
}

std::string sha256_hex(std::string_view text) {
    return hex(sha256(bytes_of(text)));
}

Sha256 hmac_sha256(ByteView key, ByteView message) {
    Sha256 out{};
    unsigned size = 0;
    const std::uint8_t empty = 0; // a null key pointer means something else to OpenSSL
    require(HMAC(EVP_sha256(),
                 key.empty() ? &empty : key.data(),
                 int_size(key.size()),
                 message.empty() ? &empty : message.data(),
                 message.size(),
                 out.data(),
                 &size) != nullptr,
            "hmac");
    return out;
}

bool equal_constant_time(ByteView a, ByteView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

void random_bytes(std::span<std::uint8_t> out) {
    require(RAND_bytes(out.data(), int_size(out.size())) == 1, "no randomness");
}

Key256 hkdf(const Key256& key, std::string_view label) {
    // RFC 5869 with SHA-256, salt of zeros; 32 bytes of output are exactly one expand step.
    const Sha256 salt{};
    const auto extracted = hmac_sha256(salt, key);
    Bytes info(label.begin(), label.end());
    info.push_back(1);
    return hmac_sha256(extracted, info);
}

struct Hasher::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();

    State() {
        require(context && EVP_DigestInit_ex(context, EVP_sha256(), nullptr) == 1, "digest");
    }

    State(const State&) = delete;
    State& operator=(const State&) = delete;

    ~State() { EVP_MD_CTX_free(context); }
};

Hasher::Hasher() : state_(std::make_unique<State>()) {}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

void Hasher::update(ByteView bytes) {
    require(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1, "digest");
}

Sha256 Hasher::finish() {
    Sha256 out{};
    unsigned size = 0;
    require(EVP_DigestFinal_ex(state_->context, out.data(), &size) == 1, "digest");
    require(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1, "digest");
    return out;
}

void aes_gcm_seal(
    const Key256& key, ByteView nonce, ByteView associated, ByteView plain, Bytes& out) {
    require(nonce.size() == nonce_bytes, "nonce size");
    const auto cipher = new_cipher();
    auto* context = cipher.get();
    const int plain_size = int_size(plain.size());
    out.resize(plain.size() + tag_bytes);
    int written = 0;
    require(
        EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, key.data(), nonce.data()) == 1 &&
            EVP_EncryptUpdate(
                context, nullptr, &written, associated.data(), int_size(associated.size())) == 1 &&
            EVP_EncryptUpdate(context, out.data(), &written, plain.data(), plain_size) == 1 &&
            EVP_EncryptFinal_ex(context, out.data() + written, &written) == 1 &&
            EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_GCM_GET_TAG, tag_bytes, out.data() + plain.size()) == 1,
        "seal");
}

Result<void>
aes_gcm_open(const Key256& key, ByteView nonce, ByteView associated, ByteView sealed, Bytes& out) {
    const auto tampered = [] {
        return fail(ErrorKind::internal, "crypto.tampered", "sealed data does not verify");
    };
    if (nonce.size() != nonce_bytes || sealed.size() < tag_bytes) return tampered();
    const auto cipher = new_cipher();
    auto* context = cipher.get();
    const auto plain_size = sealed.size() - tag_bytes;
    std::array<std::uint8_t, tag_bytes> tag{};
    std::memcpy(tag.data(), sealed.data() + plain_size, tag_bytes);
    out.resize(plain_size + 1); // never a null pointer, which OpenSSL takes for associated data
    int written = 0;
    require(
        EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nullptr, key.data(), nonce.data()) == 1 &&
            EVP_DecryptUpdate(
                context, nullptr, &written, associated.data(), int_size(associated.size())) == 1 &&
            EVP_DecryptUpdate(context, out.data(), &written, sealed.data(), int_size(plain_size)) ==
                1 &&
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1,
        "open");
    const bool verified = EVP_DecryptFinal_ex(context, out.data() + written, &written) == 1;
    out.resize(plain_size);
    if (verified) return {};
    OPENSSL_cleanse(out.data(), out.size()); // nobody may look at unverified bytes
    out.clear();
    return tampered();
}

namespace {

constexpr std::uint8_t field_version = 1;
constexpr std::size_t field_header = 1 + 4 + nonce_bytes;

/// The header is authenticated too, so that a value cannot be passed off as another key's.
Bytes field_associated(ByteView header, std::string_view context) {
    Bytes out(header.begin(), header.begin() + 5);
    out.insert(out.end(), context.begin(), context.end());
    return out;
}

} // namespace

Bytes seal_field(const Key256& key,
                 std::uint32_t key_id,
                 std::string_view context,
                 std::string_view plain) {
    Bytes out(field_header);
    out[0] = field_version;
    for (std::size_t i = 0; i < 4; ++i)
        out[1 + i] = static_cast<std::uint8_t>(key_id >> (24 - 8 * i));
    const auto nonce = std::span(out).subspan(5, nonce_bytes);
    random_bytes(nonce);
    Bytes sealed;
    aes_gcm_seal(key, nonce, field_associated(out, context), bytes_of(plain), sealed);
    out.insert(out.end(), sealed.begin(), sealed.end());
    return out;
}

Result<std::string> open_field(const Key256& key, std::string_view context, ByteView sealed) {
    if (sealed.size() < field_header + tag_bytes || sealed[0] != field_version)
        return fail(ErrorKind::internal, "crypto.tampered", "sealed field is malformed");
    Bytes plain;
    TRY_VOID(aes_gcm_open(key,
                          sealed.subspan(5, nonce_bytes),
                          field_associated(sealed, context),
                          sealed.subspan(field_header),
                          plain));
    return std::string(plain.begin(), plain.end());
}

} // namespace hs
