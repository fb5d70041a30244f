// What is peculiar to the store in a bucket: what it sends, and what it makes of trouble.
#include <gmock/gmock.h>

#include "providers/blob/s3_listing.hpp"
#include "providers/blob/s3_writes.hpp"
#include "providers/blob/store_fixture_for_test.hpp"

using namespace hs;
using namespace hs::providers;
using namespace std::chrono_literals;

namespace {

class S3StoreTest : public StoreTest {
protected:
    void start(std::vector<std::string> options = {}, S3Config config = {}) {
        options.insert(options.end(), {"--least-part", "1"});
        bench = std::make_unique<S3Bench>(std::move(options), std::move(config));
    }

    S3Store& store() { return *bench->store; }

    Result<void> put(const BlobKey& where, const Bytes& plain) {
        return StoreTest::put(store(), where, plain);
    }

    std::string put_code(const Bytes& plain) {
        const auto stored = put(key(), plain);
        return stored ? "stored" : stored.error().code;
    }

    json::object last_request(const std::string& method) {
        json::object found;
        const auto report = bench->server.report();
        for (const auto& request : report.at("requests").as_array())
            if (request.at("method").as_string() == method) found = request.as_object();
        return found;
    }

    /// A request by anybody, with nothing but an address.
    InboundReply by_address(const SignedRequest& link, std::string body = {}) {
        OutboundRequest request;
        request.method = link.method;
        request.url = link.url;
        request.headers = link.headers;
        std::erase_if(request.headers, [](const auto& h) { return h.first == "Content-Length"; });
        request.body = std::move(body);
        request.allow_private = true;
        return bench->http.send(request).value();
    }

    std::unique_ptr<S3Bench> bench;
};

} // namespace

TEST_F(S3StoreTest, SendsHashChecksumEncryptionAndCondition) {
    S3Config config;
    config.encryption = "aws:kms";
    config.kms_key_id = "arn:aws:kms:ap-south-1:1:key/k";
    start({}, config);
    const auto plain = noise(1000);
    ASSERT_TRUE(put(key(), plain));
    const auto sent = last_request("PUT").at("headers").as_object();
    EXPECT_EQ(sent.at("x-amz-content-sha256").as_string(), hex(sha256(plain)));
    EXPECT_EQ(sent.at("x-amz-checksum-sha256").as_string(), base64(sha256(plain)));
    EXPECT_EQ(sent.at("x-amz-server-side-encryption").as_string(), "aws:kms");
    EXPECT_EQ(sent.at("x-amz-server-side-encryption-aws-kms-key-id").as_string(),
              config.kms_key_id);
    EXPECT_EQ(sent.at("if-none-match").as_string(), "*");
    EXPECT_EQ(store().locator(key()), "s3://calls/" + key().path);
    EXPECT_GE(bench->server.requests_of("HEAD"), 1U) << "looked at after it was stored";
}

TEST_F(S3StoreTest, WrongSecretsAreRefused) {
    start();
    bench->keys.secret_access_key = Secret("another-secret");
    bench->open();
    EXPECT_EQ(put_code(noise(10)), "storage.denied");
    bench->keys = S3Bench::given_keys();
    bench->config.region = "us-east-1";
    bench->open();
    EXPECT_NE(put_code(noise(10)), "stored");
    EXPECT_TRUE(bench->server.report().at("objects").as_object().empty());
}

TEST_F(S3StoreTest, SessionTokensAreSigned) {
    start({"--token", "a/session+token=="});
    EXPECT_EQ(put_code(noise(10)), "storage.denied");
    bench->keys.session_token = Secret("a/session+token==");
    bench->open();
    const auto plain = noise(10);
    EXPECT_EQ(put_code(plain), "stored");
    const auto link = store().link_to_read(key(), 60s, "audio/wav");
    ASSERT_TRUE(link && *link);
    const auto reply = by_address({"GET", **link, {}});
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(Bytes(reply.body.begin(), reply.body.end()), plain);
}

