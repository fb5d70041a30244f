/// Tracks, recorded payloads and keys for the tests of the engines.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/files.hpp"
#include "providers/stt/google_account.hpp"
#include "providers/stt/speech_to_text.hpp"

namespace hs::test {

inline std::string recorded(const std::string& name) {
    return read_file(HS_SOURCE_DIR "/tests/golden/providers/" + name + ".json").value();
}

inline providers::SpeechTrack
quiet_track(std::string name, int length_ms, std::vector<Span> speech) {
    auto samples =
        std::make_shared<std::vector<std::int16_t>>(static_cast<std::size_t>(length_ms) * 16);
    return {std::move(name), std::move(samples), std::move(speech)};
}

/// A fresh RSA key in PEM, and its public half.
struct TestKey {
    EVP_PKEY* key = EVP_RSA_gen(2048);

    TestKey() = default;
    TestKey(const TestKey&) = delete;
    TestKey& operator=(const TestKey&) = delete;

    ~TestKey() { EVP_PKEY_free(key); }

    [[nodiscard]] std::string pem() const {
        BIO* out = BIO_new(BIO_s_mem());
        PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
        char* text = nullptr;
        const auto size = BIO_get_mem_data(out, &text);
        std::string pem(text, static_cast<std::size_t>(size));
        BIO_free(out);
        return pem;
    }

    [[nodiscard]] bool verifies(std::string_view text, ByteView signature) const {
        EVP_MD_CTX* digest = EVP_MD_CTX_new();
        const auto message = bytes_of(text);
        const bool good =
            EVP_DigestVerifyInit(digest, nullptr, EVP_sha256(), nullptr, key) == 1 &&
            EVP_DigestVerify(
                digest, signature.data(), signature.size(), message.data(), message.size()) == 1;
        EVP_MD_CTX_free(digest);
        return good;
    }
};

inline const TestKey& test_key() {
    static const TestKey key;
    return key;
}

inline providers::GoogleAccount test_account() {
    return {"ears@calls.example", "calls-project", "k1", Secret(test_key().pem())};
}

} // namespace hs::test
