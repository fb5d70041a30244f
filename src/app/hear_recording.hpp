/// Writes a recording down with the configured speech engine, without server or database.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "analysis/transcript_json.hpp"
#include "base/error.hpp"

namespace hs::app {

/// Loads decoder, scorecard phrases and engine once; hears one file after the other.
class RecordingListener {
public:
    /// Settings come from the environment. `engine`: a name or a chain of them; empty: the
    /// configured one. Errors: invalid "config.invalid", "scorecard.invalid".
    [[nodiscard]] static Result<std::unique_ptr<RecordingListener>> open(const std::string& engine);
    ~RecordingListener();
    RecordingListener(const RecordingListener&) = delete;
    RecordingListener& operator=(const RecordingListener&) = delete;

    /// Blocking. Errors: file.unreadable, those of decoding and of the engine, invalid "no_speech".
    [[nodiscard]] Result<analysis::GivenCall> hear(const std::filesystem::path& file);

private:
    struct Parts;
    explicit RecordingListener(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// A recording written down by the named engine (empty: the configured one): transcript, spotted
/// phrases and audio facts in the context.
using HearWith = std::function<Result<analysis::GivenCall>(const std::string& engine,
                                                           const std::filesystem::path& file)>;

/// Opens its listener with the first recording: transcripts need neither decoder nor engine. All
/// recordings of one run are heard by the engine of the first.
[[nodiscard]] HearWith listener_on_demand();

} // namespace hs::app
