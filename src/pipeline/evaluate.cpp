#include "pipeline/evaluate.hpp"

#include "analysis/reference_shapes.hpp"
#include "domain/audio_facts_json.hpp"
#include "domain/transcript_json.hpp"
#include "pipeline/customer.hpp"
#include "store/call_changes.hpp"
#include "store/calls.hpp"
#include "store/directory.hpp"
#include "store/escalations.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

namespace {

constexpr int max_failures = 5;

/// What the judge is told, and the transcript it judges.
struct JudgeInput {
    Transcript transcript;
    TranscriptId transcript_id;
    std::string transcript_hash;
    analysis::CallContext context;
};

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
    input.transcript_hash = stored->sha256;
    input.context.issue_category = call->primary_issue_category.value_or("");
    const auto category =
        co_await store::category_named(*unit, tenant, input.context.issue_category);
    input.context.issue_is_emergency = category && category->emergency;
    input.context.call_context = call->call_context;
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

store::EvaluationInsert evaluation_insert(const Services& services,
                                          CallId call_id,
                                          const JudgeInput& input,
                                          analysis::Judgement judgement,
                                          std::string reason) {
    store::EvaluationInsert insert;
    insert.id = EvaluationId::make(services.clock.now());
    insert.call_id = call_id;
    insert.transcript_id = input.transcript_id;
    insert.versions_key = versions_key(services.judge, input.transcript_hash);
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
/// outlives the evaluation it was made for.
Task<void> keep_escalation(pg::Session& session, TenantId tenant, store::EscalationRaise alarm) {
    const bool flagged = co_await store::effectively_flagged(session, tenant, alarm.call_id);
    if (flagged) {
        co_await store::raise_escalation(session, tenant, std::move(alarm));
    } else {
        const std::string note = "The newer evaluation does not flag this call.";
        co_await store::clear_escalation(session, tenant, alarm.call_id, note, alarm.who);
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
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - started);
    const bool flagged = escalation_flagged(judgement.evaluation.scores);
    std::string reason = "first";
    if (const auto* given = context.job.args.if_contains("reason"); given != nullptr) {
        reason = std::string(given->as_string());
    }
    auto insert = evaluation_insert(services, *id, *input, std::move(judgement), reason);
    insert.latency_ms = static_cast<int>(took.count());

    auto transaction =
        co_await services.database.begin({.tenant = tenant, .role = pg::DbRole::worker});
    if (!co_await queue::finish(*transaction, context.job)) {
        co_await transaction->rollback();
        co_return queue::Outcome::fenced();
    }
    const auto alarm = alarm_of(insert, services.clock.now());
    // The call's row first: the foreign keys of the others lock it too, but weaker, and two who
    // then both want more wait for each other when a third deletes the call.
    (void)co_await store::lock_call(*transaction, tenant, *id);
    co_await store::insert_evaluation(*transaction, tenant, std::move(insert));
    co_await store::mark_analyzed(*transaction, tenant, *id); // its event tells the new scores
    co_await keep_escalation(*transaction, tenant, alarm);
    co_await transaction->commit();
    services.watch.changed(*id);
    services.metrics.counter("hacksmart_calls_analyzed_total", "Calls that got an evaluation")
        .add();
    if (flagged) {
        services.metrics
            .counter("hacksmart_calls_escalated_total", "Evaluations that raised an escalation")
            .add();
    }
    context.log.info("call.analyzed", {{"took_ms", took.count()}, {"escalated", flagged}});
    co_return queue::Outcome::done();
}

} // namespace

queue::Handler evaluate_handler(Services services) {
    const auto shared = std::make_shared<const Services>(std::move(services));
    queue::Handler handler;
    handler.kind = evaluate_kind;
    handler.queue = judge_queue;
    handler.max_failures = max_failures;
    handler.hard_limit = std::chrono::minutes(10);
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

std::string versions_key(const analysis::Judge& judge, const std::string& transcript_hash) {
    return sha256_hex(transcript_hash + "|" + judge.versions());
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
