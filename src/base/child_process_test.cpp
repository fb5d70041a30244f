#include <cerrno>
#include <csignal>
#include <string>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/child_process.hpp"

using namespace hs;

namespace {

std::string read_line(const ChildProcess& child) {
    char bytes[256];
    const ssize_t got = ::read(child.line(), bytes, sizeof bytes);
    return got > 0 ? std::string(bytes, static_cast<std::size_t>(got)) : std::string();
}

} // namespace

TEST(ChildProcess, LineIsItsInputAndOutput) {
    const auto child = ChildProcess::start("/bin/cat", {}, ChildProcess::Line::stream).value();
    ASSERT_EQ(::send(child.line(), "hello", 5, MSG_NOSIGNAL), 5);
    EXPECT_EQ(read_line(child), "hello");
}

TEST(ChildProcess, PacketsStayApart) {
    const auto child = ChildProcess::start("/bin/cat", {}, ChildProcess::Line::packets).value();
    ASSERT_EQ(::send(child.line(), "one", 3, MSG_NOSIGNAL), 3);
    ASSERT_EQ(::send(child.line(), "two", 3, MSG_NOSIGNAL), 3);
    EXPECT_EQ(read_line(child), "one");
    EXPECT_EQ(read_line(child), "two");
}

TEST(ChildProcess, GetsArgumentsButNoEnvironment) {
    const auto child = ChildProcess::start("/bin/sh",
                                           {"-c", "echo \"$0 [$HOME]\"", "a b"},
                                           ChildProcess::Line::stream)
                           .value();
    EXPECT_EQ(read_line(child), "a b []\n");
}

TEST(ChildProcess, ADeadChildIsAnEndAndAnErrorNotASignal) {
    const auto child = ChildProcess::start("/bin/true", {}, ChildProcess::Line::stream).value();
    EXPECT_EQ(read_line(child), "");
    EXPECT_EQ(::send(child.line(), "x", 1, MSG_NOSIGNAL), -1);
    EXPECT_EQ(errno, EPIPE);
}

TEST(ChildProcess, IsKilledAndReapedAtTheEnd) {
    pid_t pid = -1;
    {
        auto first = ChildProcess::start("/bin/cat", {}, ChildProcess::Line::stream).value();
        const ChildProcess child(std::move(first));
        pid = child.pid();
        EXPECT_EQ(::kill(pid, 0), 0);
    }
    EXPECT_EQ(::kill(pid, 0), -1);
    EXPECT_EQ(errno, ESRCH);
}

TEST(ChildProcess, AMissingProgramIsSaidToBeMissing) {
    const auto child = ChildProcess::start("/nonexistent/x", {}, ChildProcess::Line::stream);
    EXPECT_FALSE(child.has_value());
}
