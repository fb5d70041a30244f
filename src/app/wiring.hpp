/// Builds every long-lived object once, in the order they depend on each other: the diagram of the
/// running program.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "analysis/judging/issue_categories.hpp"
#include "api/context.hpp"
#include "app/config.hpp"
#include "app/resources.hpp"
#include "base/http_client.hpp"
#include "http/server.hpp"
#include "pg/private_server.hpp"
#include "pipeline/ingest.hpp"
#include "pipeline/model_judge.hpp"
#include "pipeline/rollups.hpp"
#include "pipeline/scorecards.hpp"
#include "pipeline/services.hpp"
#include "providers/blob/two_stores.hpp"
#include "queue/runner.hpp"

namespace hs::app {

/// The state shared by all commands that touch the database: what exists once the database is up
/// to date and keys, store and engines are loaded. No thread of ours runs until run_threads().
class Engine {
public:
    /// Whether the private PostgreSQL has to be this program's own, or may be that of a running
    /// program on the same folder.
    enum class PrivateDatabase { own, shared };

    /// Starts the private PostgreSQL when no DATABASE_URL is set, migrates, loads everything.
    /// Errors: those of the parts, each with a sentence that says what to do.
    [[nodiscard]] static Result<std::unique_ptr<Engine>>
    build(Config config, PrivateDatabase database = PrivateDatabase::own);
    ~Engine(); ///< stops threads and closes the database
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;

    [[nodiscard]] const pipeline::Services& services() const { return *services_; }

    /// For what takes long: a few connections of its own, with a limit of its own.
    [[nodiscard]] pg::Database& slow_reads() { return *slow_reads_; }

    [[nodiscard]] queue::Runner& runner() { return *runner_; }

    [[nodiscard]] pipeline::Rollups& rollups() { return *rollups_; }

    [[nodiscard]] const Config& config() const { return config_; }

    [[nodiscard]] const Log& log() const { return log_; }

    [[nodiscard]] boost::asio::io_context& main_context() { return *contexts_.front(); }

    [[nodiscard]] std::vector<boost::asio::io_context*> contexts();

    [[nodiscard]] pipeline::Scorecards& scorecards() { return *scorecards_; }

    [[nodiscard]] const analysis::IssueCategories& categories() const { return *categories_; }

    /// Disk and bucket apart, for moving objects; null without a bucket.
    [[nodiscard]] providers::TwoStores* both_stores() const { return both_stores_; }

    [[nodiscard]] int schema_version() const { return schema_version_; }

    /// A program that is up keeps the private database that this one uses.
    [[nodiscard]] bool beside_running_program() const {
        return private_server_ && private_server_->joined();
    }

    void run_threads();
    void stop_threads();

private:
    Engine(Config config, Log log);
    Result<void> open_database(const Resources& resources, PrivateDatabase database);
    Result<void> load_parts(const Resources& resources);
    Result<void> build_ledger(const Resources& resources);
    void build_gate();
    Result<void> build_models(const Resources& resources);
    Result<void> build_judges(const Resources& resources);
    void add_duties();

    Config config_;
    Log log_;
    Metrics metrics_;
    std::unique_ptr<pg::PrivateServer> private_server_;
    int schema_version_ = 0;
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
    std::unique_ptr<CpuPool> cpu_;
    std::unique_ptr<CpuPool> disk_;
    std::unique_ptr<pg::Database> database_;
    std::unique_ptr<pg::Database> slow_reads_;
    std::unique_ptr<MasterKey> keys_;
    std::unique_ptr<providers::BlobStore> blobs_;
    providers::TwoStores* both_stores_ = nullptr; // the same, when there are two
    std::unique_ptr<audio::Decoder> decoder_;
    std::unique_ptr<HttpClient> http_client_;
    std::unique_ptr<providers::SpeechToText> speech_;
    std::unique_ptr<pipeline::SpendLedger> ledger_;
    std::unique_ptr<pipeline::ProviderGate> gate_;
    pipeline::ModelServices models_;
    pipeline::JudgePtr judge_;
    std::unique_ptr<pipeline::Scorecards> scorecards_;
    std::unique_ptr<analysis::IssueCategories> categories_;
    SystemClock clock_;
    pipeline::CallWatch watch_;
    pipeline::QueueRoom room_;
    std::unique_ptr<pipeline::Rollups> rollups_;
    std::unique_ptr<queue::Runner> runner_;
    std::unique_ptr<pipeline::Services> services_;
    using WorkGuard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
    std::vector<WorkGuard> guards_;
    std::vector<std::jthread> threads_;
};

[[nodiscard]] Log make_log(const Config& config);

} // namespace hs::app
