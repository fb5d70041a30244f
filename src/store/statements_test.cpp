#include <gtest/gtest.h>

#include "store/queries.hpp"
#include "support/postgres.hpp"

namespace hs::store {
namespace {

/// PREPARE text of a query; a misspelt column or a wrong type fails here in seconds.
std::string prepare(const pg::Query& query) {
    return "PREPARE " + std::string(query.name) + " AS " + query.sql;
}

TEST(Statements, EveryOneIsPreparedAgainstTheMigratedSchema) {
    const test::TestDatabase database;
    for (const auto* query : sql::all) {
        EXPECT_NO_THROW(database.sql(prepare(*query))) << query->name;
    }
}

TEST(Schema, EveryTenantTableForcesRowSecurity) {
    const test::TestDatabase database;
    const auto unprotected = database.sql(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' "
        "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') "
        "AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1");
    EXPECT_TRUE(unprotected.empty()) << unprotected.front();
}

TEST(Schema, TablesOfNoTenantAreAClosedList) {
    const test::TestDatabase database;
    const auto tables = database.sql(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT EXISTS "
        "(SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id') ORDER "
        "BY 1");
    const std::vector<std::string> expected = {"leader",
                                               "library_scorecards",
                                               "provider_state",
                                               "queue_control",
                                               "schema_migrations",
                                               "tenants",
                                               "workers"};
    EXPECT_EQ(tables, expected);
}

TEST(Schema, FunctionsThatRunAsTheirOwnerAreAClosedList) {
    const test::TestDatabase database;
    const auto functions = database.sql(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = 'public' AND p.prosecdef ORDER BY 1");
    const std::vector<std::string> expected = {"calls_saying", "maintain_jobs_history"};
    EXPECT_EQ(functions, expected);
    const auto open_path = database.sql(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname = 'public' AND p.prosecdef AND NOT EXISTS "
        "(SELECT 1 FROM unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%')");
    EXPECT_TRUE(open_path.empty()) << open_path.front();
}

TEST(Schema, PrimaryKeysOfTenantTablesStartWithTheTenant) {
    const test::TestDatabase database;
    const auto wrong = database.sql(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' "
        "WHERE n.nspname = 'public' AND i.indisprimary AND i.indkey[0] <> a.attnum ORDER BY 1");
    EXPECT_TRUE(wrong.empty()) << wrong.front();
}

} // namespace
} // namespace hs::store
