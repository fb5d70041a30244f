#include <array>
#include <cstdlib>
#include <fstream>
#include <random>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/blob/local_store.hpp"
#include "providers/blob/object_format.hpp"

using namespace hs;
using namespace hs::providers;
namespace fs = std::filesystem;

namespace {

MasterKey master(std::uint8_t first) {
    Key256 bytes{};
    bytes[0] = first;
    return MasterKey(bytes);
}

class LocalStoreTest : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (fs::temp_directory_path() / "store.XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
        store.emplace(folder, tenant_keys(master(1)));
    }

    void TearDown() override { fs::remove_all(folder); }

    static BlobKey key(std::string file = "a.wav") {
        BlobKey out;
        out.tenant = TenantId{Uuid::parse("00000000-0000-4000-8000-000000000001").value()};
        out.call = CallId{Uuid::parse("00000000-0000-4000-8000-000000000002").value()};
        out.variant = "original";
        out.path = "t/" + out.tenant.str() + "/2026/02/" + out.call.str() + "/" + std::move(file);
        return out;
    }

    Bytes noise(std::size_t size) {
        Bytes out(size);
        for (auto& byte : out)
            byte = static_cast<std::uint8_t>(random());
        return out;
    }

    Result<void> put(const BlobKey& where, const Bytes& plain) {
        const auto file = open_unnamed(folder);
        EXPECT_TRUE(file && write_all(file->get(), plain));
        return store->put({where, file->get(), plain.size(), sha256(plain)});
    }

    [[nodiscard]] fs::path file_of(const BlobKey& where) const {
        return folder / "objects" / where.path;
    }

    static Bytes raw(const fs::path& path) {
        const auto text = read_file(path).value();
        return {text.begin(), text.end()};
    }

    static void write_raw(const fs::path& path, const Bytes& bytes) {
        std::ofstream out(path, std::ios::binary | std::ios::trunc);
        out.write(reinterpret_cast<const char*>(bytes.data()),
                  static_cast<std::streamsize>(bytes.size()));
    }

    /// Whether the object reads in full and equals `plain`; otherwise the error's code.
    std::string whole(const BlobKey& where, const Bytes& plain) {
        const auto read = store->read(where, 0, plain.size());
        if (!read) return read.error().code;
        return *read == plain ? "same" : "different";
    }

    fs::path folder;
    std::optional<LocalStore> store;
    unsigned seed = std::random_device()();
    std::mt19937 random{seed};
    testing::ScopedTrace trace{__FILE__, __LINE__, "seed " + std::to_string(seed)};
};

} // namespace

