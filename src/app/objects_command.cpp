#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "pipeline/move_objects.hpp"

namespace hs::app {

namespace {

constexpr const char* usage =
    "usage: hacksmart objects move --to s3|local\n"
    "  Moves all recordings to the bucket (S3_BUCKET_NAME) or back to the disk, each verified "
    "there\n"
    "  before it goes here. The program may keep running; ended in between, say it again.\n";

/// "s3" or "local"; empty when the arguments are none of ours. The rest are settings.
std::string destination(std::span<const std::string> args, std::vector<std::string>& settings) {
    std::string to;
    bool move = false;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "move" && !move) {
            move = true;
        } else if (args[i] == "--to" && i + 1 < args.size()) {
            to = args[++i];
        } else {
            settings.push_back(args[i]);
        }
    }
    return move && (to == "s3" || to == "local") ? to : std::string();
}

void show(const pipeline::MoveReport& report) {
    if (::isatty(STDERR_FILENO) == 0) return;
    fmt::print(stderr, "\r{} objects moved, {} left behind", report.moved, report.left.size());
    std::fflush(stderr);
}

} // namespace

int objects_command(std::span<const std::string> args) {
    std::vector<std::string> settings;
    const auto to = destination(args, settings);
    const auto line = split_arguments(settings, {});
    if (to.empty() || !line.words.empty()) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    const auto engine = engine_or_complain(line, Engine::PrivateDatabase::shared);
    if (!engine) return 1;
    auto* const both = engine->both_stores();
    if (both == nullptr) {
        fmt::print(stderr, "hacksmart objects: S3_BUCKET_NAME names no bucket\n");
        return 2;
    }
    const bool first_is_s3 = engine->config().audio_store != "local";
    const bool to_first = (to == "s3") == first_is_s3;
    auto& target = to_first ? both->first() : both->second();
    auto& source = to_first ? both->second() : both->first();
    if (!to_first) {
        fmt::print(stderr,
                   "New recordings still go to the other store: set AUDIO_STORE={} as well.\n",
                   to);
    }
    Result<pipeline::MoveReport> report;
    run_to_end(*engine, [&]() -> Task<void> {
        report = co_await pipeline::move_objects(engine->services(), source, target, show);
    });
    if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\n");
    if (!report) {
        fmt::print(stderr, "hacksmart objects: {}\n", report.error().message);
        return 1;
    }
    for (const auto& path : report->left)
        fmt::print("left {}\n", path);
    fmt::print("{} objects moved, {} left behind\n", report->moved, report->left.size());
    return report->left.empty() ? 0 : 1;
}

} // namespace hs::app
