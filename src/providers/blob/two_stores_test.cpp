#include <gmock/gmock.h>

#include "providers/blob/store_fixture_for_test.hpp"
#include "providers/blob/two_stores.hpp"

using namespace hs;
using namespace hs::providers;

namespace {

class TwoStoresTest : public StoreTest {
protected:
    std::unique_ptr<LocalStore> local(const TemporaryFolder& where) {
        return std::make_unique<LocalStore>(where.path(), tenant_keys(master_for_test(1)));
    }

    TemporaryFolder one;
    TemporaryFolder other;
    TwoStores both{local(one), local(other)};
};

} // namespace

TEST_F(TwoStoresTest, FindsWhatIsInEitherAndWritesToTheFirst) {
    const auto old = noise(100);
    const auto fresh = noise(100);
    ASSERT_TRUE(put(both.second(), key("old.wav"), old));
    ASSERT_TRUE(put(both, key("new.wav"), fresh));
    EXPECT_EQ(both.second().stat(key("new.wav")).error().code, "storage.not_found");
    EXPECT_EQ(whole(both, key("old.wav"), old), "same");
    EXPECT_TRUE(both.fetch(key("old.wav")));
    EXPECT_EQ(both.stat(key("old.wav"))->sha256, sha256(old));
    EXPECT_THAT(both.list("", "", 10).value(),
                testing::ElementsAre(key("new.wav").path, key("old.wav").path));
    EXPECT_THAT(both.list("", "", 1).value(), testing::ElementsAre(key("new.wav").path));
    EXPECT_EQ(both.stat(key("none.wav")).error().code, "storage.not_found");
}

TEST_F(TwoStoresTest, RemovesAndQuarantinesFromBoth) {
    const auto bytes = noise(10);
    for (auto* store : {&both.first(), &both.second()}) {
        ASSERT_TRUE(put(*store, key("a.wav"), bytes));
        ASSERT_TRUE(put(*store, key("b.wav"), bytes));
    }
    ASSERT_TRUE(put(both.second(), key("c.wav"), bytes));
    ASSERT_TRUE(both.remove(key("a.wav")));
    ASSERT_TRUE(both.quarantine(key("b.wav").path));
    ASSERT_TRUE(both.quarantine(key("c.wav").path));
    EXPECT_THAT(both.list("", "", 10).value(), testing::IsEmpty());
    EXPECT_EQ(both.quarantine(key("d.wav").path).error().code, "storage.not_found");
}

TEST_F(TwoStoresTest, MovesVerifiedAndAgain) {
    S3Bench bench;
    auto& from = both.first();
    const auto bytes = noise(200000);
    const auto form = key("a.form", "form");
    ASSERT_TRUE(put(from, key(), bytes));
    ASSERT_TRUE(put(from, form, noise(300)));
    bench.server.mood("internal", 3, "PUT");
    EXPECT_EQ(move_object(from, *bench.store, key()).error().code, "storage.unavailable");
    EXPECT_EQ(whole(from, key(), bytes), "same") << "it stays where it was";
    EXPECT_TRUE(move_object(from, *bench.store, key()).value());
    EXPECT_FALSE(move_object(from, *bench.store, key()).value()) << "it has gone";
    EXPECT_TRUE(move_object(from, *bench.store, form).value());
    EXPECT_EQ(whole(*bench.store, key(), bytes), "same");
    // Killed after the copy: both have it, the next try ends the move.
    ASSERT_TRUE(put(from, key(), bytes));
    EXPECT_TRUE(move_object(from, *bench.store, key()).value());
    EXPECT_TRUE(move_object(*bench.store, from, key()).value()) << "and back";
    EXPECT_EQ(whole(from, key(), bytes), "same");
    EXPECT_EQ(bench.store->stat(key()).error().code, "storage.not_found");
}
