/// `judge FILE…`: one evaluation a file, without server or database.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>

#include "analysis/transcript_json.hpp"
#include "app/model_chain.hpp"
#include "base/error.hpp"

namespace hs::app {

/// A recording heard and written down: transcript, and what decoding found in context.audio.
using HearRecording = std::function<Result<analysis::GivenCall>(const std::filesystem::path& file)>;

/// The command with its surroundings given; without `models`, `--llm live` is refused. Prints one
/// JSON object a line: the judgement, or {file, error{code, detail}}. Returns 0, 1 when an input
/// failed, 2 on wrong usage.
int run_judge(std::span<const std::string> args,
              const HearRecording& hear,
              std::ostream& out,
              std::ostream& errors,
              const AskModels& models = {});

} // namespace hs::app
