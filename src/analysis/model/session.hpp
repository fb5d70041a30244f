/// The course of asking models about one call: windows, one repair, tiers, samples.
///
/// A machine without input and output: whoever drives it sends what next() gives and hands back
/// what came. The same replies give the same findings.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/model/findings.hpp"
#include "analysis/model/prompt_template.hpp"
#include "analysis/model/verdict.hpp"
#include "base/crypto.hpp"
#include "base/error.hpp"

namespace hs::analysis {

struct ModelTier { // smallest first
    std::string provider;
    std::string model;
};

struct SessionOptions {
    Key256 secret{}; // a speaker who does not know it cannot guess the boundary of the data
    int samples = 3; // of borderline questions, the first answer counted; 1: none
    std::size_t window_tokens = 6000;
    std::size_t overlap_turns = 2;
};

struct ModelAsk {
    std::size_t tier = 0;
    std::string system;
    std::string user;
    std::string earlier_reply; // of a repair
    std::string complaint;
    std::uint32_t seed = 0;
    int max_output = 0;
    std::vector<std::string> questions; // ids of those that are asked
    /// Everything the answer hangs on, hashed; the model's name included.
    std::string cache_key;
};

class ModelSession {
public:
    ModelSession(ModelBrief brief,
                 std::shared_ptr<const PromptTemplate> prompt,
                 std::vector<ModelTier> tiers,
                 SessionOptions options);
    ModelSession(const ModelSession&) = delete;
    ModelSession& operator=(const ModelSession&) = delete;
    ~ModelSession();

    /// What to send next; null when everything is settled. The same one until it is answered.
    [[nodiscard]] const ModelAsk* next() const;
    /// The reply to next(). True when it keeps to the schema: only such replies are worth caching.
    bool answered(const std::string& reply, const ModelShare& spent);
    /// next() will never be answered by this model: the following tier is asked, if any.
    void failed(const Error& error);
    /// Ends the asking, with what is known; the open questions stay with people.
    void give_up(const Error& error, const std::string& flag);

    [[nodiscard]] ModelFindings findings() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace hs::analysis
