// the private PostgreSQL survives what people and machines do to it.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"
#include "pg/blocking.hpp"
#include "pg/conninfo.hpp"
#include "pg/migrations.hpp"
#include "pg/private_server.hpp"

namespace hs::pg {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

class PrivateServerTest : public testing::Test {
protected:
    PrivateServerTest() {
        std::string name = "/tmp/hs-private-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        folder = name;
    }

    ~PrivateServerTest() override {
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }

    std::unique_ptr<PrivateServer> start() {
        const auto begun = steady_clock::now();
        auto server = PrivateServer::start(folder, Log());
        took = steady_clock::now() - begun;
        if (!server) throw std::runtime_error(server.error().code + ": " + server.error().message);
        return std::move(*server);
    }

    static BlockingConnection connect(const std::string& url) {
        auto connection = BlockingConnection::open(url, 10);
        if (!connection) throw std::runtime_error(connection.error().message);
        return std::move(*connection);
    }

    static void keep_a_row(const std::string& url) {
        auto connection = connect(conninfo_with(url, {{"user", "postgres"}}));
        connection.script("CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)");
    }

    static std::int64_t kept_rows(const std::string& url) {
        auto connection = connect(conninfo_with(url, {{"user", "postgres"}}));
        return connection.run("SELECT count(*) AS n FROM kept").front().integer("n");
    }

    fs::path folder;
    std::chrono::duration<double> took{};
};

TEST_F(PrivateServerTest, StartsColdAndWarmAndKeepsItsRows) {
    auto server = start();
    std::printf("cold start %.2f s\n", took.count());
    keep_a_row(server->url());
    auto login = connect(server->url());
    EXPECT_FALSE(login.superuser());
    const auto facts = login.run("SELECT current_setting('listen_addresses') AS addresses, "
                                 "current_setting('jit') AS jit, "
                                 "pg_encoding_to_char(encoding) AS encoding, datcollate "
                                 "FROM pg_database WHERE datname = current_database()");
    EXPECT_EQ(facts.front().text("addresses"), "");
    EXPECT_EQ(facts.front().text("jit"), "off");
    EXPECT_EQ(facts.front().text("encoding"), "UTF8");
    EXPECT_EQ(facts.front().text("datcollate"), "C.UTF-8");
    server.reset();
    EXPECT_FALSE(fs::exists(folder / "postgres/data/postmaster.pid"));
    server = start();
    std::printf("warm start %.2f s\n", took.count());
    EXPECT_EQ(kept_rows(server->url()), 1);
}

TEST_F(PrivateServerTest, NobodyElseGetsIn) {
    const auto server = start();
    for (const char* name : {"postgres", "postgres/data", "postgres/run"}) {
        EXPECT_EQ(fs::status(folder / name).permissions() & fs::perms::mask, fs::perms::owner_all)
            << name;
    }
}

TEST_F(PrivateServerTest, MigratesWithoutASuperuserAndOnlyForward) {
    const auto server = start();
    const auto migrations = folder / "migrations";
    fs::create_directory(migrations);
    const auto write = [&](const char* name, const char* sql) {
        std::ofstream(migrations / name) << sql;
    };
    write("0001_first.sql", "CREATE TABLE t (n int); GRANT SELECT ON t TO hacksmart_app;");
    write("0002_index.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY t_n ON t (n);");
    auto report = migrate(server->url(), migrations, Log());
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->version, 2);
    EXPECT_EQ(report->done.size(), 2u);
    report = migrate(server->url(), migrations, Log());
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->done.empty());
    auto connection = connect(server->url());
    const auto owner = connection.run("SELECT tableowner FROM pg_tables WHERE tablename = 't'");
    EXPECT_EQ(owner.front().text("tableowner"), "hacksmart_owner");
    EXPECT_THROW(connection.run("SELECT * FROM t"), DatabaseError); // rights come with the role

    write("0003_broken.sql", "CREATE TABLE u (n int); SELECT nonsense;");
    report = migrate(server->url(), migrations, Log());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, "migration.failed");
    EXPECT_THAT(report.error().message, testing::HasSubstr("0003_broken.sql"));
    EXPECT_EQ(connection.run("SELECT to_regclass('u')::text AS u").front().text("u"), "");
    fs::remove(migrations / "0003_broken.sql");

    write("0001_first.sql", "CREATE TABLE t (n bigint);");
    EXPECT_EQ(migrate(server->url(), migrations, Log()).error().code, "migration.checksum");
    fs::remove(migrations / "0001_first.sql");
    EXPECT_EQ(migrate(server->url(), migrations, Log()).error().code, "migration.newer");
    EXPECT_EQ(newest_migration(migrations), 2);
}

TEST_F(PrivateServerTest, SaysWhatToRunWhenTheLoginMayNotMakeRoles) {
    const auto server = start();
    auto admin = connect(conninfo_with(server->url(), {{"user", "postgres"}}));
    admin.run("CREATE ROLE weak LOGIN");
    admin.run("CREATE DATABASE weakly OWNER weak");
    const auto url = conninfo_with(server->url(), {{"user", "weak"}, {"dbname", "weakly"}});
    const auto migrations = folder / "migrations";
    fs::create_directory(migrations);
    std::ofstream(migrations / "0001_first.sql") << "CREATE TABLE t (n int);";
    const auto refused = migrate(url, migrations, Log());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "database.roles");
    const auto& text = refused.error().message;
    EXPECT_THAT(text, testing::HasSubstr("CREATE ROLE hacksmart_owner NOLOGIN;"));
    EXPECT_THAT(text, testing::HasSubstr("GRANT hacksmart_worker TO weak;"));
    for (const char* role : {"hacksmart_owner", "hacksmart_app", "hacksmart_worker"}) {
        admin.run(std::string("CREATE ROLE ") + role + " NOLOGIN");
        admin.run(std::string("GRANT ") + role + " TO weak");
    }
    const auto done = migrate(url, migrations, Log());
    EXPECT_TRUE(done) << done.error().message;
}

