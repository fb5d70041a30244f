#include "support/postgres.hpp"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <unistd.h>

#include "pg/blocking.hpp"
#include "pg/conninfo.hpp"
#include "pg/migrations.hpp"
#include "pg/private_server.hpp"

namespace hs::test {

namespace {

Log quiet_log() {
    class Nowhere final : public LogSink {
        void write(std::string) override {}
    };

    if (std::getenv("TEST_LOG") != nullptr) return Log(stderr_sink(), LogLevel::debug);
    return Log(std::make_shared<Nowhere>(), LogLevel::error);
}

pg::BlockingConnection connect(const std::string& url) {
    auto connection = pg::BlockingConnection::open(url, 10);
    if (!connection) throw std::runtime_error(connection.error().message);
    return std::move(*connection);
}

/// The server and the migrated template, made on first use, gone with the program.
class Server {
public:
    Server() {
        if (const char* given = std::getenv("TEST_DATABASE_URL")) {
            admin_ = login_ = given;
        } else {
            start_private();
        }
        template_ = "hs_test_" + std::to_string(::getpid());
        create(template_, "");
        const auto migrated = pg::migrate(
            url_of(template_), std::string(HS_SOURCE_DIR) + "/db/migrations", quiet_log());
        if (!migrated) throw std::runtime_error("migrations: " + migrated.error().message);
    }

    ~Server() {
        drop(template_);
        private_server_.reset();
        std::error_code ignored;
        if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
    }

    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::string clone() {
        const auto name = template_ + "_" + std::to_string(++made_);
        create(name, " TEMPLATE " + template_);
        return name;
    }

    void drop(const std::string& name) {
        connect(admin_).run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }

    [[nodiscard]] std::string url_of(const std::string& database) const {
        return pg::conninfo_with(login_, {{"dbname", database}});
    }

    [[nodiscard]] const std::string& admin() const { return admin_; }

private:
    void start_private() {
        std::string folder = std::filesystem::temp_directory_path() / "hs-test-XXXXXX";
        if (::mkdtemp(folder.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        folder_ = folder;
        auto server = pg::PrivateServer::start(folder_, quiet_log());
        if (!server) throw std::runtime_error(server.error().message);
        private_server_ = std::move(*server);
        login_ = private_server_->url();
        admin_ = pg::conninfo_with(login_, {{"user", "postgres"}, {"dbname", "postgres"}});
    }

    void create(const std::string& name, const std::string& from) {
        const auto login = pg::conninfo_get(login_, "user");
        const auto owner = login.empty() ? std::string() : " OWNER \"" + login + "\"";
        connect(admin_).run("CREATE DATABASE " + name + from + owner);
    }

    std::filesystem::path folder_;
    std::unique_ptr<pg::PrivateServer> private_server_;
    std::string login_;
    std::string admin_;
    std::string template_;
    std::atomic<int> made_{0};
};

Server& server() {
    static Server one;
    return one;
}

} // namespace

std::string admin_url() {
    return server().admin();
}

TestDatabase::TestDatabase() : name_(server().clone()), url_(server().url_of(name_)) {}

TestDatabase::~TestDatabase() {
    server().drop(name_);
}

std::string TestDatabase::superuser_url() const {
    return pg::conninfo_with(server().admin(), {{"dbname", name_}});
}

TenantId TestDatabase::tenant() {
    return *TenantId::parse("00000000-0000-7000-8000-000000000001");
}

TenantId TestDatabase::another_tenant() const {
    const TenantId id{Uuid::random()};
    connect(superuser_url())
        .run("INSERT INTO tenants (id, name) VALUES ($1, $2)", pg::params(id, id.str()));
    return id;
}

std::vector<std::string> TestDatabase::sql(const std::string& text) const {
    auto connection = connect(superuser_url());
    const auto rows = connection.run(text);
    std::vector<std::string> out;
    for (int i = 0; i < rows.size(); ++i)
        out.push_back(rows.first_text(i));
    return out;
}

std::int64_t TestDatabase::count(const std::string& text) const {
    const auto values = sql(text);
    if (values.size() != 1) throw std::runtime_error("one number expected: " + text);
    return std::stoll(values.front());
}

LiveDatabase::LiveDatabase() : LiveDatabase(pg::DatabaseOptions{}) {}

LiveDatabase::LiveDatabase(pg::DatabaseOptions options) : log(quiet_log()) {
    options.url = base.url();
    database = std::make_unique<pg::Database>(loop.context().get_executor(), options, log, metrics);
}

LiveDatabase::~LiveDatabase() {
    database->close();
    loop.stop();
    database.reset();
}

pg::Rows
LiveDatabase::run(const pg::Query& query, pg::Params params, std::optional<pg::Scope> scope) {
    const auto under = scope.value_or(pg::Scope{TestDatabase::tenant(), pg::DbRole::worker});
    return wait(database->run(under, query, std::move(params)));
}

} // namespace hs::test
