#include "pg/migrations.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include <fmt/format.h>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "pg/blocking.hpp"
#include "pg/conninfo.hpp"

namespace hs::pg {

namespace {

constexpr int connect_seconds = 10;
/// "hsmigrat" as a number: any fixed value that nobody else uses.
constexpr std::int64_t advisory_key = 0x68736d6967726174;

constexpr const char* take_lock = "SELECT pg_advisory_xact_lock($1)";

struct File {
    int version = 0;
    std::string name;
    std::string text;
    std::string checksum;

    [[nodiscard]] bool in_transaction() const { return !text.starts_with("-- no-transaction"); }
};

int version_of(const std::filesystem::path& path) {
    const auto name = path.filename().string();
    int version = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), version);
    const bool numbered = error == std::errc{} && *end == '_' && path.extension() == ".sql";
    return numbered ? version : 0;
}

std::vector<std::filesystem::path> numbered_files(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> out;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
        if (version_of(entry.path()) > 0) out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
        return version_of(a) < version_of(b);
    });
    return out;
}

Result<std::vector<File>> read_files(const std::filesystem::path& folder) {
    std::vector<File> out;
    for (const auto& path : numbered_files(folder)) {
        TRY(auto text, read_file(path));
        const int version = version_of(path);
        if (!out.empty() && out.back().version == version) {
            return fail(ErrorKind::conflict,
                        "migration.checksum",
                        fmt::format("two migrations have number {}", version));
        }
        auto checksum = sha256_hex(text);
        out.push_back({version, path.filename().string(), std::move(text), std::move(checksum)});
    }
    if (out.empty()) {
        return fail(
            ErrorKind::not_found, "migration.missing", "no migrations in " + folder.string());
    }
    return out;
}

// --- roles --------------------------------------------------------------------------------------

constexpr const char* roles[] = {"hacksmart_owner", "hacksmart_app", "hacksmart_worker"};

constexpr const char* missing_roles = R"(
SELECT name, r.oid IS NULL AS absent,
       coalesce(r.rolsuper OR r.rolbypassrls, false) AS too_strong,
       coalesce(pg_has_role(current_user, r.oid, 'MEMBER'), false) AS granted
FROM unnest($1::text[]) WITH ORDINALITY AS wanted(name, place)
LEFT JOIN pg_roles r ON r.rolname = wanted.name
ORDER BY place)";

/// What has to be run so that the login may act in the three roles. No effect when all is there.
Result<std::vector<std::string>> wanted_statements(BlockingConnection& connection,
                                                   const std::string& login) {
    std::vector<std::string> out;
    std::vector<std::string> names(std::begin(roles), std::end(roles));
    for (const auto row : connection.run(missing_roles, params(names))) {
        const auto name = row.text("name");
        if (row.boolean("too_strong")) {
            return fail(ErrorKind::forbidden,
                        "database.roles",
                        fmt::format("role {} is a superuser or bypasses row security; run as a "
                                    "superuser: ALTER ROLE {} NOSUPERUSER NOBYPASSRLS;",
                                    name,
                                    name));
        }
        if (row.boolean("absent")) out.push_back(fmt::format("CREATE ROLE {} NOLOGIN", name));
        if (row.boolean("absent") || !row.boolean("granted")) {
            out.push_back(fmt::format("GRANT {} TO {}", name, login));
        }
    }
    return out;
}

Error roles_refused(const std::vector<std::string>& statements, const std::string& why) {
    std::string text = "the database roles are missing and the login may not make them (" + why +
                       "). As a superuser of this database run:";
    for (const auto& statement : statements)
        text += "\n  " + statement + ";";
    return {ErrorKind::forbidden, "database.roles", text, std::nullopt};
}

/// Another program may make the same cluster-wide role at the same moment.
bool made_meanwhile(const DatabaseError& error) {
    return error.sqlstate() == "42710" || error.sqlstate() == "23505" ||
           error.sqlstate() == "XX000";
}

Result<void> ensure_roles(BlockingConnection& connection) {
    const auto login =
        connection.run("SELECT quote_ident(current_user) AS login").front().text("login");
    for (int round = 0;; ++round) {
        TRY(const auto statements, wanted_statements(connection, login));
        if (statements.empty()) return {};
        try {
            for (const auto& statement : statements)
                connection.run(statement);
        } catch (const DatabaseError& error) {
            if (made_meanwhile(error) && round < 20) continue;
            return std::unexpected(roles_refused(statements, error.what()));
        }
    }
}

/// The owner role makes the tables. From PostgreSQL 15 on only the database's owner may allow it.
Result<void> ensure_schema_rights(BlockingConnection& connection) {
    constexpr const char* may_create =
        "SELECT has_schema_privilege('hacksmart_owner', 'public', 'CREATE') AS may";
    if (connection.run(may_create).front().boolean("may")) return {};
    const std::string grant = "GRANT USAGE, CREATE ON SCHEMA public TO hacksmart_owner";
    try {
        connection.run("BEGIN");
        if (!connection.superuser()) connection.run("SET LOCAL ROLE pg_database_owner");
        connection.run(grant);
        connection.run("COMMIT");
    } catch (const DatabaseError& error) {
        connection.run("ROLLBACK");
        return std::unexpected(roles_refused({grant}, error.what()));
    }
    return {};
}

