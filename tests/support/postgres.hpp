/// Real PostgreSQL for tests: one private server a test program (or TEST_DATABASE_URL), migrated
/// once into a template; every test gets a clone of it.
#pragma once

#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "pg/database.hpp"

namespace hs::test {

/// Url of an administrator (superuser) on the server of this test program.
[[nodiscard]] std::string admin_url();

/// A migrated database of its own; dropped at the end. The login is no superuser.
class TestDatabase {
public:
    TestDatabase();
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    [[nodiscard]] const std::string& url() const { return url_; }

    /// Of a superuser: sees every row, may look behind row security.
    [[nodiscard]] std::string superuser_url() const;
    /// The migrations' default tenant.
    [[nodiscard]] static TenantId tenant();
    /// Adds one more tenant.
    [[nodiscard]] TenantId another_tenant() const;
    /// Runs SQL as the superuser, whatever row security says; gives the first column of every row.
    std::vector<std::string> sql(const std::string& text) const;
    std::int64_t count(const std::string& text) const;

private:
    std::string name_;
    std::string url_;
};

/// An io_context with its own thread; `wait` runs a coroutine on it and blocks until it has ended.
class Loop {
public:
    Loop() : guard_(boost::asio::make_work_guard(context_)), thread_([this] { context_.run(); }) {}

    ~Loop() { stop(); }

    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    void stop() {
        guard_.reset();
        context_.stop();
        if (thread_.joinable()) thread_.join();
    }

    template <typename T>
    T wait(Task<T> task, std::chrono::seconds limit = std::chrono::seconds(60)) {
        auto result = boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future);
        if (result.wait_for(limit) != std::future_status::ready) {
            throw std::runtime_error("the coroutine did not end within the test's limit");
        }
        return result.get();
    }

    template <typename T>
    std::future<T> start(Task<T> task) {
        return boost::asio::co_spawn(context_, std::move(task), boost::asio::use_future);
    }

    [[nodiscard]] boost::asio::io_context& context() { return context_; }

private:
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::jthread thread_;
};

/// A cloned database with a running pg::Database on a loop of its own.
struct LiveDatabase {
    LiveDatabase();
    explicit LiveDatabase(pg::DatabaseOptions options); // url is filled in
    ~LiveDatabase();

    TestDatabase base;
    Metrics metrics;
    Log log;
    Loop loop;
    std::unique_ptr<pg::Database> database;

    template <typename T>
    T wait(Task<T> task) {
        return loop.wait(std::move(task));
    }

    /// One statement as the worker role of `tenant` (default: the default tenant).
    pg::Rows run(const pg::Query& query,
                 pg::Params params = {},
                 std::optional<pg::Scope> scope = std::nullopt);
};

} // namespace hs::test
