#include <gtest/gtest.h>

#include "store/calls.hpp"
#include "store/directory.hpp"
#include "support/postgres.hpp"

namespace hs::store {
namespace {

class Tenancy : public testing::Test {
protected:
    Tenancy() : a(test::TestDatabase::tenant()), b(db.base.another_tenant()) {}

    std::unique_ptr<pg::Session> as(std::optional<TenantId> tenant) {
        return db.database->unit({.tenant = tenant});
    }

    void add_city(TenantId tenant, std::string name) {
        const auto unit = as(tenant);
        City city;
        city.name = std::move(name);
        ASSERT_TRUE(db.wait(insert_city(*unit, tenant, city)));
    }

    std::size_t cities_seen(std::optional<TenantId> scope, TenantId asked) {
        const auto unit = as(scope);
        return db.wait(list_cities(*unit, asked, std::nullopt, 100)).size();
    }

    test::LiveDatabase db;
    TenantId a;
    TenantId b;
};

TEST_F(Tenancy, RowsOfAnotherTenantAreInvisibleEvenWhenAskedForByName) {
    add_city(a, "Pune");
    EXPECT_EQ(cities_seen(a, a), 1U);
    EXPECT_EQ(cities_seen(b, a), 0U); // the statement asks for a, the unit is b's
    EXPECT_EQ(cities_seen(std::nullopt, a), 0U);
}

TEST_F(Tenancy, AForeignInsertIsRefused) {
    const auto unit = as(b);
    City city;
    city.name = "Delhi";
    EXPECT_THROW(db.wait(insert_city(*unit, a, city)), pg::DatabaseError);
    EXPECT_EQ(cities_seen(a, a), 0U);
}

TEST_F(Tenancy, TheScopeOfOneUnitDoesNotLeakIntoTheNext) {
    add_city(a, "Pune");
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(cities_seen(i % 2 == 0 ? std::optional(a) : std::nullopt, a),
                  i % 2 == 0 ? 1U : 0U);
    }
}

} // namespace
} // namespace hs::store
