/// A program of ours running beside us, spoken to over one line: a socket pair, which is both its
/// standard input and its standard output.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/files.hpp"

namespace hs {

class ChildProcess {
public:
    enum class Line { stream, packets };

    /// Starts `program` with no environment, no signal blocked or ignored, and /dev/null for
    /// standard error. Safe in a program with threads: nothing of ours runs between fork and exec.
    /// Writing to a child that has gone is an error (pass MSG_NOSIGNAL), reading an end of file.
    /// Nothing when it cannot be started; the caller knows what that means.
    [[nodiscard]] static std::optional<ChildProcess>
    start(const std::filesystem::path& program, std::vector<std::string> arguments, Line line);
    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&&) = delete;
    ~ChildProcess(); ///< kills and reaps

    /// Our end of the line.
    [[nodiscard]] int line() const { return line_.get(); }

    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    ChildProcess(pid_t pid, Fd line);

    pid_t pid_ = -1;
    Fd line_;
};

} // namespace hs
