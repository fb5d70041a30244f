/// `eval run`, `eval diff`: how far judgements agree with labels.
#pragma once

#include <iosfwd>
#include <span>
#include <string>

#include "app/hear_recording.hpp"
#include "app/model_chain.hpp"

namespace hs::app {

/// The command with its surroundings given; without `hear`, `--transcript stt:…` is
/// refused, without `models`, `--llm live`.
/// Returns 0; 1 when a gate is missed or a figure fell under the baseline (with
/// --fail-on-regression); 2 on bad input.
int run_eval(std::span<const std::string> args,
             const HearWith& hear,
             std::ostream& out,
             std::ostream& errors,
             const AskModels& models = {});

} // namespace hs::app
