#include <algorithm>

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "base/secret.hpp"

using namespace hs;

namespace {

Key256 key_of(std::uint8_t first) {
    Key256 key{};
    for (std::size_t i = 0; i < key.size(); ++i)
        key[i] = static_cast<std::uint8_t>(first + i);
    return key;
}

Bytes from_hex(std::string_view text) {
    return parse_hex(text).value();
}

} // namespace

TEST(Encoding, RoundTrips) {
    Bytes bytes;
    for (int i = 0; i < 70; ++i) {
        EXPECT_EQ(parse_hex(hex(bytes)), bytes);
        EXPECT_EQ(parse_base64url(base64url(bytes)), bytes);
        bytes.push_back(static_cast<std::uint8_t>(255 - i * 3));
    }
    EXPECT_EQ(base64(bytes_of("foobar")), "Zm9vYmFy");
    EXPECT_EQ(base64(bytes_of("fooba")), "Zm9vYmE=");
    EXPECT_EQ(base64(bytes_of("foob")), "Zm9vYg==");
    EXPECT_EQ(base64url(from_hex("fbff")), "-_8");
}

TEST(Encoding, RefusesForeignText) {
    EXPECT_FALSE(parse_hex("0"));
    EXPECT_FALSE(parse_hex("0g"));
    EXPECT_FALSE(parse_base64url("Zm9v+"));
    EXPECT_FALSE(parse_base64url("Zg=="));
    EXPECT_FALSE(parse_base64url("Z"));
    EXPECT_FALSE(parse_base64url("Zh")) << "left-over bits set: a second spelling of the same byte";
}

TEST(Hash, KnownAnswers) {
    EXPECT_EQ(sha256_hex("abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // RFC 4231, case 2.
    EXPECT_EQ(hex(hmac_sha256(bytes_of("Jefe"), bytes_of("what do ya want for nothing?"))),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac_sha256({}, {})),
              "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hash, StreamEqualsWhole) {
    Hasher hasher;
    hasher.update(bytes_of("a"));
    hasher.update({});
    hasher.update(bytes_of("bc"));
    EXPECT_EQ(hasher.finish(), sha256(bytes_of("abc")));
    hasher.update(bytes_of("x"));
    EXPECT_EQ(hasher.finish(), sha256(bytes_of("x"))) << "ready for the next stream";
}

TEST(Hash, HkdfSeparatesLabels) {
    const auto key = key_of(1);
    EXPECT_EQ(hkdf(key, "a"), hkdf(key, "a"));
    EXPECT_NE(hkdf(key, "a"), hkdf(key, "b"));
    EXPECT_NE(hkdf(key, "a"), hkdf(key_of(2), "a"));
}

TEST(Hash, ConstantTimeEquality) {
    EXPECT_TRUE(equal_constant_time(bytes_of("same"), bytes_of("same")));
    EXPECT_FALSE(equal_constant_time(bytes_of("same"), bytes_of("samf")));
    EXPECT_FALSE(equal_constant_time(bytes_of("same"), bytes_of("sam")));
    EXPECT_TRUE(equal_constant_time({}, {}));
}

TEST(AesGcm, KnownAnswer) {
    // The specification's test case 16 with associated data.
    Key256 key{};
    std::ranges::copy(from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
                      key.begin());
    const auto nonce = from_hex("cafebabefacedbaddecaf888");
    const auto associated = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    const auto plain = from_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c"
                                "3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
    Bytes sealed;
    aes_gcm_seal(key, nonce, associated, plain, sealed);
    EXPECT_EQ(hex(sealed),
              "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b0"
              "8b1056828838c5f61e6393ba7a0abcc9f662"
              "76fc6ece0f4e1768cddf8853bb2d551b");
    Bytes opened;
    ASSERT_TRUE(aes_gcm_open(key, nonce, associated, sealed, opened));
    EXPECT_EQ(opened, plain);
}

TEST(AesGcm, EveryFlippedBitIsNoticed) {
    const auto key = key_of(9);
    const Bytes nonce(12, 7);
    Bytes sealed;
    aes_gcm_seal(key, nonce, bytes_of("where"), bytes_of("what"), sealed);
    Bytes out;
    for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
        auto changed = sealed;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ (1u << bit % 8));
        const auto opened = aes_gcm_open(key, nonce, bytes_of("where"), changed, out);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().code, "crypto.tampered");
        EXPECT_TRUE(out.empty());
    }
    EXPECT_FALSE(aes_gcm_open(key, nonce, bytes_of("there"), sealed, out));
    EXPECT_FALSE(aes_gcm_open(key, nonce, bytes_of("where"), {}, out));
}

TEST(AesGcm, EmptyTextIsSealedToo) {
    const Bytes nonce(12, 1);
    Bytes sealed;
    aes_gcm_seal(key_of(1), nonce, {}, {}, sealed);
    EXPECT_EQ(sealed.size(), 16u);
    Bytes out;
    EXPECT_TRUE(aes_gcm_open(key_of(1), nonce, {}, sealed, out));
    sealed[3] ^= 1;
    EXPECT_FALSE(aes_gcm_open(key_of(1), nonce, {}, sealed, out));
}

TEST(SealField, OpensOnlyInItsPlace) {
    const auto key = key_of(3);
    const auto sealed = seal_field(key, 5, "calls.customer_name", "Asha");
    EXPECT_EQ(open_field(key, "calls.customer_name", sealed), "Asha");
    EXPECT_FALSE(open_field(key, "calls.customer_phone", sealed));
    EXPECT_FALSE(open_field(key_of(4), "calls.customer_name", sealed));
    auto other_id = sealed;
    other_id[4] ^= 1;
    EXPECT_FALSE(open_field(key, "calls.customer_name", other_id));
    EXPECT_FALSE(open_field(key, "calls.customer_name", ByteView(sealed).first(20)));
    EXPECT_NE(seal_field(key, 5, "calls.customer_name", "Asha"), sealed) << "nonces are random";
}

TEST(Secret, RevealsAndMoves) {
    Secret secret(std::string("hush"));
    const Secret copy = secret;
    const Secret moved = std::move(secret);
    EXPECT_EQ(copy.reveal(), "hush");
    EXPECT_EQ(moved.reveal(), "hush");
    EXPECT_TRUE(Secret().empty());
}
