/// Any local recogniser: a program that is given the path of a wav file and prints verbose_json.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "providers/stt/speech_to_text.hpp"

namespace hs::providers {

struct CommandSpeechConfig {
    /// Program (a path) and arguments; "{wav}" stands for the file, "{language}" for the hint. A
    /// command without {wav} gets the path at its end. No shell reads it.
    std::vector<std::string> command;
    unsigned at_once = 1;
    std::chrono::seconds least_limit{30 * 60}; // or twice the track's length, if that is longer
    std::size_t max_output_bytes = 32u << 20;
};

class CommandSpeech final : public SpeechToText {
public:
    explicit CommandSpeech(CommandSpeechConfig config);
    ~CommandSpeech() override; ///< waits for its programs, which it stops

    [[nodiscard]] std::string name() const override { return "command"; }

    /// Errors: unavailable "speech.engine_unavailable", "speech.engine_crashed",
    /// "speech.too_slow", "speech.stopped", "speech.invalid_reply".
    Task<Result<Speech>> transcribe(SpeechRequest request) override;

private:
    struct State;
    std::shared_ptr<State> state_;
};

/// Words of a command line: blanks part them, quotation marks hold them together.
[[nodiscard]] std::vector<std::string> command_words(std::string_view line);

} // namespace hs::providers
