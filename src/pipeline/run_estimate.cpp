#include "pipeline/run_estimate.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "pipeline/model_judge.hpp"

namespace hs::pipeline {

namespace {

constexpr const char* of_words =
    "No model has judged these calls yet: estimated from their words and the prompt, one request "
    "a call to the first model, replies as long as the prompt allows.";
constexpr const char* no_price = "No price of the model is known.";

/// Of a request without the words of a call, and of the longest reply.
struct RequestSize {
    std::int64_t tokens_in = 0;
    std::int64_t tokens_out = 0;
};

std::set<std::string> prompts_of(const analysis::Scorecard& card) {
    std::set<std::string> out;
    for (const auto& section : card.sections)
        for (const auto& question : section.questions)
            if (!question.automation.llm_prompt.empty()) out.insert(question.automation.llm_prompt);
    return out;
}

std::int64_t tokens(std::string_view text) {
    return static_cast<std::int64_t>(analysis::estimated_tokens(text));
}

std::int64_t question_tokens(const analysis::Scorecard& card) {
    std::int64_t out = 0;
    for (const auto& section : card.sections)
        for (const auto& question : section.questions)
            if (const auto text = question.instructions.find("en");
                text != question.instructions.end())
                out += tokens(text->second);
    return out;
}

Task<RequestSize>
request_size(const ModelServices& models, TenantId tenant, const analysis::Scorecard& card) {
    RequestSize size;
    const auto ids = prompts_of(card);
    for (const auto& id : ids) {
        const auto prompt = co_await models.prompts->active(tenant, id);
        if (!prompt) continue; // the run would report it call by call
        const auto& text = **prompt;
        size.tokens_in += tokens(text.system) + tokens(text.user) +
                          tokens(json::serialize(text.schema)) + question_tokens(card);
        size.tokens_out += text.max_output;
    }
    co_return size;
}

std::int64_t of_all(double mean, std::int64_t calls) {
    return std::llround(mean * static_cast<double>(calls));
}

/// By the price of the first model; nothing when nobody knows it.
std::optional<double> priced(const ModelServices& models, const RunEstimate& estimate) {
    if (models.prices == nullptr || models.chain.models.empty()) return std::nullopt;
    const auto& model = *models.chain.models.front();
    providers::Consumption consumed;
    consumed.tokens_in = estimate.tokens_in.value_or(0);
    consumed.tokens_out = estimate.tokens_out.value_or(0);
    return models.prices->cost(model.name(), model.model(), consumed);
}

} // namespace

Task<RunEstimate> estimate_run(const Services& services,
                               TenantId tenant,
                               const analysis::Scorecard& card,
                               store::RunPreview preview) {
    RunEstimate out;
    const auto* models = services.models;
    if (models == nullptr || models->chain.empty()) {
        out.tokens_in = 0;
        out.tokens_out = 0;
        out.cost_usd = 0;
        co_return out;
    }
    if (preview.tokens_in > 0) {
        out.tokens_in = of_all(preview.tokens_in, preview.calls);
        out.tokens_out = of_all(preview.tokens_out, preview.calls);
        if (preview.cost_usd > 0)
            out.cost_usd = preview.cost_usd * static_cast<double>(preview.calls);
    } else if (!models->chain.models.empty()) {
        const auto size = co_await request_size(*models, tenant, card);
        out.tokens_in =
            size.tokens_in * preview.calls + store::of_all_calls(preview, preview.tokens);
        out.tokens_out = size.tokens_out * preview.calls;
        out.note = of_words;
    } else {
        out.note = "What the external evaluator takes is not known.";
        co_return out;
    }
    if (!out.cost_usd) out.cost_usd = priced(*models, out);
    if (!out.cost_usd) out.note = no_price;
    co_return out;
}

} // namespace hs::pipeline
