#include "base/rsa_signature.hpp"

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace hs {

namespace {

constexpr int least_bits = 2048;

template <auto release>
struct Release {
    template <typename T>
    void operator()(T* object) const {
        release(object);
    }
};

using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Pkey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;

std::unexpected<Error> bad_key() {
    return fail(ErrorKind::invalid, "key.invalid", "not an RSA private key of 2048 bits or more");
}

/// A key behind a passphrase is refused, not asked for at the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

} // namespace

Result<Bytes> sign_rs256(const Secret& private_key, std::string_view text) {
    const auto pem = private_key.reveal();
    const Bio source(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    const Pkey key(PEM_read_bio_PrivateKey(source.get(), nullptr, no_passphrase, nullptr));
    if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA ||
        EVP_PKEY_bits(key.get()) < least_bits)
        return bad_key();
    const Digest digest(EVP_MD_CTX_new());
    const auto message = bytes_of(text);
    std::size_t size = 0;
    if (EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
        EVP_DigestSign(digest.get(), nullptr, &size, message.data(), message.size()) != 1)
        return bad_key();
    Bytes signature(size);
    if (EVP_DigestSign(digest.get(), signature.data(), &size, message.data(), message.size()) != 1)
        return bad_key();
    signature.resize(size);
    return signature;
}

} // namespace hs
