#include "app/hear_recording.hpp"

#include <cstring>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fcntl.h>

#include "app/scorecard_name.hpp"
#include "app/speech_engines.hpp"
#include "base/http_client.hpp"
#include "pipeline/transcribe.hpp"

namespace hs::app {

struct RecordingListener::Parts {
    CpuPool cpu{2};
    HttpClient client;
    std::unique_ptr<audio::Decoder> decoder;
    std::unique_ptr<providers::SpeechToText> speech;
    std::vector<std::string> phrases;
};

namespace {

/// Low 64 bits of the file's hash: the seed that makes speaker separation repeatable.
std::uint64_t seed_of(std::string_view content) {
    const auto hash = sha256(bytes_of(content));
    std::uint64_t bits = 0;
    std::memcpy(&bits, hash.data() + hash.size() - sizeof bits, sizeof bits);
    return bits;
}

} // namespace

RecordingListener::RecordingListener(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RecordingListener::~RecordingListener() {
    parts_->cpu.join();
}

Result<std::unique_ptr<RecordingListener>> RecordingListener::open(const std::string& engine) {
    ConfigSources sources;
    sources.environment = process_environment();
    TRY(auto loaded, load_config(sources));
    auto& config = loaded.config;
    if (!engine.empty()) {
        TRY_VOID(speech_chain_names(engine));
        config.stt_chain = engine;
    }
    const auto resources = find_resources(config.resources_dir);
    auto parts = std::make_unique<Parts>();
    audio::DecoderOptions decoding;
    decoding.allow_unsandboxed = config.allow_unsandboxed;
    parts->decoder = std::make_unique<audio::Decoder>(resources.decode_program, decoding);
    TRY(parts->speech, make_speech_engine(config, resources, parts->client));
    TRY(const auto scorecard, scorecard_name(config.scorecard));
    TRY(const auto judge,
        analysis::Judge::load(resources.scorecards, scorecard.key, scorecard.version));
    parts->phrases = judge.vocabulary_phrases();
    return std::unique_ptr<RecordingListener>(new RecordingListener(std::move(parts)));
}

Result<analysis::GivenCall> RecordingListener::hear(const std::filesystem::path& file) {
    TRY(const auto content, read_file(file));
    const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail(ErrorKind::unavailable, "file.unreadable", "The file cannot be opened.");
    pipeline::HearOptions options;
    options.seed = seed_of(content);
    boost::asio::io_context context;
    auto heard = boost::asio::co_spawn(context,
                                       pipeline::hear_call(parts_->cpu,
                                                           *parts_->decoder,
                                                           audio::DecodeLimits{},
                                                           *parts_->speech,
                                                           parts_->phrases,
                                                           fd.get(),
                                                           std::move(options)),
                                       boost::asio::use_future);
    context.run();
    TRY(auto call, heard.get());
    analysis::GivenCall given;
    given.transcript = std::move(call.transcript);
    given.context.audio = std::move(call.facts);
    given.context.spotted = std::move(call.spotted);
    return given;
}

HearWith listener_on_demand() {
    const auto listener = std::make_shared<std::unique_ptr<RecordingListener>>();
    return [listener](const std::string& engine,
                      const std::filesystem::path& file) -> Result<analysis::GivenCall> {
        if (!*listener) {
            TRY(*listener, RecordingListener::open(engine));
        }
        return (*listener)->hear(file);
    };
}

} // namespace hs::app
