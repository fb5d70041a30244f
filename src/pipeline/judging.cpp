#include "pipeline/judging.hpp"

#include "analysis/reference_shapes.hpp"
#include "domain/audio_facts_json.hpp"
#include "domain/transcript_json.hpp"
#include "pipeline/customer.hpp"
#include "pipeline/evaluate.hpp"
#include "pipeline/model_judge.hpp"
#include "store/calls.hpp"
#include "store/directory.hpp"

namespace hs::pipeline {

namespace {

// An evaluation by rules now is worth more than one by a model in an hour.
constexpr std::chrono::minutes longest_wait{10};

/// The fields the reference posts, but for the recording's address.
std::vector<std::pair<std::string, std::string>> form_of(const Call& call) {
    return {{"call_id", call.id.str()},
            {"agent_id", call.agent_id ? call.agent_id->str() : ""},
            {"primary_issue_category", call.primary_issue_category.value_or("")},
            {"customer_language_preference", call.customer_preferred_language.value_or("")},
            {"call_timestamp", rfc3339(call.call_timestamp)}};
}

Turnout without_models(const std::string& code) {
    Turnout out;
    out.degraded = true;
    out.findings.emplace();
    out.findings->flags.emplace_back("degraded");
    out.findings->use.error = code;
    return out;
}

/// Errors: what a later run of the job may mend.
Task<Result<Turnout>> hear_models(const Services& services,
                                  const queue::JobContext& context,
                                  std::shared_ptr<const JudgeInput> input,
                                  const analysis::Judge& judge,
                                  const analysis::Judgement& judgement) {
    const auto id = input->call;
    Turnout out;
    if (services.models == nullptr || services.models->chain.empty()) co_return out;
    const auto& models = *services.models;
    auto work = [&judge, input, &judgement] {
        return judge.brief(input->transcript, input->context, judgement);
    };
    ModelQuestion question;
    question.brief = co_await services.cpu.run(work);
    if (!worth_asking(models.chain, question.brief)) co_return out;
    const auto tenant = context.job.tenant;
    question.tenant = tenant;
    question.call = id;
    question.form = input->form;
    if (models.audio_link) question.form.emplace_back("audio_url", models.audio_link(tenant, id));
    question.exchange = services.gate.exchange(tenant, id.str(), input->run);
    question.secret = services.keys.tenant_key(tenant);
    question.last_try = context.job.failures + 1 >= most_judging_failures ||
                        context.job.runs >= most_judging_failures;
    question.stop = context.stop;
    const bool last_try = question.last_try;
    const ModelParts parts{models.chain, *models.prompts, models.cache.get(), models.prices};
    auto findings = co_await ask_models(parts, std::move(question));
    if (findings) {
        out.findings = *std::move(findings);
        co_return out;
    }
    const auto& error = findings.error();
    const bool soon = error.retry_after.value_or(std::chrono::seconds(0)) <= longest_wait;
    // The tenant chose to wait for money rather than to do without a model.
    const bool later = error.code == "budget.wait" || (may_retry(error.kind) && !last_try && soon);
    if (later || context.stop.stop_requested()) co_return std::unexpected(error);
    context.log.warn("call.judged_without_model", {{"error", error.code}});
    co_return without_models(error.code);
}

} // namespace

Task<Result<JudgeInput>> load_input(const Services& services, TenantId tenant, CallId id) {
    const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    const auto call = co_await store::find_call(*unit, tenant, id);
    if (!call) co_return fail(ErrorKind::not_found, "call.not_found", "The call was deleted.");
    const auto stored = co_await store::current_transcript(*unit, tenant, id);
    if (!stored) {
        co_return fail(ErrorKind::not_found, "transcript.missing", "The call has no transcript.");
    }
    JudgeInput input;
    input.call = id;
    CO_TRY(input.transcript,
           open_transcript(services.keys, tenant, stored->id, stored->turns_sealed));
    input.transcript_id = stored->id;
    input.transcript_hash = stored->sha256;
    input.told = told_of(*call);
    input.context.issue_category = call->primary_issue_category.value_or("");
    const auto category =
        co_await store::category_named(*unit, tenant, input.context.issue_category);
    input.context.issue_is_emergency = category && category->emergency;
    input.context.call_context = call->call_context;
    input.form = form_of(*call);
    input.context.preferred_language = call->customer_preferred_language.value_or("");
    input.context.agents_deviations = co_await store::agents_deviations(*unit, tenant, id);
    input.context.names = co_await known_names(*unit, services.keys, tenant, *call);
    const auto facts = co_await store::find_facts(*unit, tenant, id);
    if (!facts.empty()) {
        CO_TRY(const auto measured, parse_json(facts));
        input.context.audio = read_audio_facts(measured);
    }
    CO_TRY(const auto spotted, parse_json(stored->spotted_json));
    input.context.spotted = read_spotted(spotted);
    co_return input;
}

analysis::SelectionFacts
selection_facts(std::string issue_category, std::string call_context, const std::string& language) {
    analysis::SelectionFacts facts;
    facts.issue_category = std::move(issue_category);
    facts.call_context = std::move(call_context);
    facts.language = language == "hi" || language == "hi-Latn" ? language : "en";
    return facts;
}

Task<Result<JudgePtr>>
judge_of(const Services& services, TenantId tenant, analysis::SelectionFacts facts) {
    co_return co_await services.scorecards.of_call(tenant, std::move(facts));
}

Task<Result<Judged>> judge_call(const Services& services,
                                const queue::JobContext& context,
                                std::shared_ptr<const JudgeInput> input,
                                JudgePtr judge) {
    const auto started = std::chrono::steady_clock::now();
    auto work = [judge, input] { return judge->judge(input->transcript, input->context); };
    Judged out;
    out.judgement = co_await services.cpu.run(work);
    auto heard = co_await hear_models(services, context, input, *judge, out.judgement);
    if (!heard) co_return std::unexpected(heard.error());
    const auto turnout = std::make_shared<const Turnout>(*std::move(heard));
    if (turnout->findings) {
        auto again = [judge, input, turnout] {
            return judge->judge(input->transcript, input->context, &*turnout->findings);
        };
        out.judgement = co_await services.cpu.run(again);
    }
    out.turnout = *turnout;
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    out.took_ms = static_cast<int>(took.count());
    co_return out;
}

store::EvaluationInsert evaluation_row(const Services& services,
                                       const JudgedTranscript& of,
                                       analysis::Judgement judgement,
                                       std::string reason) {
    store::EvaluationInsert insert;
    insert.id = EvaluationId::make(services.clock.now());
    insert.call_id = of.call;
    insert.transcript_id = of.transcript;
    insert.versions_key = of.versions_key;
    insert.redacted_text = plain_text(judgement.redacted);
    insert.issue_analysis = analysis::reference_issue_analysis(judgement.evaluation);
    insert.resolution_analysis = analysis::reference_resolution_analysis(judgement.evaluation);
    insert.sop_deviations = analysis::reference_sop_deviations(judgement.evaluation);
    insert.sentiment_trajectory = analysis::reference_sentiment_trajectory(judgement.evaluation);
    insert.document = std::move(judgement.document);
    insert.evaluation = std::move(judgement.evaluation);
    insert.reason = std::move(reason);
    return insert;
}

store::EvaluationInsert evaluation_insert(const Services& services,
                                          const JudgeInput& input,
                                          Judged judged,
                                          const analysis::Judge& judge,
                                          std::string reason) {
    const JudgedMatter matter{input.transcript_hash, input.told, input.context.issue_is_emergency};
    const JudgedTranscript of{
        input.call, input.transcript_id, versions_of(services, judge, matter)};
    auto insert = evaluation_row(services, of, std::move(judged.judgement), std::move(reason));
    if (judged.turnout.degraded) {
        insert.degraded = true;
        insert.versions_key += ":degraded"; // never what a new run would give
    }
    insert.latency_ms = judged.took_ms;
    return insert;
}

std::string
versions_of(const Services& services, const analysis::Judge& judge, const JudgedMatter& matter) {
    auto versions = judge.versions();
    if (services.models != nullptr && !services.models->chain.empty()) {
        versions += "|" + services.models->chain.names() + "|" + services.models->prompts->names();
    }
    const auto* mark = matter.emergency ? "|emergency" : "";
    return sha256_hex(matter.transcript_hash + "|" + versions + "|" + matter.told + mark);
}

} // namespace hs::pipeline
