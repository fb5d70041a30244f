#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audio/audio.hpp"
#include "audio/decoder/protocol.hpp"
#include "audio/decoder_process.hpp"
#include "support/sounds.hpp"

namespace hs::audio {
namespace {

using decoder::EndRecord;
using decoder::FrameHead;
using decoder::FrameKind;
using decoder::Outcome;

Result<EndRecord> run_decoder(std::vector<std::string> arguments, int wall_seconds = 20) {
    const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    TRY(auto process,
        DecoderProcess::start(
            test::decoder_program(), arguments, nothing.get(), std::chrono::seconds(wall_seconds)));
    return process.read_frames([](auto, auto) { return Result<void>(); });
}

class Probe : public testing::TestWithParam<const char*> {};

TEST_P(Probe, IsRefused) {
    const auto end = run_decoder({"pcm", "--probe", GetParam()});
    ASSERT_TRUE(end.has_value());
    EXPECT_EQ(end->outcome, Outcome::ok);
    EXPECT_THAT(std::string(end->detail), testing::StartsWith("refused: "));
}

INSTANTIATE_TEST_SUITE_P(Sandbox,
                         Probe,
                         testing::Values("open",
                                         "create",
                                         "stat",
                                         "socket",
                                         "exec",
                                         "fork",
                                         "ptrace",
                                         "kill",
                                         "mprotect_exec",
                                         "mmap_exec",
                                         "memory"));

TEST(Sandbox, AnEndlessLoopMeetsTheProcessorLimit) {
    const auto before = std::chrono::steady_clock::now();
    const auto end = run_decoder({"pcm", "--cpu", "1", "--probe", "loop"});
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().code, "audio.invalid");
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(15));
}

TEST(Sandbox, AStuckDecoderMeetsTheWallLimit) {
    const auto end = run_decoder({"pcm", "--probe", "loop"}, 1);
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().message, "decoding took too long");
}

TEST(Sandbox, WithoutSeccompNothingIsDecodedUnlessAllowed) {
    const auto refused = run_decoder({"pcm", "--probe", "no_seccomp"});
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->outcome, Outcome::sandbox_unavailable);
    const auto allowed = run_decoder({"pcm", "--probe", "no_seccomp", "--allow-unsandboxed"});
    ASSERT_TRUE(allowed.has_value());
    EXPECT_NE(allowed->outcome, Outcome::sandbox_unavailable);
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

/// Stands in for a decoder that its input has taken over: a script that sends what it is told.
class HostileDecoder : public testing::Test {
protected:
    HostileDecoder() {
        folder_ =
            std::filesystem::temp_directory_path() / ("hs-hostile-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }

    ~HostileDecoder() override { std::filesystem::remove_all(folder_); }

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

    Result<Decoded> answer_to(const std::string& bytes, const std::string& then = "") {
        const auto data = folder_ / "answer";
        std::ofstream(data, std::ios::binary) << bytes;
        const auto script = folder_ / "decoder";
        std::ofstream(script) << "#!/bin/sh\n/bin/cat " << data.string() << "\n" << then << "\n";
        std::filesystem::permissions(script, std::filesystem::perms::owner_all);
        const Fd call(::open(test::corpus("calls/c17_short_drop.mp3").c_str(), O_RDONLY));
        return Decoder(script).decode(call.get(),
                                      {.wall = std::chrono::seconds(2), .max_duration_ms = 60000});
    }

private:
    std::filesystem::path folder_;
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
    EXPECT_EQ(answer_to(bytes, "while :; do :; done").error().message, "decoding took too long");
}

TEST_F(HostileDecoder, LeavesNoChildBehind) {
    EXPECT_FALSE(answer_to("", "while :; do :; done").has_value());
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
}

} // namespace
} // namespace hs::audio
