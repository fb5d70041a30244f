#include "app/program.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "app/commands.hpp"

namespace hs::app {

namespace {

struct Command {
    const char* name;
    int (*run)(std::span<const std::string> args);
    const char* meaning;
};

constexpr std::array commands = {
    Command{"all", all_command, "serve HTTP and run jobs in one process (the default)"},
    Command{"serve", serve_command, "serve HTTP only"},
    Command{"work", work_command, "run jobs only"},
    Command{"migrate", migrate_command, "bring the database up to date and stop"},
    Command{"check-config", check_config_command, "print every setting with its source and stop"},
    Command{
        "directory", directory_command, "add agents, cities and issue categories from CSV files"},
    Command{"ingest", ingest_command, "upload recordings to a running server"},
    Command{"judge", judge_command, "judge transcripts or recordings, print JSON"},
    Command{"eval", eval_command, "eval run: agreement with a labelled data set"},
    Command{"rules", rules_command, "rules test: lint a scorecard and run its tests"},
    Command{"import-reference",
            import_reference_command,
            "take over a database of the reference implementation"},
    Command{"demo", demo_command, "demo load, demo remove: a history of calls that nobody made"},
    Command{"fsck", fsck_command, "compare stored audio with the database"},
    Command{"objects", objects_command, "objects move: recordings from disk to bucket, or back"},
    Command{"s3", s3_command, "s3 lifecycle: rules by which the bucket tidies itself"},
    Command{"queue", queue_command, "queue doctor: the state of the job queue"},
    Command{"rollups", rollups_command, "state, audit and rebuild of the stored figures"},
};

void print_usage(std::FILE* out) {
    fmt::print(out,
               "hacksmart {}: judges support calls, with proof\n\nusage: hacksmart COMMAND …\n\n",
               HS_VERSION);
    for (const auto& command : commands) {
        fmt::print(out, "  {:<16} {}\n", command.name, command.meaning);
    }
    fmt::print(out,
               "\nEvery setting is an environment variable or a flag: --listen 127.0.0.1:9000 is "
               "LISTEN.\n`hacksmart check-config` lists them; docs/reference/configuration.md "
               "explains them.\n");
}

} // namespace

int run_program(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const bool named = !arguments.empty() && !arguments.front().starts_with("-");
    const std::string name = named ? arguments.front() : "all";
    if (!arguments.empty() &&
        (arguments.front() == "--help" || arguments.front() == "-h" || name == "help")) {
        print_usage(stdout);
        return 0;
    }
    if (!arguments.empty() && (arguments.front() == "--version" || name == "version")) {
        fmt::print("hacksmart {}\n", HS_VERSION);
        return 0;
    }
    // A client that goes away in the middle of a write is an error of that write, nothing more.
    std::signal(SIGPIPE, SIG_IGN);
    for (const auto& command : commands) {
        if (name != command.name) continue;
        try { // the last resort: a plain sentence instead of a terminated process
            return command.run(std::span(arguments).subspan(named ? 1 : 0));
        } catch (const std::exception& error) {
            fmt::print(stderr, "hacksmart {}: {}\n", name, error.what());
            return 1;
        }
    }
    fmt::print(stderr, "hacksmart: there is no command \"{}\"\n\n", name);
    print_usage(stderr);
    return 2;
}

} // namespace hs::app
