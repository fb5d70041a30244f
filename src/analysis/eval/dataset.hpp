/// Labelled calls: what the agreement table compares judgements with.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/transcript_json.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace hs::analysis {

struct LabelledCall {
    std::string id;
    std::string language;
    std::string split; // dev | check | a name of the data set's own
    std::string audio; // path below the data set; empty: transcript only
    GivenCall call;
    std::map<std::string, std::string> sop; // question -> pass | fail | na; partial is left out
    std::optional<bool> escalation;
    std::optional<std::string> direction;
    std::optional<double> stabilisation; // 0, 0.5, 1
    std::optional<double> resolution;    // 0, 0.75, 1
};

/// Reads {calls: […]}. Silent calls (no turns, or no SOP labels) are left out. Splits: a call's own
/// `split`; calls with a recording are `dev`; of the others every second id of a language, in
/// order, is `check`, the rest `dev`. Errors: invalid "dataset.invalid" naming the call.
[[nodiscard]] Result<std::vector<LabelledCall>> read_dataset(const json::value& document);

} // namespace hs::analysis
