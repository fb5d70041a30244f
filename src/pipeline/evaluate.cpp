#include "pipeline/evaluate.hpp"

#include "analysis/reference_shapes.hpp"
#include "domain/audio_facts_json.hpp"
#include "domain/transcript_json.hpp"
#include "pipeline/customer.hpp"
#include "pipeline/model_judge.hpp"
#include "store/call_changes.hpp"
#include "store/calls.hpp"
#include "store/directory.hpp"
#include "store/escalations.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

namespace {

constexpr int max_failures = 5;

// An evaluation by rules now is worth more than one by a model in an hour.
constexpr std::chrono::minutes longest_wait{10};
constexpr int most_upgrades = 10;
constexpr std::chrono::minutes first_upgrade{10};
constexpr std::chrono::hours latest_upgrade{6};

/// What the judge is told, and the transcript it judges.
struct JudgeInput {
    Transcript transcript;
    TranscriptId transcript_id;
    std::string told;         // see told_of()
    std::string versions_key; // of what is judged here
    analysis::CallContext context;
    std::vector<std::pair<std::string, std::string>> form; // what an external evaluator is told
};

/// What the models came to.
struct Turnout {
    std::optional<analysis::ModelFindings> findings; // none: the rules stand alone
    bool degraded = false;                           // they stand alone because no model could say
};

/// The fields the reference posts, but for the recording's address.
std::vector<std::pair<std::string, std::string>> form_of(const Call& call) {
    return {{"call_id", call.id.str()},
            {"agent_id", call.agent_id ? call.agent_id->str() : ""},
            {"primary_issue_category", call.primary_issue_category.value_or("")},
            {"customer_language_preference", call.customer_preferred_language.value_or("")},
            {"call_timestamp", rfc3339(call.call_timestamp)}};
}

Task<Result<JudgeInput>> load_input(const Services& services, TenantId tenant, CallId id) {
    const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    const auto call = co_await store::find_call(*unit, tenant, id);
    if (!call) co_return fail(ErrorKind::not_found, "call.not_found", "The call was deleted.");
    const auto stored = co_await store::current_transcript(*unit, tenant, id);
    if (!stored) {
        co_return fail(ErrorKind::not_found, "transcript.missing", "The call has no transcript.");
    }
    JudgeInput input;
    CO_TRY(input.transcript,
           open_transcript(services.keys, tenant, stored->id, stored->turns_sealed));
    input.transcript_id = stored->id;
    input.told = told_of(*call);
    input.versions_key = co_await versions_key(services, *unit, tenant, *call, stored->sha256);
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

/// What an evaluation raises; the caller decides by the effective flag whether it does.
store::EscalationRaise alarm_of(const store::EvaluationInsert& insert, Time now) {
    const auto& scores = insert.evaluation.scores;
    store::EscalationRaise alarm;
    alarm.id = Uuid::v7(now);
    alarm.call_id = insert.call_id;
    alarm.evaluation_id = insert.id;
    alarm.reason = insert.evaluation.why_flagged.value_or("Flagged by a person.");
    alarm.score = static_cast<int>(round_half_away(scores.escalation_risk, 4) * 10000.0 + 0.5);
    alarm.who = "system";
    return alarm;
}

/// Raises or clears the call's escalation as its effective evaluation says: a person's override
/// outlives the evaluation it was made for. One that could not be `scored` is no ground to clear.
Task<void>
keep_escalation(pg::Session& session, TenantId tenant, store::EscalationRaise alarm, bool scored) {
    const bool flagged = co_await store::effectively_flagged(session, tenant, alarm.call_id);
    if (flagged) {
        co_await store::raise_escalation(session, tenant, std::move(alarm));
    } else if (scored) {
        const std::string note = "The newer evaluation does not flag this call.";
        co_await store::clear_escalation(session, tenant, alarm.call_id, note, alarm.who);
    }
}

std::string reason_of(const queue::Job& job) {
    const auto* given = job.args.if_contains("reason");
    return given != nullptr && given->is_string() ? std::string(given->as_string()) : "first";
}

int upgrades_of(const queue::Job& job) {
    const auto* given = job.args.if_contains("upgrades");
    return given != nullptr && given->is_int64() ? static_cast<int>(given->as_int64()) : 0;
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
                                  CallId id,
                                  std::shared_ptr<const JudgeInput> input,
                                  const analysis::Judgement& judgement) {
    Turnout out;
    if (services.models == nullptr || services.models->chain.empty()) co_return out;
    const auto& models = *services.models;
    auto work = [&services, input, &judgement] {
        return services.judge.brief(input->transcript, input->context, judgement);
    };
    ModelQuestion question;
    question.brief = co_await services.cpu.run(work);
    if (!worth_asking(models.chain, question.brief)) co_return out;
    const auto tenant = context.job.tenant;
    question.tenant = tenant;
    question.call = id;
    question.form = input->form;
    if (models.audio_link) question.form.emplace_back("audio_url", models.audio_link(tenant, id));
    question.exchange = services.gate.exchange(tenant, id.str());
    question.secret = services.keys.tenant_key(tenant);
    question.last_try =
        context.job.failures + 1 >= max_failures || context.job.runs >= max_failures;
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

/// The next try at a model, later each time; nothing when there were enough.
std::optional<queue::NewJob>
upgrade_after(const queue::Job& job, CallId id, TranscriptId transcript) {
    const int done = upgrades_of(job);
    if (done >= most_upgrades) return std::nullopt;
    auto next = evaluate_job(id, transcript, "upgrade");
    next.kind = upgrade_kind;
    next.priority = queue::Priority::background;
    next.args["upgrades"] = done + 1;
    next.delay = std::min<std::chrono::milliseconds>(first_upgrade * (1 << done), latest_upgrade);
    return next;
}

/// Ends an upgrade that changes nothing: the evaluation there is stays. `next`: it is tried again.
Task<queue::Outcome> end_upgrade(const Services& services,
                                 queue::JobContext context,
                                 std::optional<queue::NewJob> next) {
    const auto tenant = context.job.tenant;
    auto transaction =
        co_await services.database.begin({.tenant = tenant, .role = pg::DbRole::worker});
    if (!co_await queue::finish(*transaction, context.job)) {
        co_await transaction->rollback();
        co_return queue::Outcome::fenced();
    }
    if (next) co_await queue::enqueue(*transaction, tenant, *next);
    co_await transaction->commit();
    co_return queue::Outcome::done();
}

Task<queue::Outcome> commit_evaluation(const Services& services,
                                       queue::JobContext context,
                                       store::EvaluationInsert insert,
                                       std::string told) {
    const auto tenant = context.job.tenant;
    const auto id = insert.call_id;
    const auto transcript = insert.transcript_id;
    const bool degraded = insert.degraded;
    const bool scored = insert.evaluation.scores.scored;
    auto transaction =
        co_await services.database.begin({.tenant = tenant, .role = pg::DbRole::worker});
    if (!co_await queue::finish(*transaction, context.job)) {
        co_await transaction->rollback();
        co_return queue::Outcome::fenced();
    }
    const auto alarm = alarm_of(insert, services.clock.now());
    // The call's row first: the foreign keys of the others lock it too, but weaker, and two who
    // then both want more wait for each other when a third deletes the call.
    (void)co_await store::lock_call(*transaction, tenant, id);
    const auto call = co_await store::find_call(*transaction, tenant, id);
    // Who changed what is judged has queued another judgement: that one is shown, not this one.
    const bool current =
        !call || (call->current_transcript_id == transcript && told_of(*call) == told);
    insert.current = current;
    co_await store::insert_evaluation(*transaction, tenant, std::move(insert));
    if (current) {
        co_await store::mark_analyzed(*transaction, tenant, id); // its event tells the new scores
        co_await keep_escalation(*transaction, tenant, alarm, scored);
    }
    const auto next =
        degraded && current ? upgrade_after(context.job, id, transcript) : std::nullopt;
    if (next) co_await queue::enqueue(*transaction, tenant, *next);
    co_await transaction->commit();
    services.watch.changed(id);
    co_return queue::Outcome::done();
}

void count(const Services& services, bool flagged, bool degraded) {
    services.metrics.counter("hacksmart_calls_analyzed_total", "Calls that got an evaluation")
        .add();
    if (flagged) {
        services.metrics
            .counter("hacksmart_calls_escalated_total", "Evaluations that raised an escalation")
            .add();
    }
    if (degraded) {
        services.metrics
            .counter("hacksmart_calls_degraded_total", "Evaluations that had to do without a model")
            .add();
    }
}

Task<queue::Outcome> evaluate(const Services& services, queue::JobContext context) {
    const auto tenant = context.job.tenant;
    const auto id = CallId::parse(context.job.subject);
    if (!id) {
        co_return queue::Outcome::from(
            {ErrorKind::internal, "job.invalid", "The job names no call.", std::nullopt});
    }
    auto loaded = co_await load_input(services, tenant, *id);
    if (!loaded) co_return queue::Outcome::from(loaded.error());
    const auto input = std::make_shared<const JudgeInput>(*std::move(loaded));

    const auto started = std::chrono::steady_clock::now();
    auto work = [&services, input] {
        return services.judge.judge(input->transcript, input->context);
    };
    auto judgement = co_await services.cpu.run(work);
    auto heard = co_await hear_models(services, context, *id, input, judgement);
    if (!heard) co_return queue::Outcome::from(heard.error());
    const auto turnout = std::make_shared<const Turnout>(*std::move(heard));
    if (turnout->degraded && context.job.kind == upgrade_kind) {
        auto next = upgrade_after(context.job, *id, input->transcript_id);
        co_return co_await end_upgrade(services, std::move(context), std::move(next));
    }
    if (turnout->findings) {
        auto again = [&services, input, turnout] {
            return services.judge.judge(input->transcript, input->context, &*turnout->findings);
        };
        judgement = co_await services.cpu.run(again);
    }
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    const bool flagged = escalation_flagged(judgement.evaluation.scores);
    const JudgedTranscript of{*id, input->transcript_id, input->versions_key};
    auto insert = evaluation_row(services, of, std::move(judgement), reason_of(context.job));
    if (turnout->degraded) {
        insert.degraded = true;
        insert.versions_key += ":degraded"; // never what a new run would give
    }
    insert.latency_ms = static_cast<int>(took.count());
    const auto log = context.log;
    const auto outcome =
        co_await commit_evaluation(services, std::move(context), std::move(insert), input->told);
    if (outcome.kind != queue::Outcome::Kind::done) co_return outcome;
    count(services, flagged, turnout->degraded);
    log.info("call.analyzed",
             {{"took_ms", took.count()}, {"escalated", flagged}, {"degraded", turnout->degraded}});
    co_return outcome;
}

/// As evaluate(), unless somebody has had the call judged anew in the meantime.
Task<queue::Outcome> upgrade(const Services& services, queue::JobContext context) {
    const auto tenant = context.job.tenant;
    if (const auto id = CallId::parse(context.job.subject)) {
        const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
        const auto call = co_await store::find_call(*unit, tenant, *id);
        const auto transcript = co_await store::current_transcript(*unit, tenant, *id);
        const auto current = co_await store::current_evaluation(*unit, tenant, *id);
        std::string key;
        if (call && transcript)
            key = co_await versions_key(services, *unit, tenant, *call, transcript->sha256);
        if (current && current->versions_key == key) {
            std::optional<queue::NewJob> nothing;
            co_return co_await end_upgrade(services, std::move(context), std::move(nothing));
        }
    }
    co_return co_await evaluate(services, std::move(context));
}

queue::Handler handler_of(const char* kind) {
    queue::Handler handler;
    handler.kind = kind;
    handler.queue = judge_queue;
    handler.max_failures = max_failures;
    handler.hard_limit = std::chrono::minutes(10);
    return handler;
}

} // namespace

queue::Handler upgrade_handler(Services services) {
    const auto shared = std::make_shared<const Services>(std::move(services));
    auto handler = handler_of(upgrade_kind);
    handler.run = [shared](queue::JobContext context) {
        return upgrade(*shared, std::move(context));
    };
    return handler; // when it is dead, the call has its evaluation
}

queue::Handler evaluate_handler(Services services) {
    const auto shared = std::make_shared<const Services>(std::move(services));
    auto handler = handler_of(evaluate_kind);
    handler.run = [shared](queue::JobContext context) {
        return evaluate(*shared, std::move(context));
    };
    handler.on_dead = fail_call(shared);
    return handler;
}

queue::NewJob evaluate_job(CallId call, TranscriptId transcript, const std::string& reason) {
    queue::NewJob job;
    job.queue = judge_queue;
    job.kind = evaluate_kind;
    job.subject = call.str();
    job.args = {{"call_id", call.str()}, {"transcript_id", transcript.str()}, {"reason", reason}};
    job.unique_key = "evaluate:" + call.str() + ":" + transcript.str() + ":" + reason;
    return job;
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

std::string told_of(const Call& call) {
    const json::array told{call.primary_issue_category.value_or(""),
                           call.call_context,
                           call.agent_id ? call.agent_id->str() : ""};
    return json::serialize(told);
}

Task<std::string> versions_key(const Services& services,
                               pg::Session& session,
                               TenantId tenant,
                               Call call,
                               std::string transcript_hash) {
    auto versions = services.judge.versions();
    if (services.models != nullptr && !services.models->chain.empty()) {
        versions += "|" + services.models->chain.names() + "|" + services.models->prompts->names();
    }
    const auto name = call.primary_issue_category.value_or("");
    const auto category = co_await store::category_named(session, tenant, name);
    const auto* mark = category && category->emergency ? "|emergency" : "";
    co_return sha256_hex(transcript_hash + "|" + versions + "|" + told_of(call) + mark);
}

std::function<Task<void>(pg::Session&, const queue::Job&, const Error&)>
fail_call(std::shared_ptr<const Services> services) {
    return
        [services](pg::Session& session, const queue::Job& job, const Error& error) -> Task<void> {
            const auto id = CallId::parse(job.subject);
            if (!id) co_return;
            co_await store::mark_failed(session, job.tenant, *id, error.code);
            services->watch.changed(*id);
        };
}

} // namespace hs::pipeline
