/// The commands of the program; each gets the arguments after its name and returns the exit status:
/// 0 good, 1 failed, 2 wrong usage.
#pragma once

#include <span>
#include <string>

namespace hs::app {

// Need a database and, most of them, keep running.
int serve_command(std::span<const std::string> args); ///< HTTP only
int work_command(std::span<const std::string> args);  ///< jobs only
int all_command(std::span<const std::string> args);   ///< both, the default
int migrate_command(std::span<const std::string> args);
int check_config_command(std::span<const std::string> args);
int fsck_command(std::span<const std::string> args);
int objects_command(std::span<const std::string> args);
int directory_command(std::span<const std::string> args);
int import_reference_command(std::span<const std::string> args);
int queue_command(std::span<const std::string> args);
int rollups_command(std::span<const std::string> args);
int demo_command(std::span<const std::string> args);

// Talk to a running server.
int ingest_command(std::span<const std::string> args);

// Need neither server nor database.
int s3_command(std::span<const std::string> args);
int judge_command(std::span<const std::string> args);
int eval_command(std::span<const std::string> args);
int rules_command(std::span<const std::string> args);

} // namespace hs::app
