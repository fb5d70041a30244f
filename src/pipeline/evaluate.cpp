#include "pipeline/evaluate.hpp"

#include "pipeline/judging.hpp"
#include "store/call_changes.hpp"
#include "store/calls.hpp"
#include "store/directory.hpp"
#include "store/escalations.hpp"
#include "store/judgements.hpp"

namespace hs::pipeline {

namespace {

constexpr int most_upgrades = 10;
constexpr std::chrono::minutes first_upgrade{10};
constexpr std::chrono::hours latest_upgrade{6};

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

analysis::SelectionFacts facts_of(const JudgeInput& input) {
    return selection_facts(
        input.context.issue_category, input.context.call_context, input.transcript.language);
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
    auto facts = facts_of(*input);
    const auto judge = co_await judge_of(services, tenant, std::move(facts));
    if (!judge) co_return queue::Outcome::from(judge.error());
    auto judged = co_await judge_call(services, context, input, *judge);
    if (!judged) co_return queue::Outcome::from(judged.error());
    const bool degraded = judged->turnout.degraded;
    if (degraded && context.job.kind == upgrade_kind) {
        auto next = upgrade_after(context.job, *id, input->transcript_id);
        co_return co_await end_upgrade(services, std::move(context), std::move(next));
    }
    const auto took = judged->took_ms;
    const bool flagged = escalation_flagged(judged->judgement.evaluation.scores);
    auto insert =
        evaluation_insert(services, *input, *std::move(judged), **judge, reason_of(context.job));
    const auto log = context.log;
    const auto outcome =
        co_await commit_evaluation(services, std::move(context), std::move(insert), input->told);
    if (outcome.kind != queue::Outcome::Kind::done) co_return outcome;
    count(services, flagged, degraded);
    log.info("call.analyzed", {{"took_ms", took}, {"escalated", flagged}, {"degraded", degraded}});
    co_return outcome;
}

/// As evaluate(), unless somebody has had the call judged anew in the meantime.
Task<queue::Outcome> upgrade(const Services& services, queue::JobContext context) {
    const auto tenant = context.job.tenant;
    if (const auto id = CallId::parse(context.job.subject)) {
        const bool present = co_await judged_at_present(services, tenant, *id);
        if (present) {
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
    handler.max_failures = most_judging_failures;
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

std::string told_of(const Call& call) {
    const json::array told{call.primary_issue_category.value_or(""),
                           call.call_context,
                           call.agent_id ? call.agent_id->str() : ""};
    return json::serialize(told);
}

Task<bool> judged_at_present(const Services& services, TenantId tenant, CallId id) {
    const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    const auto call = co_await store::find_call(*unit, tenant, id);
    const auto transcript = co_await store::current_transcript(*unit, tenant, id);
    const auto current = co_await store::current_evaluation(*unit, tenant, id);
    if (!call || !transcript || !current) co_return false;
    auto facts = selection_facts(
        call->primary_issue_category.value_or(""), call->call_context, transcript->language);
    const auto judge = co_await judge_of(services, tenant, std::move(facts));
    if (!judge) co_return false; // a scorecard that cannot judge is for the job to report
    const auto name = call->primary_issue_category.value_or("");
    const auto category = co_await store::category_named(*unit, tenant, name);
    JudgedMatter matter;
    matter.transcript_hash = transcript->sha256;
    matter.told = told_of(*call);
    matter.emergency = category && category->emergency;
    co_return current->versions_key == versions_of(services, **judge, matter);
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
