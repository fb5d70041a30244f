#include <algorithm>

#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/speech_engines.hpp"
#include "pg/migrations.hpp"
#include "pg/private_server.hpp"
#include "pipeline/housekeeping.hpp"

namespace hs::app {

int migrate_command(std::span<const std::string> args) {
    const auto loaded = settings_or_complain(split_arguments(args, {}));
    if (!loaded) return 2;
    const auto& config = loaded->config;
    const auto log = make_log(config);
    std::unique_ptr<pg::PrivateServer> server;
    std::string url(config.database_url.reveal());
    if (url.empty()) {
        std::filesystem::create_directories(config.data_dir);
        auto started = pg::PrivateServer::join(std::filesystem::absolute(config.data_dir), log);
        if (!started) {
            fmt::print(stderr, "hacksmart migrate: {}\n", started.error().message);
            return 1;
        }
        server = *std::move(started);
        url = server->url();
    }
    const auto report = pg::migrate(url, find_resources(config.resources_dir).migrations, log);
    if (!report) {
        fmt::print(stderr, "hacksmart migrate: {}\n", report.error().message);
        return 1;
    }
    for (const auto& file : report->done)
        fmt::print("applied {}\n", file);
    fmt::print("schema version {}\n", report->version);
    return 0;
}

int check_config_command(std::span<const std::string> args) {
    const auto line = split_arguments(args, {"--markdown"});
    if (!line.switches.empty()) {
        fmt::print("{}", settings_table());
        return 0;
    }
    const auto loaded = settings_or_complain(line);
    if (!loaded) return 2;
    for (const auto& setting : loaded->lines) {
        fmt::print("{:<22} {:<40} {:<12} {}\n",
                   setting.name,
                   setting.value.empty() ? "(empty)" : setting.value,
                   setting.source,
                   setting.meaning);
    }
    const auto& config = loaded->config;
    auto places = speech_places(config);
    const auto asks = [&](std::string_view provider) {
        return config.llm_chain.find(provider) != std::string::npos;
    };
    if (asks("openai")) places.push_back(config.llm_base_url);
    if (asks("anthropic")) places.push_back(config.anthropic_base_url);
    if (!config.ai_agent_url.empty()) places.push_back(config.ai_agent_url);
    if (!config.s3_bucket_name.empty()) {
        places.push_back(fmt::format("{} (bucket {})",
                                     config.s3_endpoint.empty() ? "AWS S3" : config.s3_endpoint,
                                     config.s3_bucket_name));
        if (config.aws_access_key_id.empty())
            places.emplace_back("the container's or instance's service for credentials");
    }
    if (places.empty()) places.emplace_back("nothing else");
    fmt::print("\nPlaces this program may talk to: {}, {}\n",
               config.database_url.empty() ? "its private PostgreSQL" : "DATABASE_URL",
               fmt::join(places, ", "));
    return 0;
}

int fsck_command(std::span<const std::string> args) {
    const auto line = split_arguments(args, {"--repair", "--dry-run", "--hashes", "--all-orphans"});
    const auto has = [&](const char* name) {
        return std::ranges::find(line.switches, name) != line.switches.end();
    };
    if (!line.words.empty()) {
        fmt::print(stderr,
                   "usage: hacksmart fsck [--repair | --dry-run] [--hashes] [--all-orphans]\n");
        return 2;
    }
    const auto engine = engine_or_complain(line, Engine::PrivateDatabase::shared);
    if (!engine) return 1;
    pipeline::FsckOptions options;
    options.repair = has("--repair") && !has("--dry-run");
    options.check_hashes = has("--hashes");
    if (has("--all-orphans")) {
        // Of an upload that is on its way the object stands in the store and the row does not.
        if (options.repair && engine->beside_running_program()) {
            fmt::print(stderr,
                       "hacksmart fsck: stop the running program first: --all-orphans would take "
                       "away the audio of uploads on their way\n");
            return 2;
        }
        options.orphan_age = std::chrono::hours(0);
    }
    pipeline::FsckReport report;
    run_to_end(*engine, [&]() -> Task<void> {
        report = co_await pipeline::check_store(engine->services(), options);
    });
    for (const auto& finding : report.findings) {
        fmt::print("{:<18} {} {}\n", finding.kind, finding.object, finding.action);
    }
    fmt::print("{} calls, {} objects, {} findings\n",
               report.calls,
               report.objects,
               report.findings.size());
    return report.findings.empty() ? 0 : 1;
}

} // namespace hs::app
