#include "app/wiring.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "api/audio_link.hpp"
#include "app/model_chain.hpp"
#include "app/object_store.hpp"
#include "app/price_file.hpp"
#include "app/scorecard_name.hpp"
#include "app/speech_engines.hpp"
#include "base/text.hpp"
#include "pg/migrations.hpp"
#include "pipeline/erase.hpp"
#include "pipeline/evaluate.hpp"
#include "pipeline/evaluation_runs.hpp"
#include "pipeline/housekeeping.hpp"
#include "pipeline/insight_runs.hpp"
#include "pipeline/measure.hpp"
#include "pipeline/transcribe.hpp"
#include "store/system.hpp"

namespace hs::app {

namespace {

constexpr int judge_slots = 4;
constexpr int slow_connections = 2;

LogLevel level_of(const std::string& name) {
    if (name == "debug") return LogLevel::debug;
    if (name == "warn") return LogLevel::warn;
    return name == "error" ? LogLevel::error : LogLevel::info;
}

/// Cores that may be kept busy by computing; one is left to serve.
int spare_cores() {
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()) - 1);
}

pipeline::Settings settings_of(const Config& config, const std::string& scorecard) {
    pipeline::Settings settings;
    settings.strict_categories = config.strict_categories;
    settings.dedupe = config.dedupe_reuse ? pipeline::Dedupe::reuse : pipeline::Dedupe::flag;
    settings.spool = config.data_dir / "spool";
    settings.scorecard_key = scorecard;
    settings.max_upload_bytes = config.max_upload_bytes;
    settings.least_free_percent = config.least_free_percent;
    settings.max_queue_length = config.max_queue_length;
    return settings;
}

queue::RunnerOptions runner_options(const Config& config) {
    const int speech = config.worker_concurrency > 0 ? config.worker_concurrency : spare_cores();
    queue::RunnerOptions options;
    options.slots = {{pipeline::speech_queue, speech},
                     {pipeline::measure_queue, speech},
                     {pipeline::judge_queue, std::max(judge_slots, config.llm_concurrency)}};
    options.lease = config.lease;
    options.heartbeat = config.lease / 4;
    options.abandon = config.lease * 3 / 4;
    options.rescue_every = config.rescue_every;
    // A dead leader must not hold up the rescue of its jobs for longer than their own leases.
    options.leader_lease = std::min(options.leader_lease, config.lease);
    options.drain = config.drain;
    return options;
}

/// A key that differs from the one this data was sealed with would only show when reading fails.
Result<void> check_key(const Config& config, const MasterKey& keys) {
    const auto path = config.data_dir / "master.key.fingerprint";
    const auto known = read_file(path);
    if (!known) return write_file_durably(path, keys.fingerprint() + "\n");
    if (trim(*known) == keys.fingerprint()) return {};
    return fail(ErrorKind::forbidden,
                "master_key.mismatch",
                fmt::format("The master key is not the one {} was sealed with. Put the right key "
                            "back, or choose another DATA_DIR.",
                            config.data_dir.string()));
}

Result<MasterKey> load_key(const Config& config, const Log& log) {
    const auto path =
        config.master_key_file.empty() ? config.data_dir / "master.key" : config.master_key_file;
    bool created = false;
    TRY(const auto keys, MasterKey::load_or_create(path, created));
    if (created) {
        log.warn("master_key.created",
                 {{"file", path.string()},
                  {"advice",
                   "Back this file up somewhere else: without it, sealed audio and customer data "
                   "are lost."}});
    }
    TRY_VOID(check_key(config, keys));
    return keys;
}

} // namespace

Log make_log(const Config& config) {
    return {stderr_sink(), level_of(config.log_level)};
}

Engine::Engine(Config config, Log log) : config_(std::move(config)), log_(std::move(log)) {}

Result<std::unique_ptr<Engine>> Engine::build(Config config, PrivateDatabase database) {
    auto log = make_log(config);
    std::unique_ptr<Engine> engine(new Engine(std::move(config), std::move(log)));
    const auto resources = find_resources(engine->config_.resources_dir);
    std::error_code error;
    std::filesystem::create_directories(engine->config_.data_dir / "spool", error);
    if (error) {
        return fail(ErrorKind::unavailable,
                    "data_dir.unwritable",
                    fmt::format("DATA_DIR {} cannot be used: {}",
                                engine->config_.data_dir.string(),
                                error.message()));
    }
    engine->config_.data_dir = std::filesystem::absolute(engine->config_.data_dir);
    TRY_VOID(engine->open_database(resources, database));
    TRY_VOID(engine->load_parts(resources));
    return engine;
}

