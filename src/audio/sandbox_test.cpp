#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "audio/audio.hpp"
#include "audio/decoder/protocol.hpp"
#include "audio/decoder_host.hpp"
#include "support/sounds.hpp"

namespace hs::audio {
namespace {

using decoder::EndRecord;
using decoder::FrameHead;
using decoder::FrameKind;
using decoder::Order;
using decoder::Outcome;

DecoderHost& shared_host() {
    static DecoderHost host(test::decoder_program());
    return host;
}

Order order_to(const std::string& probe) {
    Order order;
    probe.copy(order.probe, sizeof order.probe - 1);
    return order;
}

Result<EndRecord> carry_out(const Order& order, int wall_seconds = 20) {
    const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    return shared_host().run(order,
                             nothing.get(),
                             std::chrono::seconds(wall_seconds),
                             [](auto, auto) { return Result<void>(); });
}

std::string answer_to_probe(const Order& order) {
    const auto end = carry_out(order);
    return end ? end->detail : end.error().message;
}

/// The filter of system calls says EPERM, Landlock says EACCES, a limit ENOMEM or EAGAIN. Only the
/// exact word shows that the very mechanism that is meant to stand there does.
struct Refusal {
    const char* probe;
    int by;
};

class Probe : public testing::TestWithParam<Refusal> {};

TEST_P(Probe, IsRefused) {
    EXPECT_EQ(answer_to_probe(order_to(GetParam().probe)),
              std::string("refused: ") + std::strerror(GetParam().by));
}

INSTANTIATE_TEST_SUITE_P(Sandbox,
                         Probe,
                         testing::Values(Refusal{"open", EPERM},
                                         Refusal{"openat2", EPERM},
                                         Refusal{"create", EPERM},
                                         Refusal{"stat", EPERM},
                                         Refusal{"socket", EPERM},
                                         Refusal{"exec", EPERM},
                                         Refusal{"fork", EPERM},
                                         Refusal{"ptrace", EPERM},
                                         Refusal{"kill", EPERM},
                                         Refusal{"mprotect_exec", EPERM},
                                         Refusal{"mmap_exec", EPERM},
                                         Refusal{"memory", ENOMEM}),
                         [](const auto& one) { return std::string(one.param.probe); });

TEST(Sandbox, TheRecordingCannotBeChanged) {
    const Fd file(::memfd_create("recording", MFD_CLOEXEC));
    ASSERT_TRUE(write_all(file.get(), bytes_of("sound")).has_value());
    const auto end = shared_host().run(order_to("write_input"),
                                       file.get(),
                                       std::chrono::seconds(20),
                                       [](auto, auto) { return Result<void>(); });
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(end->detail, std::string("refused: ") + std::strerror(EBADF));
    EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 5) << "an offset of its own";
}

/// Landlock alone, as if the filter had a hole. Kernels without it have the filter only.
TEST(Sandbox, PathsAreRefusedWithoutTheFilterToo) {
    constexpr long version_flag = 1; // LANDLOCK_CREATE_RULESET_VERSION
    const bool landlock =
        ::syscall(SYS_landlock_create_ruleset, nullptr, std::size_t{0}, version_flag) >= 1;
    for (const char* probe : {"unfiltered:open", "unfiltered:create", "unfiltered:exec"}) {
        auto order = order_to(probe);
        order.allow_unsandboxed = 1;
        // Root may do what it likes where the kernel has no Landlock.
        if (landlock)
            EXPECT_EQ(answer_to_probe(order), std::string("refused: ") + std::strerror(EACCES));
        else
            EXPECT_NE(answer_to_probe(order), "unknown");
    }
}

TEST(Sandbox, AnEndlessLoopMeetsTheProcessorLimit) {
    auto order = order_to("loop");
    order.cpu_seconds = 1;
    const auto before = std::chrono::steady_clock::now();
    const auto end = carry_out(order);
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().code, "audio.invalid");
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(15));
}

TEST(Sandbox, AStuckDecoderMeetsTheWallLimit) {
    const auto end = carry_out(order_to("loop"), 1);
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().message, "decoding took too long");
}

TEST(Sandbox, WithoutSeccompNothingIsDecodedUnlessAllowed) {
    auto order = order_to("unfiltered");
    const auto refused = carry_out(order);
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->outcome, Outcome::sandbox_unavailable);
    order.allow_unsandboxed = 1;
    const auto allowed = carry_out(order);
    ASSERT_TRUE(allowed.has_value());
    EXPECT_EQ(allowed->outcome, Outcome::ok);
}

TEST(Sandbox, AMissingProgramIsSaidToBeMissing) {
    const Fd call(::open(test::corpus("calls/c17_short_drop.mp3").c_str(), O_RDONLY));
    const auto got = Decoder("/nonexistent/hacksmart-decode").decode(call.get(), {});
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(got.error().code, "sandbox.unavailable");
}

