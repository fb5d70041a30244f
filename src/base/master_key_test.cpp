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
        bool created = false;
        const auto loaded = MasterKey::load_or_create(path, created);
        return loaded ? "loaded" : loaded.error().code;
    }

    std::filesystem::path folder;
    std::filesystem::path path;
};

} // namespace

TEST_F(MasterKeyFile, IsMadeOnceAndKept) {
    bool created = false;
    const auto first = MasterKey::load_or_create(path, created);
    EXPECT_TRUE(created);
    const auto second = MasterKey::load_or_create(path, created);
    EXPECT_FALSE(created);
    ASSERT_TRUE(first && second);
    EXPECT_EQ(first->fingerprint(), second->fingerprint());
    EXPECT_EQ(first->cursor_key(), second->cursor_key());
    struct ::stat facts{};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u);
    EXPECT_EQ(facts.st_size, 64);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(MasterKeyFile, RefusesWhatOthersMayRead) {
    ASSERT_EQ(error(), "loaded");
    for (const auto mode : {0640u, 0604u, 0620u}) {
        ::chmod(path.c_str(), mode);
        EXPECT_EQ(error(), "master_key.permissions");
    }
    ::chmod(path.c_str(), 0400);
    EXPECT_EQ(error(), "loaded");
}

TEST_F(MasterKeyFile, RefusesWhatIsNoKey) {
    for (const auto& text : {std::string("short"),
                             std::string(64, '0'),
                             std::string(62, 'f') + "0g",
                             std::string(66, 'a') + "0"}) {
        ASSERT_TRUE(write_file_durably(path, text));
        EXPECT_EQ(error(), "master_key.invalid");
    }
    ASSERT_TRUE(write_file_durably(path, std::string(62, 'f') + "0A\n"));
    EXPECT_EQ(error(), "loaded") << "a line's end is no fault";
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
                                key.link_key(),
                                key.cursor_key(),
                                key.key_pepper(),
                                key.phone_token_key(one),
                                key.phone_token_key(other),
                                key.tenant_key(one),
                                key.tenant_key(other)};
    EXPECT_EQ(keys.size(), 8u);
    EXPECT_EQ(key.tenant_key(one), key.tenant_key(one));
    EXPECT_EQ(key.key_id(), 1u);
    bytes[0] = 2;
    EXPECT_NE(MasterKey(bytes).fingerprint(), key.fingerprint());
}
