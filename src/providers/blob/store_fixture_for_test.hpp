/// Both stores for tests, one interface: a folder, a bucket of the suite's server.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "base/blocking_http.hpp"
#include "providers/blob/local_store.hpp"
#include "providers/blob/s3_store.hpp"
#include "support/s3_server.hpp"

namespace hs::providers {

inline MasterKey master_for_test(std::uint8_t first) {
    Key256 bytes{};
    bytes[0] = first;
    return MasterKey(bytes);
}

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "store.XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
        path_ = name;
    }

    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// A bucket, a client of it and the store on top.
class S3Bench {
public:
    explicit S3Bench(std::vector<std::string> options = {}, S3Config wanted = {})
        : server(std::move(options)) {
        wanted.bucket = "calls";
        wanted.region = "ap-south-1";
        if (wanted.endpoint.empty()) {
            wanted.endpoint = server.endpoint();
            wanted.path_style = true;
        }
        wanted.allow_private = true;
        wanted.first_pause = std::chrono::milliseconds(10);
        config = wanted;
        open();
    }

    /// Another client of the same bucket, as `config` and `keys` say now.
    void open() {
        BlockingTransport transport = [this](OutboundRequest request) {
            return http.send(std::move(request));
        };
        credentials = std::make_shared<AwsCredentialChain>(keys, transport, clock);
        client = std::make_shared<S3Client>(config, credentials, transport, clock);
        store = std::make_unique<S3Store>(
            client, folder.path(), tenant_keys(master_for_test(1)), clock);
    }

    static AwsEnvironment given_keys() {
        AwsEnvironment out;
        out.access_key_id = "AKIDTEST";
        out.secret_access_key = Secret("test-secret");
        return out;
    }

    TemporaryFolder folder;
    test::S3Server server;
    BlockingHttp http;
    SystemClock clock;
    AwsEnvironment keys = given_keys();
    S3Config config;
    std::shared_ptr<AwsCredentialChain> credentials;
    std::shared_ptr<S3Client> client;
    std::unique_ptr<S3Store> store;
};

/// A bucket of a server that is not ours, named by S3_TEST_ENDPOINT, S3_TEST_BUCKET,
/// S3_TEST_REGION, S3_TEST_KEY_ID and S3_TEST_SECRET; every test has a prefix of its own there.
class OutsideBench {
public:
    static bool named() { return std::getenv("S3_TEST_ENDPOINT") != nullptr; }

    OutsideBench() {
        const auto given = [](const char* name) {
            const auto* text = std::getenv(name);
            return std::string(text == nullptr ? "" : text);
        };
        S3Config config;
        config.endpoint = given("S3_TEST_ENDPOINT");
        config.bucket = given("S3_TEST_BUCKET");
        config.region = given("S3_TEST_REGION");
        config.encryption = given("S3_TEST_ENCRYPTION");
        config.path_style = true;
        config.allow_private = true;
        config.prefix = "test-" + Uuid::random().str() + "/";
        AwsEnvironment keys;
        keys.access_key_id = given("S3_TEST_KEY_ID");
        keys.secret_access_key = Secret(given("S3_TEST_SECRET"));
        BlockingTransport transport = [this](OutboundRequest request) {
            return http.send(std::move(request));
        };
        auto chain = std::make_shared<AwsCredentialChain>(keys, transport, clock);
        store =
            std::make_unique<S3Store>(std::make_shared<S3Client>(config, chain, transport, clock),
                                      folder.path(),
                                      tenant_keys(master_for_test(1)),
                                      clock);
    }

    TemporaryFolder folder;
    BlockingHttp http;
    SystemClock clock;
    std::unique_ptr<S3Store> store;
};

/// What every test of a store needs.
class StoreTest : public testing::Test {
protected:
    static BlobKey key(std::string file = "a.wav", std::string variant = "original") {
        BlobKey out;
        out.tenant = TenantId{Uuid::parse("00000000-0000-4000-8000-000000000001").value()};
        out.call = CallId{Uuid::parse("00000000-0000-4000-8000-000000000002").value()};
        out.variant = std::move(variant);
        out.path = "t/" + out.tenant.str() + "/2026/02/" + out.call.str() + "/" + std::move(file);
        return out;
    }

    Bytes noise(std::size_t size) {
        Bytes out(size);
        for (auto& byte : out)
            byte = static_cast<std::uint8_t>(random());
        return out;
    }

    Result<void> put(BlobStore& store, const BlobKey& where, const Bytes& plain) {
        const auto file = open_unnamed(folder.path());
        EXPECT_TRUE(file && write_all(file->get(), plain));
        return store.put({where, file->get(), plain.size(), sha256(plain)});
    }

    /// Whether the object reads in full and equals `plain`; otherwise the error's code.
    static std::string whole(BlobStore& store, const BlobKey& where, const Bytes& plain) {
        const auto read = store.read(where, 0, plain.size());
        if (!read) return read.error().code;
        return *read == plain ? "same" : "different";
    }

    TemporaryFolder folder;
    unsigned seed = std::random_device()();
    std::mt19937 random{seed};
    testing::ScopedTrace trace{__FILE__, __LINE__, "seed " + std::to_string(seed)};
};

} // namespace hs::providers
