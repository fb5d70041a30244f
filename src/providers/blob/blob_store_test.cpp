// What every store of objects does alike. Each test runs against both.
#include <algorithm>
#include <array>

#include <gmock/gmock.h>
#include <unistd.h>

#include "providers/blob/store_fixture_for_test.hpp"

using namespace hs;
using namespace hs::providers;

namespace {

class BlobStoreTest : public StoreTest, public testing::WithParamInterface<std::string> {
protected:
    void SetUp() override {
        if (GetParam() == "local") {
            local = std::make_unique<LocalStore>(folder.path(), tenant_keys(master_for_test(1)));
            store = local.get();
            return;
        }
        if (GetParam() == "s3_outside") {
            outside = std::make_unique<OutsideBench>();
            store = outside->store.get();
            const auto probed = outside->store->probe();
            ASSERT_TRUE(probed) << probed.error().message;
            return;
        }
        std::vector<std::string> options{"--page", "3", "--least-part", "1"};
        S3Config config;
        if (GetParam() == "s3_parts") {
            config.multipart_above = 50000;
            config.part_bytes = 40000;
        }
        if (GetParam() == "s3_versioned") options.emplace_back("--versioned");
        if (GetParam() == "s3_unconditional")
            options.insert(options.end(), {"--conditional", "refused"});
        config.prefix = "some/where/";
        s3 = std::make_unique<S3Bench>(options, config);
        store = s3->store.get();
        ASSERT_TRUE(s3->store->probe());
    }

    Result<void> put(const BlobKey& where, const Bytes& plain) {
        return StoreTest::put(*store, where, plain);
    }

    std::string whole(const BlobKey& where, const Bytes& plain) {
        return StoreTest::whole(*store, where, plain);
    }

    std::unique_ptr<LocalStore> local;
    std::unique_ptr<S3Bench> s3;
    std::unique_ptr<OutsideBench> outside;
    BlobStore* store = nullptr;
};

std::vector<std::string> stores() {
    std::vector<std::string> out{"local", "s3", "s3_parts", "s3_versioned", "s3_unconditional"};
    if (OutsideBench::named()) out.emplace_back("s3_outside");
    return out;
}

} // namespace

TEST_P(BlobStoreTest, KeepsObjectsOfEverySize) {
    for (const std::size_t size : {0u, 1u, 65535u, 65536u, 65537u, 131072u, 300001u}) {
        const auto where = key(std::to_string(size) + ".wav");
        const auto plain = noise(size);
        const auto stored = put(where, plain);
        ASSERT_TRUE(stored) << stored.error().message;
        EXPECT_EQ(whole(where, plain), "same") << size;
        const auto facts = store->stat(where);
        ASSERT_TRUE(facts);
        EXPECT_EQ(facts->size, size);
        EXPECT_EQ(facts->sha256, sha256(plain));
        const auto fetched = store->fetch(where);
        ASSERT_TRUE(fetched) << fetched.error().message;
        EXPECT_EQ(file_size(fetched->get()), size);
        Bytes copy(size);
        EXPECT_EQ(::read(fetched->get(), copy.data(), size), static_cast<ssize_t>(size));
        EXPECT_EQ(copy, plain);
    }
}

TEST_P(BlobStoreTest, FormsAreKeptSealed) {
    const Bytes plain(1000, 'A');
    const auto where = key("a.form", "form");
    ASSERT_TRUE(put(where, plain));
    EXPECT_EQ(whole(where, plain), "same");
    EXPECT_TRUE(put(where, plain)) << "again is success, although it is sealed anew";
    EXPECT_EQ(put(where, noise(1000)).error().code, "storage.conflict");
    EXPECT_EQ(store->stat(where)->sha256, sha256(plain));
    auto other = where;
    other.call = CallId{Uuid::random()};
    EXPECT_EQ(whole(other, plain), "storage.corrupt") << "it belongs to its call";
    if (s3) {
        const auto objects = s3->server.report().at("objects").as_object();
        const auto& kept = objects.at("some/where/" + where.path).as_object();
        EXPECT_EQ(kept.at("text").as_string().find("AAAA"), std::string::npos);
    }
}

TEST_P(BlobStoreTest, RandomRangesEqualThePlainBytes) {
    const auto plain = noise(260000);
    ASSERT_TRUE(put(key(), plain));
    for (int i = 0; i < 60; ++i) {
        const auto from = random() % (plain.size() + 1);
        const auto length = random() % (plain.size() - from + 1);
        const auto read = store->read(key(), from, length);
        ASSERT_TRUE(read) << read.error().message;
        ASSERT_TRUE(std::ranges::equal(*read, ByteView(plain).subspan(from, length)));
    }
    for (const auto& [from, length] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
             {0, 260001}, {260000, 1}, {260001, 0}, {1, ~std::uint64_t{0}}})
        EXPECT_EQ(store->read(key(), from, length).error().code, "storage.range");
}

TEST_P(BlobStoreTest, PutAgainIsSuccessAndAnotherContentConflicts) {
    const auto plain = noise(70000);
    ASSERT_TRUE(put(key(), plain));
    EXPECT_TRUE(put(key(), plain));
    EXPECT_EQ(put(key(), noise(70000)).error().code, "storage.conflict");
    EXPECT_EQ(whole(key(), plain), "same");
    EXPECT_EQ(store->list("", "", 10)->size(), 1U);
}

