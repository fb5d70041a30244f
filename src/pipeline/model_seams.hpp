/// What asking a model stands on and somebody else decides: prompts, kept answers.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "analysis/model/prompt_template.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/task.hpp"

namespace hs::pipeline {

/// Who was asked about which call.
struct AskedModel {
    TenantId tenant;
    CallId call;
    std::string provider;
    std::string model;
};

/// Which version of a prompt is asked with.
class PromptSource {
public:
    PromptSource() = default;
    PromptSource(const PromptSource&) = delete;
    PromptSource& operator=(const PromptSource&) = delete;
    virtual ~PromptSource() = default;

    /// Errors: not_found "prompt.missing".
    virtual Task<Result<std::shared_ptr<const analysis::PromptTemplate>>>
    active(TenantId tenant, std::string prompt_id) = 0;
    /// What tells one set of active prompts from another, without waiting.
    [[nodiscard]] virtual std::string names() const = 0;
};

/// The newest version of each prompt in a folder, read once and for all tenants alike.
class PromptFiles final : public PromptSource {
public:
    /// Errors: invalid "prompt.invalid" with the lint of every file that has one.
    [[nodiscard]] static Result<std::unique_ptr<PromptFiles>>
    load(const std::filesystem::path& folder);

    Task<Result<std::shared_ptr<const analysis::PromptTemplate>>>
    active(TenantId tenant, std::string prompt_id) override;
    [[nodiscard]] std::string names() const override;

private:
    std::map<std::string, std::shared_ptr<const analysis::PromptTemplate>> prompts_;
};

/// Answers that were paid for once. Only replies that kept to their schema are kept.
class ModelCache {
public:
    struct Answer {
        std::string text;
        std::string reported; // the model as the server named it
    };

    ModelCache() = default;
    ModelCache(const ModelCache&) = delete;
    ModelCache& operator=(const ModelCache&) = delete;
    virtual ~ModelCache() = default;

    virtual Task<std::optional<Answer>> find(TenantId tenant, std::string key) = 0;
    virtual Task<void>
    keep(AskedModel asked, std::string key, std::string text, std::string reported) = 0;
};

} // namespace hs::pipeline
