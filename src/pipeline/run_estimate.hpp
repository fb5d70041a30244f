/// What the models would take to judge the calls of a run, said before anything is spent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/scorecard/scorecard.hpp"
#include "pipeline/services.hpp"
#include "store/evaluation_runs.hpp"

namespace hs::pipeline {

struct RunEstimate {
    std::optional<std::int64_t> tokens_in; // nothing: nobody can tell
    std::optional<std::int64_t> tokens_out;
    std::optional<double> cost_usd;
    std::optional<std::string> note; // what it stands on, when that is less than those calls' past
};

/// As those calls took when a model last judged them. Where none has: one request a call to the
/// first model of the chain, with a reply as long as the prompt allows.
Task<RunEstimate> estimate_run(const Services& services,
                               TenantId tenant,
                               const analysis::Scorecard& card,
                               store::RunPreview preview);

} // namespace hs::pipeline