TEST_F(S3StoreTest, BucketsInTheHostName) {
    start();
    bench->config.path_style = false;
    bench->config.endpoint = "http://s3.localhost:" + bench->server.port();
    bench->open();
    const auto plain = noise(100);
    ASSERT_EQ(put_code(plain), "stored");
    EXPECT_EQ(whole(store(), key(), plain), "same");
    const auto host = last_request("PUT").at("headers").at("host").as_string();
    EXPECT_EQ(host, "calls.s3.localhost:" + bench->server.port());
    EXPECT_EQ(store().list("", "", 10)->size(), 1U);
}

TEST_F(S3StoreTest, KeysWithBlanksAndLettersOfAllKindsAreSigned) {
    start();
    for (const std::string path :
         {"in/a b+c.wav", "in/\u0915\u0949\u0932 (1)&=%.wav", "in/~x'!*"}) {
        const std::string body = "bytes of " + path;
        const S3Write write{.path = path,
                            .body = body,
                            .size = body.size(),
                            .sent_sha256 = sha256(bytes_of(body)),
                            .plain_sha256 = sha256(bytes_of(body))};
        ASSERT_TRUE(write_object(*bench->client, write, bench->clock)) << path;
        S3Request get;
        get.path = path;
        EXPECT_EQ(bench->client->send(get)->body, body);
        get.query = {{"response-content-type", "audio/x y"}};
        const auto link = bench->client->sign(get, 60s);
        ASSERT_TRUE(link);
        EXPECT_EQ(by_address(*link).body, body);
        const auto page = list_page(*bench->client, {"in/", "", 10}, bench->clock);
        ASSERT_TRUE(page);
        EXPECT_THAT(page->paths, testing::Contains(path));
        ASSERT_TRUE(copy_object(*bench->client, path, "copy", bench->clock));
        ASSERT_TRUE(remove_all_versions(*bench->client, path, bench->clock));
        EXPECT_EQ(bench->client->send(get)->status, 404);
    }
}

TEST_F(S3StoreTest, LinksToReadCannotBeBent) {
    start();
    ASSERT_EQ(put_code(noise(50)), "stored");
    const auto link = store().link_to_read(key(), 60s, "audio/wav").value().value();
    const auto reply = by_address({"GET", link, {}});
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("content-type"), "audio/wav");
    EXPECT_EQ(reply.header("content-disposition"), "attachment");
    EXPECT_EQ(by_address({"GET", link, {{"Range", "bytes=0-9"}}}).status, 206);
    EXPECT_EQ(by_address({"DELETE", link, {}}).status, 403);
    EXPECT_EQ(by_address({"GET", link + "0", {}}).status, 403);
    auto other = link;
    other.replace(other.find("a.wav"), 5, "b.wav");
    EXPECT_EQ(by_address({"GET", other, {}}).status, 403);
    auto longer = link;
    longer.replace(longer.find("X-Amz-Expires=60"), 16, "X-Amz-Expires=99");
    EXPECT_EQ(by_address({"GET", longer, {}}).status, 403);
    EXPECT_EQ(store().link_to_read(key("a.form", "form"), 60s, "x").value(), std::nullopt);
}

TEST_F(S3StoreTest, LinksToWriteTakeExactlyWhatWasAnnounced) {
    start();
    const std::string body = "forty-four bytes of sound, or what stands f";
    const auto hash = sha256(bytes_of(body));
    const auto link =
        store().link_to_write({key(), body.size(), hash, "audio/wav"}, 60s).value().value();
    EXPECT_EQ(link.method, "PUT");
    EXPECT_EQ(by_address(link, body + "!").status, 403) << "another length";
    auto other = body;
    other[0] = 'F';
    EXPECT_EQ(by_address(link, other).status, 400) << "other bytes";
    auto bent = link;
    for (auto& [name, value] : bent.headers)
        if (name == "x-amz-meta-sha256") value = std::string(64, '0');
    EXPECT_EQ(by_address(bent, body).status, 403);
    auto added = link;
    added.headers.emplace_back("x-amz-acl", "public-read");
    EXPECT_EQ(by_address(added, body).status, 403);
    EXPECT_EQ(store().stat(key()).error().code, "storage.not_found");
    EXPECT_EQ(by_address(link, body).status, 200);
    EXPECT_EQ(store().stat(key())->sha256, hash);
    EXPECT_EQ(store().stat(key())->size, body.size());
}