/// The playlist names a real recording. A decoder that follows it would open and answer for it.
TEST(Sandbox, APlaylistOpensNoOtherFile) {
    const auto folder =
        std::filesystem::temp_directory_path() / ("hs-playlist-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const auto bait = folder / "bait.mp3";
    std::filesystem::copy_file(test::corpus("calls/c17_short_drop.mp3"),
                               bait,
                               std::filesystem::copy_options::overwrite_existing);
    const auto trick = folder / "trick.mp3";
    std::ofstream(trick)
        << "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-TARGETDURATION:60\n#EXTINF:10,\n"
        << "file://" << bait.string() << "\n#EXT-X-ENDLIST\n";
    const Fd watch(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    ASSERT_GE(::inotify_add_watch(watch.get(), bait.c_str(), IN_OPEN | IN_ACCESS), 0);
    const auto got = test::decode_file(trick);
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().code, "audio.unsupported_format");
    char events[512];
    EXPECT_LT(::read(watch.get(), events, sizeof events), 0) << "the other file was touched";
    std::filesystem::remove_all(folder);
}

/// A decoder that its input has taken over: a real child, locked down like any, that writes the
/// bytes it was given instead of decoding them.
class HostileDecoder : public testing::Test {
protected:
    template <typename Record>
    static void add(std::string& out, FrameKind kind, const Record& record) {
        const FrameHead head{kind, sizeof record};
        out.append(reinterpret_cast<const char*>(&head), sizeof head);
        out.append(reinterpret_cast<const char*>(&record), sizeof record);
    }

    static decoder::StreamFacts facts(int channels) {
        decoder::StreamFacts facts{};
        std::string("mp3").copy(facts.format, 7);
        std::string("mp3").copy(facts.codec, 15);
        facts.sample_rate = 16000;
        facts.channels = channels;
        facts.sent_channels = channels;
        facts.header_duration_ms = -1;
        return facts;
    }

    static Result<Decoded> answer_to(const std::string& bytes, const std::string& probe = "say") {
        const Fd file(::memfd_create("answer", MFD_CLOEXEC));
        if (!write_all(file.get(), bytes_of(bytes))) return fail(ErrorKind::internal, "test", "");
        const Decoder decoder(test::decoder_program(), {.probe = probe});
        return decoder.decode(file.get(),
                              {.wall = std::chrono::seconds(2), .max_duration_ms = 60000});
    }
};

TEST_F(HostileDecoder, SilenceIsADeadChild) {
    EXPECT_EQ(answer_to("").error().code, "audio.invalid");
}

TEST_F(HostileDecoder, HugeLengthIsNotBelieved) {
    const FrameHead head{FrameKind::pcm, 0xFFFFFFFF};
    EXPECT_EQ(
        answer_to(std::string(reinterpret_cast<const char*>(&head), sizeof head)).error().code,
        "audio.invalid");
}

TEST_F(HostileDecoder, SoundBeforeFactsIsRefused) {
    std::string bytes;
    add(bytes, FrameKind::pcm, std::array<std::int16_t, 64>{});
    EXPECT_EQ(answer_to(bytes).error().code, "audio.invalid");
}

TEST_F(HostileDecoder, ImpossibleFactsAreRefused) {
    for (const int channels : {0, -1, 9, 1 << 30}) {
        std::string bytes;
        add(bytes, FrameKind::facts, facts(channels));
        EXPECT_EQ(answer_to(bytes).error().code, "audio.invalid") << channels;
    }
}

TEST_F(HostileDecoder, ACountThatDoesNotFitTheSoundIsRefused) {
    std::string bytes;
    add(bytes, FrameKind::facts, facts(1));
    add(bytes, FrameKind::pcm, std::array<std::int16_t, 20000>{});
    EndRecord end{};
    end.samples = 30000;
    add(bytes, FrameKind::end, end);
    EXPECT_EQ(answer_to(bytes).error().code, "audio.invalid");
}

TEST_F(HostileDecoder, EndlessSoundEndsAtTheLongestCall) {
    std::string bytes;
    add(bytes, FrameKind::facts, facts(1));
    for (int i = 0; i < 100; ++i)
        add(bytes, FrameKind::pcm, std::array<std::int16_t, 16000>{});
    EXPECT_EQ(answer_to(bytes).error().code, "audio.too_long");
}

TEST_F(HostileDecoder, KeepingTheLineOpenEndsAtTheWallLimit) {
    std::string bytes;
    add(bytes, FrameKind::facts, facts(1));
    EXPECT_EQ(answer_to(bytes, "say_and_loop").error().message, "decoding took too long");
}

TEST_F(HostileDecoder, LeavesNoChildBehind) {
    const auto children = [] {
        std::multiset<pid_t> out;
        for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
            std::ifstream list(task.path() / "children");
            out.insert(std::istream_iterator<pid_t>(list), {});
        }
        return out;
    };
    const auto before = children();
    EXPECT_FALSE(answer_to("", "say_and_loop").has_value());
    EXPECT_EQ(children(), before);
}

} // namespace
} // namespace hs::audio
