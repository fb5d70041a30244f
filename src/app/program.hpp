/// The only place where objects are built and joined; commands of the one program.
#pragma once

namespace hs::app {

/// Runs the command named by the arguments; gives the exit status (0 good, 1 failed, 2 wrong
/// usage).
int run_program(int argc, char** argv);

} // namespace hs::app
