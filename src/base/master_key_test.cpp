#include <cstdlib>
#include <filesystem>
#include <set>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.hpp"
#include "base/master_key.hpp"

using namespace hs;

namespace {

class MasterKeyFile : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "key.XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        path = folder / "master.key";
    }

    void TearDown() override { std::filesystem::remove_all(folder); }

    std::string error() {
        const auto loaded = load_or_create_master_key(path);
        return loaded ? "loaded" : loaded.error().code;
    }

    std::filesystem::path folder;
    std::filesystem::path path;
};

} // namespace

TEST_F(MasterKeyFile, IsMadeOnceAndKept) {
    const auto first = load_or_create_master_key(path);
    const auto second = load_or_create_master_key(path);
    ASSERT_TRUE(first && second);
    EXPECT_TRUE(first->created);
    EXPECT_FALSE(second->created);
    EXPECT_EQ(first->key.cursor_key(), second->key.cursor_key());
    struct ::stat facts{};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u);
    EXPECT_EQ(facts.st_size, 32);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(MasterKeyFile, RefusesWhatOthersMayRead) {
    ASSERT_EQ(error(), "loaded");
    for (const auto mode : {0640u, 0604u, 0620u}) {
        ::chmod(path.c_str(), mode);
        EXPECT_EQ(error(), "key.permissions");
    }
    ::chmod(path.c_str(), 0400);
    EXPECT_EQ(error(), "loaded");
}

TEST_F(MasterKeyFile, RefusesWhatIsNoKey) {
    for (const auto& text : {std::string("short"), std::string(32, '\0'), std::string(33, 'x')}) {
        ASSERT_TRUE(write_file_durably(path, text));
        EXPECT_EQ(error(), "key.malformed");
    }
    path = folder / "no" / "master.key";
    EXPECT_EQ(error(), "storage.unavailable");
}

TEST(MasterKey, EveryPurposeHasItsOwnKey) {
    Key256 bytes{};
    bytes[0] = 1;
    const MasterKey key(bytes);
    const auto one = TenantId{Uuid::random()};
    const auto other = TenantId{Uuid::random()};
    const std::set<Key256> keys{bytes,
                                key.phone_token_key(),
                                key.link_signing_key(),
                                key.cursor_key(),
                                key.key_pepper(),
                                key.tenant_key(one).key,
                                key.tenant_key(other).key};
    EXPECT_EQ(keys.size(), 7u);
    EXPECT_EQ(key.tenant_key(one).key, key.tenant_key(one).key);
    EXPECT_EQ(key.tenant_key(one).id, 1u);
}