Result<void> Engine::open_database(const Resources& resources, PrivateDatabase database) {
    std::string url(config_.database_url.reveal());
    if (url.empty()) {
        auto started = database == PrivateDatabase::own
                           ? pg::PrivateServer::start(config_.data_dir, log_)
                           : pg::PrivateServer::join(config_.data_dir, log_);
        TRY(private_server_, std::move(started));
        url = private_server_->url();
    }
    TRY(const auto report, pg::migrate(url, resources.migrations, log_));
    schema_version_ = report.version;
    for (int i = 0; i < config_.io_threads; ++i) {
        contexts_.push_back(std::make_unique<boost::asio::io_context>(1));
    }
    pg::DatabaseOptions options;
    options.url = url;
    database_ =
        std::make_unique<pg::Database>(contexts_.front()->get_executor(), options, log_, metrics_);
    options.pipelined = 0;
    options.exclusive = slow_connections;
    options.app_statement_limit = config_.slow_query;
    slow_reads_ =
        std::make_unique<pg::Database>(contexts_.front()->get_executor(), options, log_, metrics_);
    return {};
}

Result<void> Engine::load_parts(const Resources& resources) {
    cpu_ = std::make_unique<CpuPool>(std::max(2U, std::thread::hardware_concurrency()));
    disk_ = std::make_unique<CpuPool>(8);
    TRY(auto keys, load_key(config_, log_));
    keys_ = std::make_unique<MasterKey>(keys);
    TRY(auto stores, open_object_store(config_, keys, clock_, log_));
    blobs_ = std::move(stores.store);
    both_stores_ = stores.both;
    audio::DecoderOptions decoding;
    decoding.allow_unsandboxed = config_.allow_unsandboxed;
    decoder_ = std::make_unique<audio::Decoder>(resources.decode_program, decoding);
    // What fails here fails again, with its reason, at the first recording.
    static_cast<void>(decoder_->prepare());
    http_client_ = std::make_unique<HttpClient>();
    const auto skipped = [log = log_](const std::string& engine, const Error& why) {
        log.warn("speech.engine_skipped", {{"engine", engine}, {"error", why.code}});
    };
    TRY(speech_, make_speech_engine(config_, resources, *http_client_, skipped));
    TRY_VOID(build_ledger(resources));
    build_gate();
    TRY_VOID(build_models(resources));
    TRY_VOID(build_judges(resources));
    runner_ = std::make_unique<queue::Runner>(*database_, runner_options(config_), log_, metrics_);
    rollups_ = std::make_unique<pipeline::Rollups>(*database_, metrics_, log_);
    services_ = std::make_unique<pipeline::Services>(
        pipeline::Services{.database = *database_,
                           .cpu = *cpu_,
                           .disk = *disk_,
                           .decoder = *decoder_,
                           .blobs = *blobs_,
                           .speech = *speech_,
                           .gate = *gate_,
                           .judge = *judge_,
                           .scorecards = *scorecards_,
                           .keys = *keys_,
                           .clock = clock_,
                           .watch = watch_,
                           .room = room_,
                           .metrics = metrics_,
                           .log = log_,
                           .settings = settings_of(config_, judge_->card().key),
                           .models = &models_,
                           .ledger = ledger_.get(),
                           .wake = [this](const std::string& queue, TenantId tenant) {
                               runner_->wake(queue, tenant);
                           }});
    runner_->add(pipeline::transcribe_handler(*services_));
    runner_->add(pipeline::measure_handler(*services_));
    runner_->add(pipeline::evaluate_handler(*services_));
    runner_->add(pipeline::upgrade_handler(*services_));
    runner_->add(pipeline::run_handler(*services_));
    runner_->add(pipeline::promote_handler(*services_));
    runner_->add(pipeline::erase_handler(*services_));
    add_duties();
    return {};
}

Result<void> Engine::build_ledger(const Resources& resources) {
    TRY(auto prices, load_prices(config_, resources));
    store::BudgetDefaults defaults;
    defaults.day_usd = config_.budget_day_usd;
    defaults.month_usd = config_.budget_month_usd;
    defaults.policy = config_.budget_policy;
    ledger_ = std::make_unique<pipeline::SpendLedger>(
        pipeline::SpendLedger::Parts{
            .database = *database_, .clock = clock_, .log = log_, .metrics = metrics_},
        std::move(prices),
        std::move(defaults));
    return {};
}