TEST_F(LocalStoreTest, FilesArePrivateAndUnreadable) {
    const Bytes plain(1000, 'A');
    ASSERT_TRUE(put(key(), plain));
    struct ::stat facts{};
    for (auto at = file_of(key()); at != folder; at = at.parent_path()) {
        ASSERT_EQ(::stat(at.c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 077, 0u) << at;
    }
    const auto sealed = read_file(file_of(key())).value();
    EXPECT_EQ(sealed.find("AAAA"), std::string::npos);
    EXPECT_EQ(sealed.size(), object_file_size(1000));
    EXPECT_EQ(store->locator(key()), "local:" + key().path);
}

TEST_F(LocalStoreTest, PutAgainIsSuccessAndAnotherContentConflicts) {
    const auto plain = noise(70000);
    ASSERT_TRUE(put(key(), plain));
    const auto before = raw(file_of(key()));
    EXPECT_TRUE(put(key(), plain));
    EXPECT_EQ(raw(file_of(key())), before) << "objects never change";
    EXPECT_EQ(put(key(), noise(70000)).error().code, "storage.conflict");
    EXPECT_EQ(whole(key(), plain), "same");
    EXPECT_EQ(std::distance(fs::directory_iterator(file_of(key()).parent_path()), {}), 1);
}

TEST_F(LocalStoreTest, FoldersThatSomebodyTookAwayAreMadeAgain) {
    const auto plain = noise(10);
    ASSERT_TRUE(put(key(), plain));
    fs::remove_all(folder / "objects");
    fs::create_directory(folder / "objects");
    ASSERT_TRUE(put(key(), plain));
    EXPECT_EQ(store->read(key(), 0, plain.size()).value(), plain);
}

TEST_F(LocalStoreTest, PutRefusesASourceThatIsNotAsAnnounced) {
    const auto file = open_unnamed(folder);
    const auto plain = noise(1000);
    ASSERT_TRUE(write_all(file->get(), plain));
    EXPECT_EQ(store->put({key(), file->get(), 1000, Sha256{}}).error().code, "storage.corrupt");
    EXPECT_EQ(store->put({key(), file->get(), 1001, sha256(plain)}).error().code,
              "storage.corrupt");
    EXPECT_EQ(store->stat(key()).error().code, "storage.not_found");
    EXPECT_TRUE(fs::is_empty(file_of(key()).parent_path())) << "nothing half-written stays";
}

//
TEST_F(LocalStoreTest, EveryFlippedByteIsNoticed) {
    const auto plain = noise(140000);
    ASSERT_TRUE(put(key(), plain));
    const auto good = raw(file_of(key()));
    for (std::size_t i = 0; i < 400; ++i) {
        // All of the header, then random places.
        const auto at = i < object_header_bytes ? i : random() % good.size();
        auto bad = good;
        bad[at] = static_cast<std::uint8_t>(bad[at] ^ (1u << random() % 8));
        write_raw(file_of(key()), bad);
        ASSERT_EQ(whole(key(), plain), "storage.corrupt") << "byte " << at;
        ASSERT_EQ(store->fetch(key()).error().code, "storage.corrupt");
    }
    write_raw(file_of(key()), good);
    EXPECT_EQ(whole(key(), plain), "same");
}

TEST_F(LocalStoreTest, EveryCutIsNoticed) {
    const auto plain = noise(140000);
    ASSERT_TRUE(put(key(), plain));
    const auto good = raw(file_of(key()));
    for (const auto size : {std::uint64_t{0},
                            std::uint64_t{3},
                            object_header_bytes,
                            chunk_offset(1),
                            chunk_offset(2),
                            std::uint64_t{good.size() - 1}}) {
        auto bad = good;
        bad.resize(size);
        write_raw(file_of(key()), bad);
        EXPECT_EQ(whole(key(), plain), "storage.corrupt") << size;
        EXPECT_EQ(store->read(key(), 0, 1).error().code, "storage.corrupt") << "a cut end shows";
    }
    auto longer = good;
    longer.push_back(0);
    write_raw(file_of(key()), longer);
    EXPECT_EQ(whole(key(), plain), "storage.corrupt");
}

TEST_F(LocalStoreTest, ChunksDoNotTradePlaces) {
    const auto plain = noise(3 * chunk_bytes);
    ASSERT_TRUE(put(key(), plain));
    auto bytes = raw(file_of(key()));
    const auto at = [&](std::uint64_t n) {
        return bytes.begin() + static_cast<std::ptrdiff_t>(chunk_offset(n));
    };
    std::swap_ranges(at(0), at(1), at(1));
    write_raw(file_of(key()), bytes);
    EXPECT_EQ(store->read(key(), 0, 10).error().code, "storage.corrupt");
    EXPECT_TRUE(store->read(key(), 2 * chunk_bytes, 10)) << "the third chunk is untouched";
}

TEST_F(LocalStoreTest, LastChunkKnowsThatItIsTheLast) {
    const auto where = key();
    ObjectHeader header;
    header.facts.size = 2 * chunk_bytes;
    Bytes sealed;
    ChunkSeal(where, header).seal(1, Bytes(chunk_bytes), sealed);
    Bytes plain;
    EXPECT_TRUE(ChunkSeal(where, header).open(1, sealed, plain));
    header.facts.size = 3 * chunk_bytes;
    EXPECT_FALSE(ChunkSeal(where, header).open(1, sealed, plain));
}

TEST_F(LocalStoreTest, ObjectsDoNotMoveBetweenOwners) {
    const auto plain = noise(1000);
    ASSERT_TRUE(put(key(), plain));
    auto other_call = key();
    other_call.call = CallId{Uuid::random()};
    EXPECT_EQ(whole(other_call, plain), "storage.corrupt");
    auto other_tenant = key();
    other_tenant.tenant = TenantId{Uuid::random()};
    EXPECT_EQ(whole(other_tenant, plain), "storage.corrupt");
    auto other_variant = key();
    other_variant.variant = "playback";
    EXPECT_EQ(whole(other_variant, plain), "storage.corrupt");
    EXPECT_EQ(whole(key(), plain), "same");
}

TEST_F(LocalStoreTest, TenantAndCallAreAuthenticatedUnderOneKeyToo) {
    // Even when two tenants shared a key, their files would not be interchangeable.
    const TenantKeys shared = [](TenantId) -> Result<std::pair<std::uint32_t, Key256>> {
        return std::pair<std::uint32_t, Key256>(1, Key256{});
    };
    store.emplace(folder, shared);
    const auto plain = noise(1000);
    ASSERT_TRUE(put(key(), plain));
    auto other_tenant = key();
    other_tenant.tenant = TenantId{Uuid::random()};
    EXPECT_EQ(whole(other_tenant, plain), "storage.corrupt");
}

TEST_F(LocalStoreTest, AnotherMasterKeyOpensNothing) {
    const auto plain = noise(1000);
    ASSERT_TRUE(put(key(), plain));
    store.emplace(folder, tenant_keys(master(2)));
    EXPECT_EQ(whole(key(), plain), "storage.corrupt");
    EXPECT_EQ(put(key(), plain).error().code, "storage.corrupt") << "never silently replaced";
    store.emplace(folder, tenant_keys(master(1)));
    EXPECT_EQ(whole(key(), plain), "same");
}

TEST_F(LocalStoreTest, MissingKeyIsPassedOn) {
    store.emplace(folder, [](TenantId) -> Result<std::pair<std::uint32_t, Key256>> {
        return fail(ErrorKind::forbidden, "storage.denied", "tenant is gone");
    });
    EXPECT_EQ(put(key(), noise(10)).error().code, "storage.denied");
}

TEST_F(LocalStoreTest, RemoveIsIdempotentAndWipesTheKey) {
    ASSERT_TRUE(put(key(), noise(1000)));
    const auto kept = folder / "kept";
    fs::create_hard_link(file_of(key()), kept);
    EXPECT_TRUE(store->remove(key()));
    EXPECT_TRUE(store->remove(key()));
    EXPECT_EQ(store->stat(key()).error().code, "storage.not_found");
    const auto left = raw(kept);
    EXPECT_TRUE(std::all_of(left.begin(),
                            left.begin() + static_cast<std::ptrdiff_t>(object_header_bytes),
                            [](auto byte) { return byte == 0; }));
}

TEST_F(LocalStoreTest, QuarantineKeepsTheObjectElsewhere) {
    ASSERT_TRUE(put(key(), noise(10)));
    EXPECT_TRUE(store->quarantine(key().path));
    EXPECT_EQ(store->stat(key()).error().code, "storage.not_found");
    EXPECT_TRUE(fs::exists(folder / "quarantine" / key().path));
    EXPECT_EQ(store->quarantine(key().path).error().code, "storage.not_found");
}

TEST_F(LocalStoreTest, QuarantineEndsAfterAWeek) {
    ASSERT_TRUE(put(key(), noise(10)));
    const auto stored = file_of(key());
    const auto moved = folder / "quarantine" / key().path;
    const auto now = fs::file_time_type::clock::now();
    fs::last_write_time(stored,
                        now - std::chrono::days(100)); // the object is old, its quarantine new
    ASSERT_TRUE(store->quarantine(key().path));
    EXPECT_EQ(store->remove_leftovers(std::chrono::hours(24)), 0u);
    fs::last_write_time(moved, now - std::chrono::days(7) + std::chrono::minutes(1));
    EXPECT_EQ(store->remove_leftovers(std::chrono::hours(24)), 0u);
    fs::last_write_time(moved, now - std::chrono::days(7) - std::chrono::minutes(1));
    EXPECT_EQ(store->remove_leftovers(std::chrono::hours(24)), 1u);
    EXPECT_FALSE(fs::exists(moved));
}

TEST_F(LocalStoreTest, LeftoversOfAKilledWriterAreSwept) {
    ASSERT_TRUE(put(key(), noise(10)));
    const auto leftover = file_of(key()).parent_path() / ".tmp-abc";
    write_raw(leftover, noise(10));
    EXPECT_THAT(store->list("", "", 10).value(), testing::ElementsAre(key().path));
    EXPECT_EQ(store->remove_leftovers(std::chrono::hours(1)), 0u) << "may still be written";
    EXPECT_EQ(store->remove_leftovers(std::chrono::seconds(0)), 1u);
    EXPECT_FALSE(fs::exists(leftover));
    EXPECT_TRUE(store->stat(key()));
}