/// A schema of its own needs a right on the whole database, which the owner role has no other use
/// for.
Result<void> ensure_reference_schema(BlockingConnection& connection) {
    const auto there = connection.run("SELECT to_regnamespace('reference') IS NOT NULL AS there");
    if (there.front().boolean("there")) return {};
    const std::string create =
        "CREATE SCHEMA IF NOT EXISTS reference AUTHORIZATION hacksmart_owner";
    try {
        connection.run(create);
    } catch (const DatabaseError& error) {
        if (made_meanwhile(error)) return {};
        return std::unexpected(roles_refused({create}, error.what()));
    }
    return {};
}

// --- applying -----------------------------------------------------------------------------------

constexpr const char* make_table = R"(
CREATE TABLE IF NOT EXISTS schema_migrations (
    version integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT ON schema_migrations TO hacksmart_app, hacksmart_worker;)";

constexpr const char* record =
    "INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)";

void begin_locked(BlockingConnection& connection) {
    connection.run("BEGIN");
    connection.run(take_lock, params(advisory_key));
    connection.run("SET LOCAL ROLE hacksmart_owner");
}

/// The first file that is not applied yet, or null.
Result<const File*> next_file(BlockingConnection& connection, const std::vector<File>& files) {
    std::map<int, std::pair<std::string, std::string>> applied;
    for (const auto row :
         connection.run("SELECT version, name, checksum FROM schema_migrations ORDER BY version")) {
        applied[int(row.integer("version"))] = {row.text("name"), row.text("checksum")};
    }
    const File* next = nullptr;
    for (const auto& file : files) {
        const auto known = applied.find(file.version);
        if (known == applied.end()) {
            if (next == nullptr) next = &file;
            continue;
        }
        if (known->second.second != file.checksum) {
            return fail(ErrorKind::conflict,
                        "migration.checksum",
                        file.name + " was changed after it had been applied");
        }
        applied.erase(known);
    }
    if (!applied.empty()) {
        return fail(ErrorKind::conflict,
                    "migration.newer",
                    fmt::format("the database has migration {}, which this program does not know",
                                applied.begin()->second.first));
    }
    return next;
}

/// `-- no-transaction` files run on a connection of their own while the first one holds the lock.
void apply_outside(const std::string& url, const File& file) {
    const auto as_owner = conninfo_with(url, {{"options", "-c role=hacksmart_owner"}});
    auto connection = BlockingConnection::open(as_owner, connect_seconds);
    if (!connection) throw DatabaseError("08001", "", connection.error().message);
    connection->script(file.text);
}

Result<std::optional<std::string>>
apply_next(BlockingConnection& connection, const std::string& url, const std::vector<File>& files) {
    begin_locked(connection);
    const auto next = next_file(connection, files);
    if (!next || *next == nullptr) {
        connection.run("ROLLBACK");
        if (!next) return std::unexpected(next.error());
        return std::optional<std::string>();
    }
    const File& file = **next;
    try {
        if (file.in_transaction()) {
            connection.script(file.text);
        } else {
            // Drops the last query's portal: its snapshot would keep CREATE INDEX CONCURRENTLY
            // waiting for us for ever.
            connection.script("SELECT 1");
            apply_outside(url, file);
        }
    } catch (const DatabaseError& error) {
        return fail(ErrorKind::internal, "migration.failed", file.name + ": " + error.what());
    }
    connection.run(record, params(file.version, file.name, file.checksum));
    connection.run("COMMIT");
    return std::optional(file.name);
}

Result<MigrationReport> migrate_all(BlockingConnection& connection,
                                    const std::string& url,
                                    const std::vector<File>& files,
                                    const Log& log) {
    TRY_VOID(ensure_roles(connection));
    TRY_VOID(ensure_schema_rights(connection));
    TRY_VOID(ensure_reference_schema(connection));
    begin_locked(connection);
    connection.script(make_table);
    connection.run("COMMIT");
    MigrationReport report;
    for (;;) {
        TRY(const auto done, apply_next(connection, url, files));
        if (!done) break;
        log.info("migration.applied", {{"name", *done}});
        report.done.push_back(*done);
    }
    report.version = files.back().version;
    return report;
}

} // namespace

Result<MigrationReport>
migrate(const std::string& url, const std::filesystem::path& folder, const Log& log) {
    TRY(const auto files, read_files(folder));
    TRY(auto connection, BlockingConnection::open(url, connect_seconds));
    try {
        return migrate_all(connection, url, files, log);
    } catch (const DatabaseError& error) {
        return fail(ErrorKind::unavailable, "database.unavailable", error.what());
    }
}

int newest_migration(const std::filesystem::path& folder) {
    const auto files = numbered_files(folder);
    return files.empty() ? 0 : version_of(files.back());
}

} // namespace hs::pg
