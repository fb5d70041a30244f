/// The commands that need no server; each returns the exit status.
#pragma once

#include <span>
#include <string>

namespace hs::app {

int eval_command(std::span<const std::string> args);
int rules_command(std::span<const std::string> args);
int judge_command(std::span<const std::string> args);

} // namespace hs::app
