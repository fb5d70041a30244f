#include <csignal>
#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "api/reference_page.hpp"
#include "api/routes.hpp"
#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/resources.hpp"
#include "app/yaml_json.hpp"
#include "base/files.hpp"
#include "pg/session.hpp"
#include "pipeline/seed.hpp"

namespace hs::app {

namespace {

namespace asio = boost::asio;

/// The tenant of installations that need only one (db/migrations/0001).
TenantId default_tenant() {
    return *TenantId::parse("00000000-0000-7000-8000-000000000001");
}

std::optional<Error> meaning_of(std::exception_ptr exception) {
    try {
        std::rethrow_exception(exception);
    } catch (const pg::DatabaseError& error) {
        if (error.disk_full()) {
            return Error{ErrorKind::unavailable,
                         "storage.full",
                         "The database has no room left.",
                         std::chrono::seconds(60)};
        }
        if (!error.connection_lost() && !error.out_of_resources()) return std::nullopt;
        return Error{ErrorKind::unavailable,
                     "database.unavailable",
                     "The database does not answer.",
                     std::chrono::seconds(5)};
    } catch (...) {
        return std::nullopt;
    }
}

std::string base_url(const Config& config, std::uint16_t port) {
    if (!config.public_base_url.empty()) return config.public_base_url;
    const bool v6 = config.listen_address.find(':') != std::string::npos;
    return v6 ? fmt::format("http://[{}]:{}", config.listen_address, port)
              : fmt::format("http://{}:{}", config.listen_address, port);
}

http::ServerOptions server_options(const Config& config) {
    http::ServerOptions options;
    options.address = config.listen_address;
    options.port = config.listen_port;
    options.spool = config.data_dir / "spool";
    options.allowed_origins = config.allowed_origins;
    options.local_principal = {
        .tenant = default_tenant(), .name = "local", .may_read_customer_fields = true};
    options.max_upload_bytes = config.max_upload_bytes;
    options.translate_exception = meaning_of;
    return options;
}

/// The contract and the page of error codes, read once. Errors: those of reading it; invalid
/// "config.invalid" when it is no YAML.
Result<api::Documentation> read_documentation(const Config& config) {
    const auto resources = find_resources(config.resources_dir);
    const auto& file = resources.openapi;
    TRY(auto yaml, read_file(file));
    TRY(const auto errors, read_file(resources.errors));
    try {
        const auto document = json_of_yaml(yaml);
        return api::Documentation{.yaml = std::move(yaml),
                                  .json = json::serialize(document),
                                  .page = api::reference_page(document),
                                  .codes = api::read_code_helps(errors)};
    } catch (const std::exception& error) {
        return fail(ErrorKind::invalid, "config.invalid", file.string() + ": " + error.what());
    }
}

/// The built dashboard; none when it was not built. Errors: those of a folder that was named and
/// holds none.
Result<api::WebFiles> read_dashboard(const Config& config) {
    const auto folder = config.web_dir.empty() ? find_web_build() : config.web_dir;
    if (folder.empty()) return api::WebFiles();
    return api::WebFiles::load(folder);
}

/// The HTTP side of one process.
class Front {
public:
    Front(Engine& engine, api::Documentation documentation, api::WebFiles web)
        : context_(make_context(engine)) {
        context_.documentation = std::move(documentation);
        context_.web = std::move(web);
        auto& services = engine.services();
        server_ = std::make_unique<http::Server>(engine.contexts(),
                                                 services.cpu,
                                                 server_options(engine.config()),
                                                 api::make_router(context_),
                                                 engine.log(),
                                                 services.metrics);
        const auto url = base_url(engine.config(), server_->port());
        context_.links =
            api::AudioLinks(services.keys.link_key(), url, engine.config().link_lifetime);
        context_.draining = [this] { return server_->draining(); };
        tell_started_ = [log = engine.log(), url] {
            log.info("server.started", {{"url", url}, {"pid", ::getpid()}});
        };
    }

    void start() {
        server_->start();
        tell_started_();
    }

    Task<void> drain(std::chrono::seconds limit) { co_await server_->drain(limit); }

private:
    static api::Context make_context(Engine& engine) {
        api::Context context{.services = engine.services(), .slow_reads = &engine.slow_reads()};
        context.rank_firm_only = !engine.config().rank_provisional;
        context.limits.max_upload_bytes = engine.config().max_upload_bytes;
        context.limits.default_region = engine.config().region;
        context.default_wait = engine.config().default_wait;
        context.audio_from_store = engine.config().audio_from_store;
        context.link_lifetime = engine.config().link_lifetime;
        context.events = std::make_shared<pipeline::EventFeed>(engine.services().database,
                                                               engine.main_context().get_executor(),
                                                               engine.services().metrics,
                                                               engine.log());
        context.schema_version = engine.schema_version();
        context.storage_trouble = [spool = engine.config().data_dir / "spool"]() -> std::string {
            return ::access(spool.c_str(), W_OK) == 0 ? "" : "The data directory is not writable.";
        };
        return context;
    }

    api::Context context_;
    std::unique_ptr<http::Server> server_;
    std::function<void()> tell_started_;
};

/// Waits for SIGTERM or SIGINT, then drains; a second signal hands jobs back at once.
Task<void> until_told_to_stop(Engine& engine, Front* front, bool working) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGTERM, SIGINT);
    co_await signals.async_wait(asio::use_awaitable);
    engine.log().info("program.stopping");
    if (working) engine.runner().stop();
    signals.async_wait([&engine, working](const boost::system::error_code& error, int) {
        if (!error && working) engine.runner().stop();
    });
    if (front != nullptr) co_await front->drain(engine.config().drain);
}

/// What comes with the program is in the database before anybody asks for it.
Task<void> begin(Engine& engine, Front* front) {
    co_await pipeline::seed_categories(engine.services(), engine.categories());
    co_await engine.scorecards().register_files();
    if (front != nullptr) front->start();
}

/// Builds the engine and runs the wanted sides until a signal and the drain after it.
int run_sides(std::span<const std::string> args, bool serving, bool working) {
    const auto engine = engine_or_complain(split_arguments(args, {}));
    if (!engine) return 1;
    std::unique_ptr<Front> front;
    if (serving) {
        auto documentation = read_documentation(engine->config());
        if (!documentation) {
            fmt::print(stderr, "hacksmart cannot start: {}\n", documentation.error().message);
            return 1;
        }
        auto web = read_dashboard(engine->config());
        if (!web) {
            fmt::print(stderr, "hacksmart cannot start: {}\n", web.error().message);
            return 1;
        }
        front = std::make_unique<Front>(*engine, std::move(*documentation), std::move(*web));
    }
    auto& context = engine->main_context();
    auto jobs = working ? asio::co_spawn(context, engine->runner().run(), asio::use_future)
                        : std::future<void>();
    auto stopped = asio::co_spawn(
        context, until_told_to_stop(*engine, front.get(), working), asio::use_future);
    auto begun = asio::co_spawn(context, begin(*engine, front.get()), asio::use_future);
    engine->run_threads();
    begun.get();
    stopped.get();
    if (working) jobs.get();
    engine->log().info("program.stopped");
    engine->services().database.close();
    engine->slow_reads().close();
    engine->stop_threads();
    return 0;
}

} // namespace

int serve_command(std::span<const std::string> args) {
    return run_sides(args, true, false);
}

int work_command(std::span<const std::string> args) {
    return run_sides(args, false, true);
}

int all_command(std::span<const std::string> args) {
    return run_sides(args, true, true);
}

} // namespace hs::app
