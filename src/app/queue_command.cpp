#include <fmt/format.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "store/system.hpp"

namespace hs::app {

int queue_command(std::span<const std::string> args) {
    const auto line = split_arguments(args, {});
    if (line.words.size() != 1 || line.words.front() != "doctor") {
        fmt::print(stderr, "usage: hacksmart queue doctor\n");
        return 2;
    }
    const auto engine = engine_or_complain(line, Engine::PrivateDatabase::shared);
    if (!engine) return 1;
    run_to_end(*engine, [&]() -> Task<void> {
        const auto unit =
            engine->services().database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
        for (const auto& finding : co_await store::queue_findings(*unit)) {
            fmt::print("{:<34} {}\n", finding.what, finding.value);
        }
    });
    return 0;
}

} // namespace hs::app
