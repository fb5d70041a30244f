#include "providers/stt/command.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/child_process.hpp"
#include "base/cpu_pool.hpp"
#include "base/files.hpp"
#include "providers/stt/http_speech.hpp"
#include "providers/stt/openai_parts.hpp"
#include "providers/stt/openai_reply.hpp"
#include "providers/stt/shared_tracks.hpp"

namespace hs::providers {

using std::chrono::steady_clock;

struct CommandSpeech::State {
    explicit State(CommandSpeechConfig given)
        : config(std::move(given)), threads(std::max(1U, config.at_once)) {}

    CommandSpeechConfig config;
    std::stop_source closing;
    CpuPool threads; // last: ends before what its work uses
};

namespace {

constexpr int look_up_ms = 100; // how soon a stop is noticed
constexpr rlim_t most_file_bytes = 1u << 30;

struct Limits {
    std::stop_token stop;
    std::stop_token closing;
    std::chrono::seconds wall;
    std::size_t output_bytes;
};

/// The recording in memory, so that a killed program leaves no sound of a caller on a disk.
Result<Fd> memory_file(std::string_view bytes) {
    Fd fd(::memfd_create("recording.wav", MFD_CLOEXEC));
    if (!fd) return fail(ErrorKind::unavailable, "storage.unavailable", "no memory for the track");
    TRY_VOID(write_all(fd.get(), bytes_of(bytes)));
    return fd;
}

std::vector<std::string>
filled(std::vector<std::string> words, const std::string& wav, const std::string& language) {
    bool named = false;
    for (auto& word : words) {
        for (const auto& [place, value] :
             {std::pair<std::string_view, const std::string&>("{wav}", wav),
              {"{language}", language}}) {
            const auto at = word.find(place);
            if (at == std::string::npos) continue;
            named = named || place == "{wav}";
            word.replace(at, place.size(), value);
        }
    }
    if (!named) words.push_back(wav);
    return words;
}

/// A program that runs away stops by itself; one that waits is stopped by us.
void limit(pid_t pid, std::chrono::seconds wall) {
    const auto cpu = static_cast<rlim_t>(wall.count()) * 64;
    const rlimit processor{cpu, cpu};
    const rlimit files{most_file_bytes, most_file_bytes};
    const rlimit none{0, 0};
    static_cast<void>(::prlimit(pid, RLIMIT_CPU, &processor, nullptr));
    static_cast<void>(::prlimit(pid, RLIMIT_FSIZE, &files, nullptr));
    static_cast<void>(::prlimit(pid, RLIMIT_CORE, &none, nullptr));
}

Result<std::string> output_of(const ChildProcess& child, const Limits& limits) {
    // Nothing is said to it: a program that reads its input sees the end at once.
    static_cast<void>(::shutdown(child.line(), SHUT_WR));
    const auto deadline = steady_clock::now() + limits.wall;
    std::string out;
    std::string block(65536, '\0');
    for (;;) {
        if (limits.stop.stop_requested() || limits.closing.stop_requested())
            return fail(ErrorKind::unavailable, "speech.stopped", "transcription was stopped");
        if (steady_clock::now() >= deadline)
            return fail(ErrorKind::unavailable, "speech.too_slow", "transcription took too long");
        pollfd line{.fd = child.line(), .events = POLLIN, .revents = 0};
        if (::poll(&line, 1, look_up_ms) <= 0) continue;
        const auto got = ::recv(child.line(), block.data(), block.size(), MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got <= 0) return out;
        out.append(block, 0, static_cast<std::size_t>(got));
        if (out.size() > limits.output_bytes)
            return fail(ErrorKind::unavailable, "speech.invalid_reply", "the output never ends");
    }
}

Result<HeardPart> hear_track(const CommandSpeechConfig& config,
                             const SpeechTrack& track,
                             const std::string& language,
                             const Limits& limits) {
    TRY(const auto wav, memory_file(wav_file(*track.samples)));
    const auto path = fmt::format("/proc/{}/fd/{}", ::getpid(), wav.get());
    auto words = filled(config.command, path, language);
    const std::filesystem::path program(words.front());
    words.erase(words.begin());
    const auto child = ChildProcess::start(program, std::move(words), ChildProcess::Line::stream);
    if (!child)
        return fail(ErrorKind::unavailable,
                    "speech.engine_unavailable",
                    "the speech command cannot be started: " + program.string());
    limit(child->pid(), limits.wall);
    TRY(const auto output, output_of(*child, limits));
    if (output.empty())
        return fail(
            ErrorKind::unavailable, "speech.engine_crashed", "the speech command printed nothing");
    return read_speech_reply(output, track.speech);
}

Result<Speech> hear_all(const CommandSpeechConfig& config,
                        const SpeechRequest& request,
                        const std::stop_token& closing) {
    const bool shared = share_samples(request.tracks);
    const auto tracks = shared ? std::vector{mixed_track(request.tracks)} : request.tracks;
    Speech speech;
    speech.engine = "command";
    speech.model = std::filesystem::path(config.command.front()).filename().string();
    for (const auto& track : tracks) {
        if (track.speech.empty()) continue; // silence costs nothing
        const auto length = std::chrono::seconds(track.samples->size() / 16000);
        const Limits limits{request.stop,
                            closing,
                            std::max(config.least_limit, 2 * length),
                            config.max_output_bytes};
        TRY(auto heard, hear_track(config, track, request.language, limits));
        if (speech.language.empty()) speech.language = heard.language;
        for (auto& segment : heard.segments)
            speech.utterances.push_back({track.name,
                                         std::move(segment.speaker),
                                         segment.start_ms,
                                         segment.end_ms,
                                         std::move(segment.text),
                                         segment.confidence,
                                         std::move(segment.words)});
    }
    if (shared) speech.utterances = given_to_speakers(std::move(speech.utterances), request.tracks);
    std::ranges::stable_sort(speech.utterances, {}, &Utterance::start_ms);
    return speech;
}

} // namespace

CommandSpeech::CommandSpeech(CommandSpeechConfig config)
    : state_(std::make_shared<State>(std::move(config))) {}

CommandSpeech::~CommandSpeech() {
    state_->closing.request_stop();
    state_->threads.join();
}

Task<Result<Speech>> CommandSpeech::transcribe(SpeechRequest request) {
    const auto state = state_;
    auto work = [state, request = std::move(request)] {
        return hear_all(state->config, request, state->closing.get_token());
    };
    auto task = state->threads.run(std::move(work));
    co_return co_await std::move(task);
}

std::vector<std::string> command_words(std::string_view line) {
    std::vector<std::string> out;
    bool inside = false; // of a word
    char quote = 0;
    for (const char c : line) {
        if (quote != 0 && c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
            if (!inside) out.emplace_back();
            inside = true;
        } else if (quote == 0 && (c == ' ' || c == '\t')) {
            inside = false;
        } else {
            if (!inside) out.emplace_back();
            inside = true;
            out.back() += c;
        }
    }
    return out;
}

} // namespace hs::providers
