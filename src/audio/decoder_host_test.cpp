/// The long-lived decoder program: what one recording does to it must not reach the next.
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/audio.hpp"
#include "audio/decoder_host.hpp"
#include "support/sounds.hpp"

namespace hs::audio {
namespace {

using decoder::EndRecord;
using decoder::FrameKind;
using decoder::Order;
using decoder::Outcome;
using namespace std::chrono_literals;

constexpr auto short_call = "calls/c17_short_drop.mp3";

Fd open_call(const char* name = short_call) {
    return Fd(::open(test::corpus(name).c_str(), O_RDONLY | O_CLOEXEC));
}

Order probing(const std::string& probe) {
    Order order;
    probe.copy(order.probe, sizeof order.probe - 1);
    return order;
}

Result<EndRecord> run(DecoderHost& host, const Order& order, int fd) {
    return host.run(order, fd, 20s, [](auto, auto) { return Result<void>(); });
}

bool decodes(DecoderHost& host) {
    const auto call = open_call();
    const auto end = run(host, {}, call.get());
    return end && end->outcome == Outcome::ok && end->samples > 0;
}

/// Waits for what another process brings about; false when it never comes.
template <typename Condition>
bool comes_true(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < until) {
        if (condition()) return true;
        std::this_thread::yield();
    }
    return false;
}

std::vector<pid_t> children_of(pid_t parent) {
    std::ifstream list("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) +
                       "/children");
    return {std::istream_iterator<pid_t>(list), {}};
}

bool gone(pid_t pid) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    if (!std::getline(stat, text)) return true;
    return text.substr(text.rfind(')') + 2, 1) == "Z"; // waits for whoever adopted it
}

std::multiset<std::string> open_descriptors() {
    std::multiset<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code closed; // the one that lists
        const auto target = std::filesystem::read_symlink(entry, closed).string();
        out.insert(target.substr(0, target.find(':')));
    }
    return out;
}

TEST(DecoderHost, OneProgramServesManyRecordings) {
    DecoderHost host(test::decoder_program());
    EXPECT_FALSE(host.pid().has_value());
    ASSERT_TRUE(host.prepare().has_value());
    const auto program = host.pid();
    for (int i = 0; i < 20; ++i)
        ASSERT_TRUE(decodes(host)) << i;
    EXPECT_EQ(host.pid(), program);
}

TEST(DecoderHost, StaysSingleThreadedAndKeepsNoChildren) {
    DecoderHost host(test::decoder_program());
    ASSERT_TRUE(decodes(host));
    const pid_t program = host.pid().value();
    const auto tasks = "/proc/" + std::to_string(program) + "/task";
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(tasks), {}), 1);
    EXPECT_TRUE(comes_true([&] { return children_of(program).empty(); }));
}

TEST(DecoderHost, AProgramThatDiedWhileItWaitedIsReplaced) {
    DecoderHost host(test::decoder_program());
    ASSERT_TRUE(decodes(host));
    const pid_t first = host.pid().value();
    ASSERT_EQ(::kill(first, SIGKILL), 0);
    EXPECT_TRUE(decodes(host));
    EXPECT_NE(host.pid().value(), first);
}

TEST(DecoderHost, AChildKilledMidWayIsOneRefusedRecording) {
    DecoderHost host(test::decoder_program());
    ASSERT_TRUE(host.prepare().has_value());
    const pid_t program = host.pid().value();
    std::thread killer([&] {
        std::vector<pid_t> children;
        EXPECT_TRUE(comes_true([&] { return !(children = children_of(program)).empty(); }));
        for (const pid_t child : children)
            ::kill(child, SIGKILL);
    });
    const auto call = open_call();
    const auto end = run(host, probing("loop"), call.get());
    killer.join();
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().code, "audio.invalid");
    EXPECT_TRUE(decodes(host));
}

/// Children of one program have everything at the same place in memory. An attacker who may crash
/// one after the other could find out where; so no program serves on after a crash.
TEST(DecoderHost, ACrashIsFollowedByAFreshProgram) {
    DecoderHost host(test::decoder_program());
    ASSERT_TRUE(decodes(host));
    const pid_t first = host.pid().value();
    const auto call = open_call();
    EXPECT_FALSE(run(host, probing("crash"), call.get()).has_value());
    EXPECT_NE(host.pid().value(), first) << "it is loading while nobody waits for it";
    EXPECT_TRUE(gone(first));
    EXPECT_TRUE(decodes(host));
}

