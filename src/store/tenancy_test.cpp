#include <map>

#include <gtest/gtest.h>

#include "pg/blocking.hpp"
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

/// What one role may do with one table, and a row of it.
struct Subject {
    std::string table;
    bool selects = false;
    bool deletes = false;
    bool inserts = false;
    std::string updated;  // a column it may change; empty: none
    std::string inserted; // INSERT of a whole row of the tenant in $1
};

/// What workers have to find before they know its tenant: policies `discovery`. A closed list.
const std::map<std::string, std::string> found_by_workers{{"call_facts_rewrites", "SELECT"},
                                                          {"jobs", "ALL"},
                                                          {"rollup_outbox", "SELECT"},
                                                          {"rule_outbox", "SELECT"},
                                                          {"schedules", "ALL"}};

/// Every table that has a tenant: as the catalogue knows it, none by name.
class EveryTable : public Tenancy, public testing::WithParamInterface<pg::DbRole> {
protected:
    EveryTable() : role(GetParam() == pg::DbRole::app ? "hacksmart_app" : "hacksmart_worker") {}

    /// A row of `b` in every table. What a row must be like for the product does not matter here.
    void fill() {
        for (const auto& drop : db.base.sql(
                 "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) "
                 "FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0 AND conislocal AND "
                 "coninhcount = 0 AND connamespace = 'public'::regnamespace"))
            db.base.sql(drop);
        auto superuser = *pg::BlockingConnection::open(db.base.superuser_url(), 10);
        superuser.run("SET session_replication_role = replica"); // no trigger, no foreign key
        for (const auto& subject : subjects())
            superuser.run(subject.inserted, pg::params(b));
    }

    std::vector<Subject> subjects() const {
        auto superuser = *pg::BlockingConnection::open(db.base.superuser_url(), 10);
        std::vector<Subject> found;
        const auto rows = superuser.run(R"(
SELECT c.oid::regclass::text AS name,
       has_table_privilege($1, c.oid, 'SELECT') AS selects,
       has_table_privilege($1, c.oid, 'DELETE') AS deletes,
       has_table_privilege($1, c.oid, 'INSERT') AS inserts,
       (SELECT quote_ident(a.attname) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
          AND a.attidentity = '' AND has_column_privilege($1, c.oid, a.attnum, 'UPDATE')
        ORDER BY a.attname = 'tenant_id' DESC LIMIT 1) AS updated,
       (SELECT format('INSERT INTO %s (%s) VALUES (%s)', c.oid::regclass,
                      string_agg(quote_ident(a.attname), ', '),
                      string_agg(CASE WHEN a.attname = 'tenant_id' THEN '$1'
                                      WHEN t.typcategory = 'A' THEN '''{}'''
                                      WHEN t.typcategory = 'N' THEN '1'
                                      WHEN t.typcategory = 'B' THEN 'false'
                                      WHEN t.typcategory = 'D' THEN 'now()'
                                      WHEN t.typname = 'uuid' THEN 'gen_random_uuid()'
                                      WHEN t.typname IN ('json', 'jsonb') THEN '''{}'''
                                      ELSE '''x''' END, ', '))
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND (a.attname = 'tenant_id'
               OR (a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''))) AS inserted
FROM pg_class c JOIN pg_attribute k ON k.attrelid = c.oid AND k.attname = 'tenant_id'
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg\_%'
ORDER BY 1)",
                                        pg::params(role));
        for (const auto row : rows)
            found.push_back({row.text("name"),
                             row.boolean("selects"),
                             row.boolean("deletes"),
                             row.boolean("inserts"),
                             row.text("updated"),
                             row.text("inserted")});
        return found;
    }

    /// Rows that the statement gave or changed for the role, in the product's own way of asking; or
    /// SQLSTATE and sentence of the refusal. $1 is `b`.
    std::string outcome(TenantId scope, const std::string& statement) {
        const auto name = "tenancy_" + std::to_string(++statements);
        const pg::Query query{name.c_str(), statement.c_str()};
        try {
            const pg::Scope under{.tenant = scope, .role = GetParam()};
            const auto rows = db.run(query, pg::params(b), under);
            return std::to_string(rows.affected());
        } catch (const pg::DatabaseError& error) {
            return error.sqlstate() + " " + error.what();
        }
    }

    std::string role;
    int statements = 0;
};

TEST_P(EveryTable, RowsOfAnotherTenantAreOutOfReach) {
    fill();
    int read = 0;
    int written = 0;
    for (const auto& subject : subjects()) {
        SCOPED_TRACE(subject.table + " as " + role);
        const auto of_b = " WHERE tenant_id = $1";
        std::string open; // what the role may do to rows of all tenants
        if (GetParam() == pg::DbRole::worker && found_by_workers.contains(subject.table))
            open = found_by_workers.at(subject.table);
        if (open == "ALL") continue;
        if (subject.selects && open.empty()) {
            ++read;
            const auto select = "SELECT tenant_id FROM " + subject.table + of_b;
            EXPECT_EQ(outcome(a, select), "0");
            EXPECT_EQ(outcome(b, select).find_first_not_of("0123456789"), std::string::npos);
            EXPECT_NE(outcome(b, select), "0") << "there is a row to see";
        }
        if (!subject.updated.empty()) {
            ++written;
            EXPECT_EQ(outcome(a,
                              "UPDATE " + subject.table + " SET " + subject.updated + " = " +
                                  subject.updated + of_b),
                      "0");
        }
        if (subject.deletes) {
            EXPECT_EQ(outcome(a, "DELETE FROM " + subject.table + of_b), "0");
        }
        const auto refused = outcome(a, subject.inserted);
        EXPECT_TRUE(refused.starts_with("42501")) << refused;
        const bool by_row = refused.find("row-level security") != std::string::npos;
        EXPECT_EQ(by_row, subject.inserts) << refused;
    }
    EXPECT_GT(read, 20);
    EXPECT_GT(written, 10);
}

TEST_F(Tenancy, NothingElseIsFoundByWorkers) {
    std::map<std::string, std::string> found;
    const auto policies = db.base.sql(
        "SELECT tablename || ' ' || cmd FROM pg_policies WHERE NOT roles <@ '{hacksmart_owner}' "
        "AND qual NOT LIKE '%tenant_id = %hs.tenant%'");
    for (const auto& policy : policies)
        found.emplace(policy.substr(0, policy.find(' ')), policy.substr(policy.find(' ') + 1));
    EXPECT_EQ(found, found_by_workers);
    EXPECT_EQ(db.base.count("SELECT count(*) FROM pg_policies WHERE policyname = 'discovery' AND "
                            "roles <> '{hacksmart_worker}'"),
              0);
}

INSTANTIATE_TEST_SUITE_P(Roles,
                         EveryTable,
                         testing::Values(pg::DbRole::app, pg::DbRole::worker),
                         [](const auto& tried) {
                             return tried.param == pg::DbRole::app ? "App" : "Worker";
                         });

} // namespace
} // namespace hs::store
