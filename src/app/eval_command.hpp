/// `eval run`, `eval diff`: how far judgements agree with labels.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>

#include "analysis/transcript_json.hpp"
#include "base/error.hpp"

namespace hs::app {

/// Writes down a recording with the named speech engine: transcript, spotted phrases and audio
/// facts in the context. Not set: `--transcript stt:…` is refused.
using HearWith = std::function<Result<analysis::GivenCall>(const std::string& engine,
                                                           const std::filesystem::path& audio)>;

/// The command with its surroundings given. Returns 0; 1 when a gate is missed or a figure fell
/// under the baseline (with --fail-on-regression); 2 on bad input.
int run_eval(std::span<const std::string> args,
             const HearWith& hear,
             std::ostream& out,
             std::ostream& errors);

} // namespace hs::app