TEST_P(BlobStoreTest, StoresSeveralTogetherOrSaysWhichNot) {
    const auto form = noise(100);
    const auto audio = noise(200000);
    const auto first = open_unnamed(folder.path());
    const auto second = open_unnamed(folder.path());
    ASSERT_TRUE(write_all(first->get(), form) && write_all(second->get(), audio));
    const auto describes = key("a.form", "form");
    const std::array good = {NewBlob{describes, first->get(), form.size(), sha256(form)},
                             NewBlob{key(), second->get(), audio.size(), sha256(audio)}};
    ASSERT_TRUE(store->put(good));
    EXPECT_EQ(store->read(describes, 0, form.size()).value(), form);
    EXPECT_EQ(store->read(key(), 0, audio.size()).value(), audio);
    ASSERT_TRUE(store->put(good)) << "again is success";
    auto bad = good;
    bad[0].key.path = key("b.form").path;
    bad[1].key.path = key("b.wav").path;
    bad[1].size += 1;
    EXPECT_EQ(store->put(bad).error().code, "storage.corrupt");
    EXPECT_EQ(store->list("t/", "", 10).value().size(), 2U) << "nothing of the pair got a name";
}

TEST_P(BlobStoreTest, PutRefusesASourceThatIsNotAsAnnounced) {
    const auto file = open_unnamed(folder.path());
    const auto plain = noise(1000);
    ASSERT_TRUE(write_all(file->get(), plain));
    EXPECT_EQ(store->put({key(), file->get(), 1000, Sha256{}}).error().code, "storage.corrupt");
    EXPECT_EQ(store->put({key(), file->get(), 1001, sha256(plain)}).error().code,
              "storage.corrupt");
    EXPECT_EQ(store->stat(key()).error().code, "storage.not_found");
    EXPECT_EQ(store->fetch(key()).error().code, "storage.not_found");
    EXPECT_EQ(store->read(key(), 0, 1).error().code, "storage.not_found");
}

TEST_P(BlobStoreTest, RemoveIsIdempotent) {
    const auto plain = noise(1000);
    ASSERT_TRUE(put(key(), plain));
    ASSERT_TRUE(put(key("a.wav.2"), plain));
    EXPECT_TRUE(store->remove(key()));
    EXPECT_TRUE(store->remove(key()));
    EXPECT_EQ(store->stat(key()).error().code, "storage.not_found");
    EXPECT_EQ(whole(key("a.wav.2"), plain), "same") << "a name that only begins alike";
    ASSERT_TRUE(put(key(), plain)) << "and it may come back";
    EXPECT_EQ(whole(key(), plain), "same");
}

TEST_P(BlobStoreTest, ListsInOrderAndInPages) {
    std::vector<std::string> expected;
    for (const auto* path : {"a-b/x", "a.b", "a/b/c", "a/b.c", "a/bb", "b/z", "t/1/2"}) {
        auto where = key();
        where.path = path;
        ASSERT_TRUE(put(where, noise(1)));
        expected.emplace_back(path);
    }
    std::ranges::sort(expected);
    EXPECT_EQ(store->list("", "", 100), expected);
    std::vector<std::string> paged;
    for (std::string after;;) {
        const auto page = store->list("", after, 2).value();
        if (page.empty()) break;
        paged.insert(paged.end(), page.begin(), page.end());
        after = page.back();
    }
    EXPECT_EQ(paged, expected);
    EXPECT_THAT(store->list("a/b", "", 100).value(),
                testing::ElementsAre("a/b.c", "a/b/c", "a/bb"));
    EXPECT_THAT(store->list("a/", "a/b/c", 100).value(), testing::ElementsAre("a/bb"));
    EXPECT_THAT(store->list("no/", "", 100).value(), testing::IsEmpty());
}

TEST_P(BlobStoreTest, QuarantineTakesTheObjectAway) {
    ASSERT_TRUE(put(key(), noise(10)));
    EXPECT_TRUE(store->quarantine(key().path));
    EXPECT_EQ(store->stat(key()).error().code, "storage.not_found");
    EXPECT_THAT(store->list("", "", 10).value(), testing::IsEmpty());
    EXPECT_EQ(store->quarantine(key().path).error().code, "storage.not_found");
}

TEST_P(BlobStoreTest, PathsStayInside) {
    for (const auto* path :
         {"", "/etc/x", "../x", "a/../b", "a//b", "a/", ".tmp-x", "a/.x", "a b"}) {
        auto where = key();
        where.path = path;
        EXPECT_EQ(put(where, noise(1)).error().code, "storage.denied") << path;
        EXPECT_EQ(store->read(where, 0, 1).error().code, "storage.denied") << path;
        EXPECT_EQ(store->remove(where).error().code, "storage.denied") << path;
        EXPECT_EQ(store->quarantine(path).error().code, "storage.denied") << path;
    }
}

INSTANTIATE_TEST_SUITE_P(Stores, BlobStoreTest, testing::ValuesIn(stores()), [](const auto& named) {
    return named.param;
});