Result<void> Engine::build_judges(const Resources& resources) {
    const auto& folder = resources.scorecards;
    TRY(const auto name, scorecard_name(config_.scorecard));
    TRY_VOID(analysis::texts_of(folder)(name.key, name.version));
    TRY(auto grounds, analysis::load_grounds(folder));
    TRY(auto judge,
        analysis::Judge::build(grounds, analysis::texts_of(folder), name.key, name.version));
    judge_ = std::make_shared<const analysis::Judge>(std::move(judge));
    scorecards_ = std::make_unique<pipeline::Scorecards>(
        pipeline::Scorecards::Parts{.database = *database_,
                                    .cpu = *cpu_,
                                    .folder = folder,
                                    .grounds = std::move(grounds),
                                    .configured = judge_,
                                    .log = log_});
    TRY(auto categories, analysis::IssueCategories::load(folder / "issue_categories.yaml"));
    categories_ = std::make_unique<analysis::IssueCategories>(std::move(categories));
    return {};
}

void Engine::build_gate() {
    providers::Transport transport = [client = http_client_.get()](OutboundRequest request) {
        return client->send(std::move(request));
    };
    gate_ = std::make_unique<pipeline::ProviderGate>(
        pipeline::ProviderGate::Parts{.database = *database_,
                                      .keys = *keys_,
                                      .clock = clock_,
                                      .transport = std::move(transport),
                                      .log = log_,
                                      .metrics = metrics_,
                                      .ledger = ledger_.get()},
        pipeline::ProviderGateOptions{.at_once = config_.stt_concurrency,
                                      .models_at_once = config_.llm_concurrency});
}

Result<void> Engine::build_models(const Resources& resources) {
    TRY(models_.chain, make_model_chain(config_));
    TRY(models_.prompts, pipeline::PromptFiles::load(resources.prompts));
    models_.prices = &ledger_->prices();
    models_.cache = std::make_unique<pipeline::StoredModelCache>(*database_, *keys_);
    const auto base = config_.public_base_url.empty()
                          ? fmt::format("http://{}:{}", config_.listen_address, config_.listen_port)
                          : config_.public_base_url;
    const api::AudioLinks links(keys_->link_key(), base, config_.link_lifetime);
    models_.audio_link = [this, links](TenantId tenant, CallId call) {
        return links.url(tenant, call, "playback", clock_.now());
    };
    return {};
}

void Engine::add_duties() {
    runner_->add(queue::Schedule{.name = "sweep", .every = std::chrono::hours(1), .run = [this] {
                                     return pipeline::sweep(*services_);
                                 }});
    runner_->add(queue::Schedule{
        .name = "chain_audit", .every = std::chrono::minutes(1), .run = [this]() -> Task<void> {
            co_await pipeline::chain_audit(*services_);
        }});
    runner_->add(queue::Schedule{
        .name = "reservations", .every = std::chrono::minutes(1), .run = [this]() -> Task<void> {
            co_await pipeline::sweep_reservations(*services_);
        }});
    runner_->add(queue::Schedule{.name = "evaluation_runs",
                                 .every = std::chrono::minutes(1),
                                 .run = [this] { return pipeline::watch_runs(*services_); }});
    runner_->add(queue::Schedule{.name = "rollup_audit",
                                 .every = std::chrono::hours(24),
                                 .run = [this] { return rollups_->audit_and_repair(); }});
    runner_->add(queue::Beat{
        .name = "rollup_fold",
        .every = std::chrono::milliseconds(200),
        .run = [this](queue::Lead lead) -> Task<void> { return rollups_->fold(std::move(lead)); }});
    runner_->add(queue::Beat{.name = "facts_rewrite",
                             .every = std::chrono::seconds(2),
                             .run = [this](queue::Lead lead) -> Task<void> {
                                 return rollups_->rewrite(std::move(lead));
                             }});
    // Hourly, because the tenants' days end at different hours; only what has changed is written.
    runner_->add(
        queue::Schedule{.name = "agent_trends", .every = std::chrono::hours(1), .run = [this] {
                            return pipeline::fill_agent_trends(*services_);
                        }});
}

std::vector<boost::asio::io_context*> Engine::contexts() {
    std::vector<boost::asio::io_context*> out;
    for (const auto& context : contexts_)
        out.push_back(context.get());
    return out;
}

void Engine::run_threads() {
    for (const auto& context : contexts_) {
        guards_.emplace_back(context->get_executor());
        threads_.emplace_back([context = context.get()] { context->run(); });
    }
}

void Engine::stop_threads() {
    guards_.clear();
    for (const auto& context : contexts_)
        context->stop();
    threads_.clear(); // joins
}

Engine::~Engine() {
    if (database_) database_->close();
    if (slow_reads_) slow_reads_->close();
    stop_threads();
    if (cpu_) cpu_->join();
    if (disk_) disk_->join();
}

} // namespace hs::app
