/// Asks the configured models about one call: chain, cache, cost. No database transaction is open
/// while a model thinks.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "analysis/model/findings.hpp"
#include "analysis/model/session.hpp"
#include "base/master_key.hpp"
#include "pg/database.hpp"
#include "pipeline/model_seams.hpp"
#include "pipeline/prices.hpp"
#include "providers/llm/language_model.hpp"

namespace hs::pipeline {

/// Smallest first; after the last one the rules stand alone.
struct ModelChain {
    std::shared_ptr<providers::LanguageModel> external; // may be null; asked before the others
    std::vector<std::shared_ptr<providers::LanguageModel>> models;

    [[nodiscard]] bool empty() const { return !external && models.empty(); }

    /// Names the models for versions_key().
    [[nodiscard]] std::string names() const;
};

/// What the stages share of all this. A null chain means: rules only.
struct ModelServices {
    ModelChain chain;
    std::unique_ptr<PromptSource> prompts;
    const Prices* prices = nullptr; // null: only what servers report is a cost
    std::unique_ptr<ModelCache> cache;
    /// Address of a call's recording for an external evaluator, signed and short-lived.
    std::function<std::string(TenantId, CallId)> audio_link;
};

struct ModelParts {
    const ModelChain& chain;
    PromptSource& prompts;
    ModelCache* cache = nullptr; // may be null
    const Prices* prices = nullptr;
};

/// One call's questions.
struct ModelQuestion {
    TenantId tenant;
    CallId call;
    analysis::ModelBrief brief;
    std::vector<std::pair<std::string, std::string>> form; // for an external evaluator
    std::shared_ptr<providers::Exchange> exchange;
    Key256 secret{};
    /// No later try: a model that is out of reach is passed over instead of waited for.
    bool last_try = false;
    std::stop_token stop;
};

/// What the models said and is proven. Errors: those of the exchange that a later try may mend (not
/// on the last try, but for "budget.wait"), and the last one when no model gave an answer: upstream
/// when trying again would change nothing.
Task<Result<analysis::ModelFindings>> ask_models(ModelParts parts, ModelQuestion question);

/// Whether anything of this call is to be asked.
[[nodiscard]] bool worth_asking(const ModelChain& chain, const analysis::ModelBrief& brief);

/// The cache in the database, sealed under the tenant's key.
class StoredModelCache final : public ModelCache {
public:
    StoredModelCache(pg::Database& database, const MasterKey& keys)
        : database_(database), keys_(keys) {}

    Task<std::optional<Answer>> find(TenantId tenant, std::string key) override;
    Task<void>
    keep(AskedModel asked, std::string key, std::string text, std::string reported) override;

private:
    pg::Database& database_;
    const MasterKey& keys_;
};

} // namespace hs::pipeline
