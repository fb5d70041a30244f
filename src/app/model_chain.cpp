#include "app/model_chain.hpp"

#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/format.h>

#include "app/resources.hpp"
#include "base/crypto.hpp"
#include "base/http_client.hpp"
#include "base/text.hpp"
#include "providers/llm/anthropic.hpp"
#include "providers/llm/external_agent.hpp"
#include "providers/llm/openai_chat.hpp"

namespace hs::app {

namespace {

struct Step {
    std::string_view provider;
    std::string_view model;
};

std::vector<Step> steps_of(std::string_view text) {
    constexpr std::string_view arrow = "->";
    std::vector<Step> out;
    while (!trim(text).empty()) {
        const auto at = text.find(arrow);
        const auto word = trim(text.substr(0, at));
        const auto colon = word.find(':');
        const bool named = colon != std::string_view::npos;
        out.push_back({trim(word.substr(0, colon)),
                       named ? trim(word.substr(colon + 1)) : std::string_view()});
        if (at == std::string_view::npos) break;
        text.remove_prefix(at + arrow.size());
    }
    return out;
}

Error missing(const char* variable) {
    return {ErrorKind::invalid,
            "config.invalid",
            fmt::format("{} is missing: LLM_CHAIN needs it", variable),
            std::nullopt};
}

Result<std::string> model_of(const Config& config, std::string_view name) {
    if (name == "small") {
        if (config.llm_model_small.empty()) return std::unexpected(missing("LLM_MODEL_SMALL"));
        return config.llm_model_small;
    }
    if (name == "large") {
        if (config.llm_model_large.empty()) return std::unexpected(missing("LLM_MODEL_LARGE"));
        return config.llm_model_large;
    }
    return std::string(name);
}

/// A key goes to the place it was made for, and to no other.
Secret model_key(const Config& config) {
    const bool openai = config.llm_base_url.starts_with("https://api.openai.com/");
    return config.llm_api_key.empty() && openai ? config.openai_api_key : config.llm_api_key;
}

std::shared_ptr<providers::LanguageModel> openai_model(const Config& config, std::string model) {
    providers::OpenAiChatConfig chat;
    chat.base_url = config.llm_base_url;
    chat.api_key = model_key(config);
    chat.model = std::move(model);
    chat.api_version = config.llm_api_version;
    chat.allow_private = config.llm_allow_private;
    return std::make_shared<providers::OpenAiChat>(std::move(chat));
}

std::shared_ptr<providers::LanguageModel> anthropic_model(const Config& config, std::string model) {
    providers::AnthropicConfig messages;
    messages.base_url = config.anthropic_base_url;
    messages.api_key = config.anthropic_api_key;
    messages.model = std::move(model);
    messages.allow_private = config.llm_allow_private;
    return std::make_shared<providers::Anthropic>(std::move(messages));
}

/// What asking from the shell needs, built with the first call.
struct Shell {
    HttpClient client;
    pipeline::ModelChain chain;
    std::unique_ptr<pipeline::PromptFiles> prompts;
    Key256 secret{};
};

Result<std::unique_ptr<Shell>> open_shell() {
    ConfigSources sources;
    sources.environment = process_environment();
    TRY(const auto loaded, load_config(sources));
    auto shell = std::make_unique<Shell>();
    TRY(shell->chain, make_model_chain(loaded.config));
    shell->chain.external.reset(); // it is handed a stored recording; here is none
    if (shell->chain.models.empty())
        return fail(ErrorKind::invalid, "config.invalid", "LLM_CHAIN names no model to ask");
    const auto resources = find_resources(loaded.config.resources_dir);
    TRY(shell->prompts, pipeline::PromptFiles::load(resources.prompts));
    random_bytes(shell->secret);
    return shell;
}

Result<std::optional<analysis::ModelFindings>> ask_here(Shell& shell,
                                                        const analysis::ModelBrief& brief) {
    if (!pipeline::worth_asking(shell.chain, brief)) return std::nullopt;
    pipeline::ModelQuestion question;
    question.brief = brief;
    question.secret = shell.secret;
    question.last_try = true;
    question.exchange = providers::straight_exchange(
        [&shell](OutboundRequest request) { return shell.client.send(std::move(request)); });
    const pipeline::ModelParts parts{shell.chain, *shell.prompts};
    boost::asio::io_context context;
    auto asked = boost::asio::co_spawn(
        context, pipeline::ask_models(parts, std::move(question)), boost::asio::use_future);
    context.run();
    TRY(auto findings, asked.get());
    return findings;
}

} // namespace

std::string chain_error(std::string_view text) {
    const auto steps = steps_of(text);
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const auto& [provider, model] = steps[i];
        const bool known = provider == "openai" || provider == "anthropic";
        const bool first = provider == "external" && i == 0 && model.empty();
        const bool last = provider == "rules" && i + 1 == steps.size() && model.empty();
        if ((known && !model.empty()) || first || last) continue;
        return "steps such as openai:small, anthropic:large or openai:model-name joined by ->; "
               "external only first, rules only last";
    }
    return {};
}

Result<pipeline::ModelChain> make_model_chain(const Config& config) {
    pipeline::ModelChain chain;
    for (const auto& step : steps_of(config.llm_chain)) {
        if (step.provider == "rules") continue;
        if (step.provider == "external") {
            if (config.ai_agent_url.empty()) return std::unexpected(missing("AI_AGENT_URL"));
            providers::ExternalAgentConfig agent;
            agent.url = config.ai_agent_url;
            agent.allow_private = config.ai_agent_allow_private;
            chain.external = std::make_shared<providers::ExternalAgent>(std::move(agent));
            continue;
        }
        TRY(auto model, model_of(config, step.model));
        chain.models.push_back(step.provider == "anthropic"
                                   ? anthropic_model(config, std::move(model))
                                   : openai_model(config, std::move(model)));
    }
    return chain;
}

AskModels models_on_demand() {
    const auto shell = std::make_shared<std::unique_ptr<Shell>>();
    return
        [shell](
            const analysis::ModelBrief& brief) -> Result<std::optional<analysis::ModelFindings>> {
            if (!*shell) {
                TRY(*shell, open_shell());
            }
            return ask_here(**shell, brief);
        };
}

} // namespace hs::app
