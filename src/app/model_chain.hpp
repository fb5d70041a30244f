/// LLM_CHAIN: which models judge, in which order.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/model/brief.hpp"
#include "analysis/model/findings.hpp"
#include "app/config.hpp"
#include "pipeline/model_judge.hpp"

namespace hs::app {

/// What was expected instead, or nothing: steps "provider:model" joined by "->"; providers openai
/// and anthropic with a model name or small or large, external first, rules last.
[[nodiscard]] std::string chain_error(std::string_view text);

/// Errors: invalid "config.invalid" naming the variable that is missing.
[[nodiscard]] Result<pipeline::ModelChain> make_model_chain(const Config& config);

/// Findings of the configured models about a call that no server knows; nothing when the models
/// have nothing to say.
using AskModels =
    std::function<Result<std::optional<analysis::ModelFindings>>(const analysis::ModelBrief&)>;

/// For the shell: settings from the environment, read with the first call; no database, no cache.
[[nodiscard]] AskModels models_on_demand();

} // namespace hs::app