TEST_F(PrivateServerTest, ASecondInstanceIsRefusedInPlainWords) {
    const auto server = start();
    const auto second = PrivateServer::start(folder, Log());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "data_dir.in_use");
    EXPECT_THAT(second.error().message, testing::HasSubstr(std::to_string(::getpid())));
    EXPECT_THAT(second.error().message, testing::HasSubstr(folder.string()));
    EXPECT_TRUE(BlockingConnection::open(server->url(), 5));
}

TEST_F(PrivateServerTest, AKilledServerComesBackWithoutLoss) {
    const auto server = start();
    keep_a_row(server->url());
    const int first = server->pid();
    const auto killed = steady_clock::now();
    ::kill(first, SIGKILL);
    while (!BlockingConnection::open(server->url(), 1)) {
        ASSERT_LT(steady_clock::now() - killed, 20s);
    }
    const std::chrono::duration<double> back = steady_clock::now() - killed;
    std::printf("back %.2f s after kill -9 of the database\n", back.count());
    EXPECT_NE(server->pid(), first);
    EXPECT_EQ(kept_rows(server->url()), 1);
}

TEST_F(PrivateServerTest, AStalePidFileIsNoObstacle) {
    {
        const auto server = start();
    }
    // A process id that lives and is no PostgreSQL: ours.
    std::ofstream(folder / "postgres/data/postmaster.pid")
        << ::getpid() << "\n"
        << (folder / "postgres/data").string() << "\n";
    const auto server = start();
    EXPECT_TRUE(BlockingConnection::open(server->url(), 5));
}

TEST_F(PrivateServerTest, AnInterruptedInitialisationIsStartedOver) {
    {
        const auto server = start();
    }
    fs::rename(folder / "postgres/data", folder / "postgres/data.new");
    const auto server = start();
    EXPECT_TRUE(BlockingConnection::open(server->url(), 5));
}

TEST_F(PrivateServerTest, ADeepFolderGetsAShortSocketPath) {
    fs::permissions(folder, fs::perms::others_exec, fs::perm_options::add);
    folder /= std::string(60, 'a');
    folder /= std::string(60, 'b');
    const auto server = start();
    EXPECT_TRUE(BlockingConnection::open(server->url(), 5));
    const auto socket = conninfo_get(server->url(), "host");
    EXPECT_LT(socket.size(), 90u);
    folder = folder.parent_path().parent_path();
    fs::remove_all(socket);
}

/// The program of the test below: this same executable, started again.
TEST(ProgramProcess, DISABLED_Runs) {
    const char* folder = std::getenv("HS_DATA_DIR_UNDER_TEST");
    if (folder == nullptr) GTEST_SKIP();
    const auto server = PrivateServer::start(folder, Log());
    ASSERT_TRUE(server);
    ASSERT_TRUE(write_file_durably(std::string(folder) + "/ready",
                                   std::to_string((*server)->pid()) + " " + (*server)->url()));
    for (;;)
        ::pause();
}

pid_t start_program(const std::string& data_dir) {
    std::string setting = "HS_DATA_DIR_UNDER_TEST=" + data_dir;
    char self[] = "/proc/self/exe";
    char filter[] = "--gtest_filter=ProgramProcess.*";
    char disabled[] = "--gtest_also_run_disabled_tests";
    char path[] = "PATH=/usr/bin:/bin";
    char* const argv[] = {self, filter, disabled, nullptr};
    char* const envp[] = {setting.data(), path, nullptr};
    const pid_t pid = ::fork();
    if (pid == 0) {
        const int null = ::open("/dev/null", O_RDWR);
        ::dup2(null, 1);
        ::dup2(null, 2);
        ::execve(self, argv, envp);
        ::_exit(127);
    }
    return pid;
}

TEST_F(PrivateServerTest, AKilledProgramLeavesNothingInTheWay) {
    {
        const auto server = start();
    }
    const pid_t program = start_program(folder.string());
    const auto begun = steady_clock::now();
    std::string ready;
    while (ready.empty() && steady_clock::now() - begun < 20s) {
        ready = read_file(folder / "ready").value_or("");
    }
    ASSERT_FALSE(ready.empty());
    const auto url = ready.substr(ready.find(' ') + 1);
    keep_a_row(url);
    EXPECT_EQ(PrivateServer::start(folder, Log()).error().code, "data_dir.in_use");
    ::kill(program, SIGKILL);
    ::waitpid(program, nullptr, 0);
    const auto server = start();
    std::printf("start after kill -9 of the program %.2f s\n", took.count());
    EXPECT_LT(took.count(), 5.0);
    EXPECT_EQ(kept_rows(server->url()), 1);
}

} // namespace
} // namespace hs::pg
