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

/// Tokens are counted with a margin: a budget is kept by what a request may come to.
std::int64_t tokens_to_read(const providers::ModelRequest& request) {
    constexpr double margin = 1.2;
    const auto texts = analysis::estimated_tokens(request.system) +
                       analysis::estimated_tokens(request.user) +
                       analysis::estimated_tokens(request.earlier_reply) +
                       analysis::estimated_tokens(request.complaint) +
                       analysis::estimated_tokens(json::serialize(request.schema));
    return static_cast<std::int64_t>(margin * static_cast<double>(texts));
}

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
    out.questions = ask.questions;
    out.tokens_in = tokens_to_read(out);
    return out;
}

AskedModel asked_of(const ModelQuestion& question, const providers::LanguageModel& model) {
    return {question.tenant, question.call, model.name(), model.model()};
}

/// Whether money is the reason; "budget.wait" is for whoever runs the job.
bool is_about_money(const Error& error) {
    return error.code.starts_with("budget.");
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

/// Asks, and says what it cost: as the server reports it, else by the price table.
Task<Result<Heard>> fresh_answer(const ModelParts& parts,
                                 const ModelQuestion& question,
                                 providers::LanguageModel& model,
                                 providers::ModelRequest request) {
    const auto begun = steady_clock::now();
    auto reply = co_await providers::ask(model, question.exchange, std::move(request));
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begun);
    if (!reply) co_return std::unexpected(std::move(reply).error());
    const auto& usage = reply->usage;
    std::optional<double> cost = usage.cost_usd;
    if (parts.prices != nullptr) cost = parts.prices->cost(model.name(), model.model(), usage);
    Heard heard;
    heard.text = std::move(reply->text);
    heard.share.reported = std::move(reply->model);
    heard.share.tokens_in = usage.tokens_in;
    heard.share.tokens_out = usage.tokens_out;
    heard.share.tokens_cached = usage.tokens_cached;
    heard.share.cost_usd = cost.value_or(0);
    heard.share.latency_ms = took.count();
    co_return heard;
}

/// Drives one session to its end; `poor`: a model was passed over for want of money. An error is
/// one that a later try may mend.
Task<Result<void>> converse(const ModelParts& parts,
                            const ModelQuestion& question,
                            const analysis::PromptTemplate& prompt,
                            analysis::ModelSession& session,
                            bool& poor) {
    while (const auto* next = session.next()) {
        const auto ask = *next;
        auto& model = *parts.chain.models[ask.tier];
        if (auto kept = co_await kept_answer(parts, question, ask.cache_key)) {
            (void)session.answered(kept->text, kept->share);
            continue;
        }
        auto request = request_of(ask, prompt.schema, question);
        auto heard = co_await fresh_answer(parts, question, model, std::move(request));
        const bool money = !heard && is_about_money(heard.error());
        if (!heard && heard.error().code == "budget.wait")
            co_return std::unexpected(std::move(heard).error());
        if (!heard && !money && may_retry(heard.error().kind) && !question.last_try)
            co_return std::unexpected(std::move(heard).error());
        poor = poor || money;
        if (!heard) {
            session.failed(heard.error()); // a cheaper one may follow
        } else if (session.answered(heard->text, heard->share) && parts.cache != nullptr) {
            const auto asked = asked_of(question, model);
            co_await parts.cache->keep(asked, ask.cache_key, heard->text, heard->share.reported);
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
    auto heard = co_await fresh_answer(parts, question, model, std::move(request));
    if (!heard) {
        const auto& error = heard.error();
        const bool wait = error.code == "budget.wait" ||
                          (!is_about_money(error) && may_retry(error.kind) && !question.last_try);
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
    bool poor = false;
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
        CO_TRY_VOID(co_await converse(parts, question, *prompt, session, poor));
        join(all, session.findings());
    }
    if (poor) all.flags.emplace_back("budget_exhausted");
    if (somebody_answered(all) || poor) co_return all;
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

Task<void>
StoredModelCache::keep(AskedModel asked, std::string key, std::string text, std::string reported) {
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
