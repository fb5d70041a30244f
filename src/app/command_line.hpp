/// What commands share: settings from flags and environment, running a coroutine to its end.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "app/wiring.hpp"

namespace hs::app {

/// Flags that belong to the command itself are taken out of `args` first.
struct CommandLine {
    std::vector<std::string> settings; // --name value, for load_config
    std::vector<std::string> words;    // everything else
    std::vector<std::string> switches; // the command's own --flags
};

/// `switches` names the command's own flags without a value, `words` whether it takes operands.
[[nodiscard]] CommandLine split_arguments(std::span<const std::string> args,
                                          const std::vector<std::string>& switches);

/// Prints what is wrong to standard error. Unset: exit with status 2.
[[nodiscard]] std::optional<LoadedConfig> settings_or_complain(const CommandLine& line);

/// Builds the engine, or prints why not. Unset: exit with status 1.
[[nodiscard]] std::unique_ptr<Engine>
engine_or_complain(const CommandLine& line,
                   Engine::PrivateDatabase database = Engine::PrivateDatabase::own);

/// Runs `work` on the engine's main context until it ends; rethrows its exception.
void run_to_end(Engine& engine, std::function<Task<void>()> work);

} // namespace hs::app
