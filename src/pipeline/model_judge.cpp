#include "pipeline/model_judge.hpp"

#include <algorithm>
#include <chrono>

#include "analysis/model/external_reply.hpp"
#include "domain/transcript_json.hpp"
#include "store/model_answers.hpp"

namespace hs::pipeline {

namespace {

using analysis::ModelFindings;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string seal_context(const std::string& key) {
    return "model_answers.reply:" + key;
}

/// An answer, from the cache or fresh.
struct Heard {
    std::string text;
    ModelShare share;
};

providers::ModelRequest request_of(const analysis::ModelAsk& ask,
                                   const json::object& schema,
                                   const ModelQuestion& question) {
    providers::ModelRequest out;
    out.system = ask.system;
    out.user = ask.user;
    out.earlier_reply = ask.earlier_reply;
    out.complaint = ask.complaint;
    out.schema = schema;
    out.seed = ask.seed;
    out.max_output = ask.max_output;
    out.identity = ask.cache_key;
    out.stop = question.stop;
    return out;
}

ModelEstimate estimate_of(const ModelQuestion& question,
                          const providers::LanguageModel& model,
                          const providers::ModelRequest& request) {
    ModelEstimate out;
    out.tenant = question.tenant;
    out.call = question.call;
    out.provider = model.name();
    out.model = model.model();
    out.tokens_in = static_cast<std::int64_t>(analysis::estimated_tokens(request.system) +
                                              analysis::estimated_tokens(request.user) +
                                              analysis::estimated_tokens(request.earlier_reply) +
                                              analysis::estimated_tokens(request.complaint));
    out.tokens_out = request.max_output;
    return out;
}

Task<std::optional<Heard>>
kept_answer(const ModelParts& parts, const ModelQuestion& question, std::string key) {
    if (parts.cache == nullptr) co_return std::nullopt;
    auto kept = co_await parts.cache->find(question.tenant, std::move(key));
    if (!kept) co_return std::nullopt;
    Heard heard;
    heard.text = std::move(kept->text);
    heard.share.reported = std::move(kept->reported);
    heard.share.cached = 1;
    co_return heard;
}

/// Reserves, asks, settles. `exhausted` tells a refused reservation from a refused request.
Task<Result<Heard>> paid_answer(const ModelParts& parts,
                                const ModelQuestion& question,
                                providers::LanguageModel& model,
                                providers::ModelRequest request,
                                bool& exhausted) {
    const auto estimate = estimate_of(question, model, request);
    auto reservation = co_await parts.budget.reserve(estimate);
    exhausted = !reservation.has_value();
    if (exhausted) co_return std::unexpected(std::move(reservation).error());
    const auto begun = steady_clock::now();
    auto reply = co_await providers::ask(model, question.exchange, std::move(request));
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
    ModelSpend spend;
    if (reply) {
        const auto& usage = reply->usage;
        spend = {usage.tokens_in, usage.tokens_out, usage.tokens_cached, usage.cost_usd};
    }
    co_await parts.budget.settle(*std::move(reservation), estimate, spend);
    if (!reply) co_return std::unexpected(std::move(reply).error());
    Heard heard;
    heard.text = std::move(reply->text);
    heard.share.reported = std::move(reply->model);
    heard.share.tokens_in = spend.tokens_in;
    heard.share.tokens_out = spend.tokens_out;
    heard.share.tokens_cached = spend.tokens_cached;
    heard.share.cost_usd = spend.cost_usd;
    heard.share.latency_ms = took.count();
    co_return heard;
}

/// Drives one session to its end. An error is one that a later try may mend.
Task<Result<void>> converse(const ModelParts& parts,
                            const ModelQuestion& question,
                            const analysis::PromptTemplate& prompt,
                            analysis::ModelSession& session) {
    while (const auto* next = session.next()) {
        const auto ask = *next;
        auto& model = *parts.chain.models[ask.tier];
        auto request = request_of(ask, prompt.schema, question);
        const auto estimate = estimate_of(question, model, request);
        if (auto kept = co_await kept_answer(parts, question, ask.cache_key)) {
            (void)session.answered(kept->text, kept->share);
            continue;
        }
        bool exhausted = false;
        auto heard = co_await paid_answer(parts, question, model, std::move(request), exhausted);
        if (!heard && exhausted) {
            session.give_up(heard.error(), "budget_exhausted");
        } else if (!heard && may_retry(heard.error().kind) && !question.last_try) {
            co_return std::unexpected(std::move(heard).error());
        } else if (!heard) {
            session.failed(heard.error());
        } else if (session.answered(heard->text, heard->share) && parts.cache != nullptr) {
            co_await parts.cache->keep(estimate, ask.cache_key, heard->text, heard->share.reported);
        }
    }
    co_return Result<void>();
}

/// The questions of one prompt.
analysis::ModelBrief part_of(const analysis::ModelBrief& brief, const std::string& prompt) {
    auto out = brief;
    std::erase_if(out.questions, [&](const auto& question) { return question.prompt != prompt; });
    return out;
}

void join(ModelFindings& all, ModelFindings more) {
    if (all.use.prompt_id.empty()) {
        all = std::move(more);
        return;
    }
    std::ranges::move(more.answers, std::back_inserter(all.answers));
    std::ranges::move(more.use.models, std::back_inserter(all.use.models));
    for (auto& flag : more.flags)
        if (std::ranges::find(all.flags, flag) == all.flags.end())
            all.flags.push_back(std::move(flag));
    if (all.use.error.empty()) all.use.error = std::move(more.use.error);
}

std::vector<analysis::ModelTier> tiers_of(const ModelChain& chain) {
    std::vector<analysis::ModelTier> out;
    for (const auto& model : chain.models)
        out.push_back({model->name(), model->model()});
    return out;
}

/// Asks the external evaluator. Nothing without an error: it cannot say, the models may.
Task<Result<std::optional<ModelFindings>>> ask_external(ModelParts parts,
                                                        const ModelQuestion& question) {
    auto& model = *parts.chain.external;
    providers::ModelRequest request;
    request.form = question.form;
    request.stop = question.stop;
    request.identity =
        sha256_hex("external|" + question.call.str() + "|" +
                   canonical_json(json::value(transcript_json(question.brief.transcript))));
    bool exhausted = false;
    auto heard = co_await paid_answer(parts, question, model, std::move(request), exhausted);
    if (!heard) {
        const bool wait = !exhausted && may_retry(heard.error().kind) && !question.last_try;
        if (wait) co_return std::unexpected(std::move(heard).error());
        co_return std::nullopt;
    }
    auto findings = analysis::external_findings(question.brief, heard->text);
    if (!findings) co_return std::nullopt;
    auto share = std::move(heard->share);
    share.provider = model.name();
    share.model = model.model();
    share.requests = 1;
    findings->use.models.push_back(std::move(share));
    co_return *std::move(findings);
}

bool somebody_answered(const ModelFindings& findings) {
    return !findings.use.models.empty();
}

} // namespace

std::string ModelChain::names() const {
    std::string out = external ? "external" : "";
    for (const auto& model : models)
        out += (out.empty() ? "" : " -> ") + model->name() + ":" + model->model();
    return out;
}

bool worth_asking(const ModelChain& chain, const analysis::ModelBrief& brief) {
    return chain.external || (!chain.models.empty() && !brief.questions.empty());
}

Task<Result<ModelFindings>> ask_models(ModelParts parts, ModelQuestion question) {
    if (parts.chain.external) {
        CO_TRY(auto external, co_await ask_external(parts, question));
        if (external) co_return *std::move(external);
    }
    ModelFindings all;
    std::vector<std::string> prompts;
    for (const auto& open : question.brief.questions)
        if (std::ranges::find(prompts, open.prompt) == prompts.end())
            prompts.push_back(open.prompt);
    if (parts.chain.models.empty()) prompts.clear();
    for (const auto& id : prompts) {
        CO_TRY(const auto prompt, co_await parts.prompts.active(question.tenant, id));
        analysis::SessionOptions options;
        options.secret = question.secret;
        analysis::ModelSession session(
            part_of(question.brief, id), prompt, tiers_of(parts.chain), options);
        CO_TRY_VOID(co_await converse(parts, question, *prompt, session));
        join(all, session.findings());
    }
    const bool exhausted = std::ranges::find(all.flags, "budget_exhausted") != all.flags.end();
    if (somebody_answered(all) || exhausted) co_return all;
    // Before the last try only what is final comes here: trying again would change nothing.
    const auto kind = question.last_try ? ErrorKind::unavailable : ErrorKind::upstream;
    co_return fail(kind,
                   all.use.error.empty() ? "model.unavailable" : all.use.error,
                   "No model gave an answer.");
}

Task<std::optional<ModelCache::Answer>> StoredModelCache::find(TenantId tenant, std::string key) {
    const auto unit = database_.unit({.tenant = tenant, .role = pg::DbRole::worker});
    const auto kept = co_await store::model_answer(*unit, tenant, key);
    if (!kept) co_return std::nullopt;
    auto text = open_field(keys_.tenant_key(tenant), seal_context(key), kept->reply_sealed);
    if (!text) co_return std::nullopt; // sealed under a key that is gone: asked again
    Answer answer;
    answer.text = *std::move(text);
    answer.reported = kept->reported;
    co_return answer;
}

Task<void> StoredModelCache::keep(ModelEstimate asked,
                                  std::string key,
                                  std::string text,
                                  std::string reported) {
    store::ModelAnswerInsert answer;
    answer.call_id = asked.call;
    answer.provider = std::move(asked.provider);
    answer.model = std::move(asked.model);
    answer.reported = std::move(reported);
    answer.reply_sealed =
        seal_field(keys_.tenant_key(asked.tenant), keys_.key_id(), seal_context(key), text);
    answer.cache_key = std::move(key);
    const auto unit = database_.unit({.tenant = asked.tenant, .role = pg::DbRole::worker});
    co_await store::keep_model_answer(*unit, asked.tenant, std::move(answer));
}

} // namespace hs::pipeline