TEST(DecoderHost, ARefusedRecordingCostsNoProgram) {
    DecoderHost host(test::decoder_program());
    ASSERT_TRUE(decodes(host));
    const auto first = host.pid();
    const Fd empty(open_unnamed(std::filesystem::temp_directory_path()).value());
    const auto end = run(host, {}, empty.get());
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(end->outcome, Outcome::empty);
    EXPECT_EQ(host.pid(), first);
}

TEST(DecoderHost, AHostileRecordingHoldsNobodyUp) {
    DecoderHost host(test::decoder_program());
    ASSERT_TRUE(host.prepare().has_value());
    auto order = probing("loop");
    std::atomic<bool> looping = true;
    std::thread hostile([&] {
        const auto call = open_call();
        EXPECT_FALSE(run(host, order, call.get()).has_value());
        looping = false;
    });
    const pid_t program = host.pid().value();
    pid_t burning = 0;
    EXPECT_TRUE(comes_true([&] {
        const auto children = children_of(program);
        if (!children.empty()) burning = children.front();
        return burning != 0;
    }));
    for (int i = 0; i < 10; ++i)
        EXPECT_TRUE(decodes(host)) << i;
    EXPECT_TRUE(looping);
    ASSERT_EQ(::kill(burning, SIGKILL), 0);
    hostile.join();
}

TEST(DecoderHost, NoDescriptorLeaksHereOrThere) {
    DecoderHost host(test::decoder_program());
    ASSERT_TRUE(decodes(host));
    const auto theirs = [&] {
        return std::distance(std::filesystem::directory_iterator(
                                 "/proc/" + std::to_string(host.pid().value()) + "/fd"),
                             {});
    };
    const auto before = open_descriptors();
    const pid_t program = host.pid().value();
    for (int i = 0; i < 200; ++i)
        ASSERT_TRUE(decodes(host)) << i;
    EXPECT_EQ(open_descriptors(), before);
    ASSERT_EQ(host.pid().value(), program);
    EXPECT_TRUE(comes_true([&] { return theirs() == 3; })) << "more than input, output and errors";
    for (int i = 0; i < 10; ++i) {
        const auto call = open_call();
        EXPECT_FALSE(run(host, probing("crash"), call.get()).has_value());
    }
    ASSERT_TRUE(decodes(host));
    EXPECT_EQ(open_descriptors(), before);
}

TEST(DecoderHost, ManyThreadsShareIt) {
    DecoderHost host(test::decoder_program());
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
        threads.emplace_back([&, i] {
            for (int n = 0; n < 10; ++n) {
                if (i == 0 && n % 3 == 0) {
                    const auto call = open_call();
                    EXPECT_FALSE(run(host, probing("crash"), call.get()).has_value());
                } else {
                    EXPECT_TRUE(decodes(host)) << i << " " << n;
                }
            }
        });
    for (auto& thread : threads)
        thread.join();
}

/// A server that is killed takes the program and its children along, busy or not.
TEST(DecoderHost, NothingOutlivesAKilledParent) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t server = ::fork();
    if (server == 0) {
        DecoderHost host(test::decoder_program());
        if (!decodes(host)) ::_exit(1);
        const pid_t program = host.pid().value();
        if (::write(ends[1], &program, sizeof program) != sizeof program) ::_exit(1);
        const auto call = open_call();
        static_cast<void>(run(host, probing("loop"), call.get()));
        ::_exit(1);
    }
    ::close(ends[1]);
    pid_t program = 0;
    ASSERT_EQ(::read(ends[0], &program, sizeof program), static_cast<ssize_t>(sizeof program));
    ::close(ends[0]);
    std::vector<pid_t> children;
    ASSERT_TRUE(comes_true([&] { return !(children = children_of(program)).empty(); }));
    ASSERT_EQ(::kill(server, SIGKILL), 0);
    EXPECT_TRUE(comes_true([&] { return gone(program); }));
    for (const pid_t child : children)
        EXPECT_TRUE(comes_true([&] { return gone(child); }));
    ::waitpid(server, nullptr, 0);
}

TEST(DecoderHost, AProgramThatSpeaksAnotherLanguageIsNotUsed) {
    DecoderHost host("/bin/true");
    const auto call = open_call();
    const auto end = run(host, {}, call.get());
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().code, "sandbox.unavailable");
}

} // namespace
} // namespace hs::audio