TEST_F(S3StoreTest, PassingTroubleIsRepeated) {
    start();
    for (const std::string mood : {"slow_down", "internal", "lose_reply"}) {
        const auto where = key(mood + ".wav");
        const auto plain = noise(300);
        bench->server.mood(mood, 1, "PUT");
        ASSERT_TRUE(put(where, plain)) << mood;
        EXPECT_EQ(whole(store(), where, plain), "same");
    }
    const auto plain = noise(3000);
    ASSERT_TRUE(put(key(), plain));
    bench->server.mood("cut", 1, "GET");
    EXPECT_EQ(whole(store(), key(), plain), "same");
}

TEST_F(S3StoreTest, LastingTroubleIsAnErrorAndNoMoreRequests) {
    start();
    bench->server.mood("slow_down", 1000);
    EXPECT_EQ(put_code(noise(10)), "storage.unavailable");
    EXPECT_EQ(bench->server.requests_of("PUT"), 3U) << "two quick repeats";
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(put_code(noise(10)), "storage.unavailable");
    EXPECT_LE(bench->server.requests_of("PUT"), 21U + 11U) << "the budget of repeats is used up";
}

TEST_F(S3StoreTest, AFullServiceSaysSo) {
    start();
    bench->server.mood("full", 1, "PUT");
    EXPECT_EQ(put_code(noise(10)), "storage.full");
    EXPECT_EQ(bench->server.requests_of("PUT"), 1U);
}

