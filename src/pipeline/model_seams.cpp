#include "pipeline/model_seams.hpp"

namespace hs::pipeline {

Result<std::unique_ptr<PromptFiles>> PromptFiles::load(const std::filesystem::path& folder) {
    auto files = std::make_unique<PromptFiles>();
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
        const auto name = entry.path().filename().string();
        if (!entry.is_directory() || name == "schemas") continue;
        TRY(auto prompt, analysis::load_newest_prompt(folder, name));
        files->prompts_[name] = std::make_shared<const analysis::PromptTemplate>(std::move(prompt));
    }
    return files;
}

Task<Result<std::shared_ptr<const analysis::PromptTemplate>>>
PromptFiles::active(TenantId, std::string prompt_id) {
    const auto found = prompts_.find(prompt_id);
    if (found == prompts_.end())
        co_return fail(ErrorKind::not_found, "prompt.missing", "There is no prompt " + prompt_id);
    co_return found->second;
}

std::string PromptFiles::names() const {
    std::string out;
    for (const auto& [id, prompt] : prompts_)
        out += id + "@" + prompt->content_hash + ";";
    return out;
}

} // namespace hs::pipeline