TEST_F(S3StoreTest, AServiceThatHangsEndsInTime) {
    S3Config config;
    config.first_byte_limit = 150ms;
    start({}, config);
    bench->server.mood("hang", 10, "PUT");
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(put_code(noise(10)), "storage.unavailable");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(S3StoreTest, ExpiredCredentialsAreFetchedAgain) {
    start();
    bench->server.mood("expired_token", 1, "PUT");
    EXPECT_EQ(put_code(noise(10)), "stored");
    bench->server.mood("expired_token", 100);
    EXPECT_EQ(store().stat(key()).has_value(), false);
}

TEST_F(S3StoreTest, ChangedBytesAreNoticed) {
    start();
    const auto plain = noise(20000);
    ASSERT_TRUE(put(key(), plain));
    bench->server.mood("wrong_bytes", 1, "GET");
    EXPECT_EQ(whole(store(), key(), plain), "storage.corrupt") << "on the way";
    bench->server.corrupt(key().path);
    EXPECT_EQ(whole(store(), key(), plain), "storage.corrupt") << "where it lies";
    EXPECT_EQ(store().fetch(key()).error().code, "storage.corrupt");
}

TEST_F(S3StoreTest, LargeObjectsGoInParts) {
    S3Config config;
    config.multipart_above = 100000;
    config.part_bytes = 40000;
    start({}, config);
    const auto small = noise(100000);
    ASSERT_TRUE(put(key("small.wav"), small));
    const auto plain = noise(100001);
    bench->server.mood("internal", 1, "PUT"); // of one part only
    ASSERT_TRUE(put(key(), plain));
    EXPECT_EQ(whole(store(), key(), plain), "same");
    auto report = bench->server.report();
    auto& objects = report.at("objects").as_object();
    EXPECT_TRUE(objects.at(key().path).at("parts").as_bool());
    EXPECT_FALSE(objects.at(key("small.wav").path).at("parts").as_bool());
    EXPECT_EQ(report.at("uploads").as_int64(), 0);
    EXPECT_TRUE(put(key(), plain)) << "again is success";
    EXPECT_EQ(bench->server.report().at("uploads").as_int64(), 0) << "and leaves nothing behind";
    EXPECT_EQ(objects.at(key().path).at("meta").at("x-amz-server-side-encryption").as_string(),
              "AES256");
}

TEST_F(S3StoreTest, WhatFailsInPartsIsAborted) {
    S3Config config;
    config.multipart_above = 100000;
    config.part_bytes = 40000;
    start({}, config);
    bench->server.mood("internal", 3, "PUT");
    EXPECT_EQ(put_code(noise(200000)), "storage.unavailable");
    EXPECT_EQ(bench->server.report().at("uploads").as_int64(), 0);
    EXPECT_EQ(store().stat(key()).error().code, "storage.not_found");
    const auto plain = noise(200000);
    bench->server.mood("lose_reply", 1, "POST"); // of the request that joins the parts, or opens
    ASSERT_EQ(put_code(plain), "stored");
    EXPECT_EQ(whole(store(), key(), plain), "same");
}

TEST_F(S3StoreTest, UploadsThatNobodyWillFinishAreLeftovers) {
    start();
    S3Request open;
    open.method = "POST";
    open.path = "t/x";
    open.query = {{"uploads", ""}};
    ASSERT_EQ(bench->client->send(open)->status, 200);
    EXPECT_EQ(store().remove_leftovers(1h), 0U) << "somebody may still be sending";
    EXPECT_EQ(store().remove_leftovers(0s), 1U);
    EXPECT_EQ(bench->server.report().at("uploads").as_int64(), 0);
    auto staged = key();
    staged.path = "uploads/one";
    ASSERT_TRUE(put(staged, noise(10)));
    ASSERT_TRUE(put(key(), noise(10)));
    EXPECT_EQ(store().remove_leftovers(0s), 0U) << "there is a day to complete it";
    EXPECT_EQ(store().remove_leftovers(-25h), 1U);
    EXPECT_FALSE(store().stat(staged));
    EXPECT_TRUE(store().stat(key())) << "a recording is no leftover";
}

TEST_F(S3StoreTest, EveryVersionIsRemoved) {
    start({"--versioned", "--page", "2"});
    const auto plain = noise(10);
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(put_code(plain), "stored");
        S3Request marker;
        marker.method = "DELETE";
        marker.path = key().path;
        ASSERT_EQ(bench->client->send(marker)->status, 204);
    }
    ASSERT_TRUE(put(key("a.wav.b"), plain));
    ASSERT_TRUE(store().remove(key()));
    const auto objects = bench->server.report().at("objects").as_object();
    EXPECT_EQ(objects.size(), 1U);
    EXPECT_TRUE(objects.contains(key("a.wav.b").path));
}

TEST_F(S3StoreTest, ServicesWithoutVersionsLoseTheOneThereIs) {
    start({"--no-versions"});
    ASSERT_EQ(put_code(noise(10)), "stored");
    ASSERT_TRUE(store().remove(key()));
    EXPECT_TRUE(bench->server.report().at("objects").as_object().empty());
}

TEST_F(S3StoreTest, ProbeTellsWhatIsWrong) {
    start({"--conditional", "ignored"});
    ASSERT_TRUE(store().probe());
    EXPECT_TRUE(bench->server.report().at("objects").as_object().empty());
    ASSERT_EQ(put_code(noise(10)), "stored");
    EXPECT_FALSE(last_request("PUT").at("headers").as_object().contains("if-none-match"));
    EXPECT_EQ(put_code(noise(10)), "storage.conflict") << "looked at before it is written";
    bench->config.bucket = "nobodys";
    bench->open();
    const auto probed = store().probe();
    ASSERT_FALSE(probed);
    EXPECT_NE(probed.error().message.find("bucket does not exist"), std::string::npos);
}

TEST_F(S3StoreTest, PrivateAddressesNeedThePermissionOfTheOperator) {
    start();
    bench->config.allow_private = false;
    bench->open();
    const auto stored = put(key(), noise(10));
    ASSERT_FALSE(stored);
    EXPECT_NE(stored.error().message.find("S3_ALLOW_PRIVATE"), std::string::npos);
}
