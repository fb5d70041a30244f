#include "pipeline/evaluation_runs.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "store/calls.hpp"
#include "store/escalations.hpp"
#include "store/idempotency.hpp"

namespace hs::pipeline {

namespace {

/// Jobs of one run in the queue at a time: enough to keep all workers busy, few enough that uploads
/// are not refused for a long queue.
constexpr int window = 32;
constexpr int promoted_at_once = 50;

struct RunCall {
    Uuid run;
    CallId call;
};

std::optional<Uuid> run_id_of(const queue::Job& job) {
    const auto* given = job.args.if_contains("run_id");
    return given != nullptr && given->is_string() ? Uuid::parse(given->get_string()) : std::nullopt;
}

std::optional<RunCall> run_call_of(const queue::Job& job) {
    const auto run = run_id_of(job);
    const auto call = CallId::parse(job.subject);
    if (!run || !call) return std::nullopt;
    return RunCall{*run, *call};
}

Error job_invalid() {
    return {ErrorKind::internal, "job.invalid", "The job names no run or call.", std::nullopt};
}

queue::NewJob run_job(Uuid run, CallId call) {
    queue::NewJob job;
    job.queue = judge_queue;
    job.kind = run_kind;
    job.subject = call.str();
    job.args = {{"call_id", call.str()}, {"run_id", run.str()}};
    job.priority = queue::Priority::bulk;
    job.unique_key = "run:" + run.str() + ":" + call.str();
    return job;
}

queue::NewJob promote_job(Uuid run) {
    queue::NewJob job;
    job.queue = judge_queue;
    job.kind = promote_kind;
    job.subject = run.str();
    job.args = {{"run_id", run.str()}};
    job.priority = queue::Priority::bulk;
    job.unique_key = "promote:" + run.str();
    return job;
}

/// Under the run's lock: fills its place in the queue again, ends it when nothing is left.
Task<void> advance(pg::Session& session, TenantId tenant, Uuid run) {
    const auto queued = co_await store::queued_run_calls(session, tenant, run);
    const int room = window - static_cast<int>(queued);
    if (room <= 0) co_return;
    const auto next = co_await store::take_run_calls(session, tenant, run, room);
    for (const auto call : next) {
        const auto job = run_job(run, call);
        const auto id = co_await queue::enqueue(session, tenant, job);
        co_await store::note_run_job(session, tenant, run, call, id);
    }
    if (queued == 0 && next.empty()) co_await store::end_run(session, tenant, run);
}

std::map<std::string, std::string> answers_in(const std::string& document_json) {
    std::map<std::string, std::string> out;
    const auto document = parse_json(document_json);
    if (!document || !document->is_object()) return out;
    const auto* answers = document->get_object().if_contains("answers");
    if (answers == nullptr || !answers->is_array()) return out;
    for (const auto& item : answers->get_array()) {
        if (!item.is_object()) continue;
        const auto* question = item.get_object().if_contains("question_id");
        const auto* state = item.get_object().if_contains("state");
        if (question != nullptr && question->is_string() && state != nullptr && state->is_string())
            out[std::string(question->get_string())] = std::string(state->get_string());
    }
    return out;
}

std::vector<store::AnswerChange> answer_changes(std::map<std::string, std::string> before,
                                                const std::vector<Answer>& after) {
    std::vector<store::AnswerChange> out;
    for (const auto& answer : after) {
        const auto old = before.extract(answer.question_id);
        out.push_back(
            {answer.question_id, old.empty() ? "" : old.mapped(), to_string(answer.state)});
    }
    for (const auto& [question, state] : before)
        out.push_back({question, state, ""});
    return out;
}

/// Writes down what the run's judge said, if the run still waits for it.
Task<void>
keep_result(pg::Session& session, TenantId tenant, RunCall which, store::EvaluationInsert insert) {
    // Nothing to write when the call is gone: its place in the run went with it.
    const auto call = co_await store::lock_call(session, tenant, which.call);
    if (!call) co_return;
    const auto before = co_await store::run_baseline(session, tenant, which.call);
    auto result = compared(which.call, before, insert.evaluation);
    result.evaluation = insert.id;
    const bool wanted =
        co_await store::finish_run_call(session, tenant, which.run, std::move(result));
    if (wanted) co_await store::hold_evaluation(session, tenant, std::move(insert));
}

/// Ends the job, and lets the run go on. `insert`: nothing when the run had given the call up
/// before it was judged.
Task<queue::Outcome> commit_run_call(const Services& services,
                                     queue::JobContext context,
                                     RunCall which,
                                     std::optional<store::EvaluationInsert> insert) {
    const auto tenant = context.job.tenant;
    auto transaction =
        co_await services.database.begin({.tenant = tenant, .role = pg::DbRole::worker});
    const bool ours = co_await queue::finish(*transaction, context.job);
    if (!ours) {
        co_await transaction->rollback();
        co_return queue::Outcome::fenced();
    }
    const auto state = co_await store::lock_run(*transaction, tenant, which.run);
    if (insert) {
        auto result = *std::move(insert);
        co_await keep_result(*transaction, tenant, which, std::move(result));
    }
    if (state == "running") co_await advance(*transaction, tenant, which.run);
    co_await transaction->commit();
    services.wake(judge_queue, tenant);
    co_return queue::Outcome::done();
}

/// Why an evaluation is no answer to what the run asks: it would be compared with real ones.
std::optional<Error> makeshift(const Turnout& turnout) {
    if (turnout.degraded)
        return Error{ErrorKind::upstream,
                     turnout.findings->use.error,
                     "No model could be asked.",
                     std::nullopt};
    const bool poor =
        turnout.findings && std::ranges::find(turnout.findings->flags, "budget_exhausted") !=
                                turnout.findings->flags.end();
    if (poor)
        return Error{ErrorKind::upstream,
                     "budget.exhausted",
                     "A model was passed over for want of money.",
                     std::nullopt};
    return std::nullopt;
}

Task<queue::Outcome> judge_run_call(const Services& services, queue::JobContext context) {
    const auto tenant = context.job.tenant;
    const auto which = run_call_of(context.job);
    if (!which) co_return queue::Outcome::from(job_invalid());
    const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    const auto runs = co_await store::list_runs(*unit, tenant, which->run, std::nullopt, 1);
    if (runs.empty()) co_return queue::Outcome::from(job_invalid());
    const bool wanted = co_await store::run_waits_for(*unit, tenant, which->run, which->call);
    std::optional<store::EvaluationInsert> insert;
    if (!wanted)
        co_return co_await commit_run_call(services, std::move(context), *which, std::move(insert));
    auto named = runs.front().scorecard;
    const auto judge = co_await services.scorecards.version(tenant, std::move(named));
    if (!judge) co_return queue::Outcome::from(judge.error());
    auto loaded = co_await load_input(services, tenant, which->call);
    if (!loaded) co_return queue::Outcome::from(loaded.error());
    loaded->run = which->run;
    const auto input = std::make_shared<const JudgeInput>(*std::move(loaded));
    auto judged = co_await judge_call(services, context, input, *judge);
    if (!judged) co_return queue::Outcome::from(judged.error());
    if (auto why = makeshift(judged->turnout)) co_return queue::Outcome::from(*why);
    insert =
        evaluation_insert(services, *input, *std::move(judged), **judge, "run:" + which->run.str());
    co_return co_await commit_run_call(services, std::move(context), *which, std::move(insert));
}

Task<void> give_up_call(pg::Session& session, const queue::Job& job, std::string code) {
    const auto which = run_call_of(job);
    if (!which) co_return;
    const auto state = co_await store::lock_run(session, job.tenant, which->run);
    co_await store::fail_run_call(session, job.tenant, which->run, which->call, std::move(code));
    if (state == "running") co_await advance(session, job.tenant, which->run);
}

/// One call of a run that is promoted.
Task<void>
promote_call(pg::Session& session, TenantId tenant, Uuid run, store::Promotion promotion) {
    const auto call = promotion.call;
    const auto locked = co_await store::lock_call(session, tenant, call);
    if (!locked) co_return;
    const auto scored = co_await store::promote_insight(session, tenant, promotion);
    if (scored) {
        co_await store::mark_analyzed(session, tenant, call); // its event tells the new scores
        const bool flagged = co_await store::effectively_flagged(session, tenant, call);
        // A run raises no alarm; one whose ground is gone ends. No score is no such ground.
        const std::string note = "The newer evaluation does not flag this call.";
        const std::string who = "system";
        if (*scored && !flagged) co_await store::clear_escalation(session, tenant, call, note, who);
    }
    co_await store::note_promotion(session, tenant, run, call, scored.has_value());
}

enum class Progress { more, ended, lost };

/// Some calls in one transaction; the job ends with the one that finds no more.
Task<Progress> promote_some(const Services& services, const queue::JobContext& context, Uuid run) {
    const auto tenant = context.job.tenant;
    auto transaction =
        co_await services.database.begin({.tenant = tenant, .role = pg::DbRole::worker});
    (void)co_await store::lock_run(*transaction, tenant, run);
    const auto batch =
        co_await store::calls_to_promote(*transaction, tenant, run, std::nullopt, promoted_at_once);
    for (const auto& promotion : batch)
        co_await promote_call(*transaction, tenant, run, promotion);
    bool ours = false;
    if (batch.empty()) {
        co_await store::end_promotion(*transaction, tenant, run);
        ours = co_await queue::finish(*transaction, context.job);
    } else {
        ours = co_await queue::still_ours(*transaction, context.job);
    }
    if (!ours) {
        co_await transaction->rollback();
        co_return Progress::lost;
    }
    co_await transaction->commit();
    for (const auto& promotion : batch)
        services.watch.changed(promotion.call);
    co_return batch.empty() ? Progress::ended : Progress::more;
}

Task<queue::Outcome> promote(const Services& services, queue::JobContext context) {
    const auto run = run_id_of(context.job);
    if (!run) co_return queue::Outcome::from(job_invalid());
    auto progress = Progress::more;
    while (progress == Progress::more)
        progress = co_await promote_some(services, context, *run);
    if (progress == Progress::lost) co_return queue::Outcome::fenced();
    co_return queue::Outcome::done();
}

store::AuditEntry audit_of(const Caller& caller, Uuid run) {
    store::AuditEntry entry;
    entry.principal = caller.name;
    entry.address = caller.address;
    entry.object = "evaluation_run:" + run.str();
    entry.request_id = caller.request_id;
    return entry;
}

pg::Scope worker_of(TenantId tenant) {
    return {.tenant = tenant, .role = pg::DbRole::worker};
}

} // namespace

store::RunCallResult
compared(CallId call, const std::optional<store::RunBaseline>& before, const Evaluation& after) {
    store::RunCallResult out;
    out.call = call;
    std::map<std::string, std::string> old;
    if (before) {
        out.before = before->id;
        out.quality_before = before->quality;
        out.flagged_before = before->flagged;
        old = answers_in(before->document_json);
    }
    out.answers = answer_changes(std::move(old), after.answers);
    if (after.scores.scored)
        out.quality_after = static_cast<std::int64_t>(
            round_half_away(after.scores.overall_quality, 4) * 10000.0 + 0.5);
    out.flagged_after = escalation_flagged(after.scores);
    out.changed = store::flips_of(out.answers) > 0 || out.quality_before != out.quality_after ||
                  out.flagged_before != out.flagged_after;
    for (const auto& share : after.provenance.use.models) {
        out.tokens_in += share.tokens_in;
        out.tokens_out += share.tokens_out;
        out.cost_usd += share.cost_usd;
    }
    return out;
}

queue::Handler run_handler(Services services) {
    const auto shared = std::make_shared<const Services>(std::move(services));
    queue::Handler handler;
    handler.kind = run_kind;
    handler.queue = judge_queue;
    handler.max_failures = most_judging_failures;
    handler.hard_limit = std::chrono::minutes(10);
    handler.run = [shared](queue::JobContext context) {
        return judge_run_call(*shared, std::move(context));
    };
    handler.on_dead =
        [](pg::Session& session, const queue::Job& job, const Error& error) -> Task<void> {
        return give_up_call(session, job, error.code);
    };
    return handler;
}

queue::Handler promote_handler(Services services) {
    const auto shared = std::make_shared<const Services>(std::move(services));
    queue::Handler handler;
    handler.kind = promote_kind;
    handler.queue = judge_queue;
    handler.run = [shared](queue::JobContext context) {
        return promote(*shared, std::move(context));
    };
    return handler;
}

Task<Result<std::int64_t>> start_run(const Services& services, Caller caller, RunRequest request) {
    const auto tenant = caller.tenant;
    const auto id = request.run.id;
    request.run.who = caller.name;
    request.choice.most = most_run_calls + 1;
    auto transaction = co_await services.database.begin(worker_of(tenant));
    auto run = std::move(request.run);
    auto choice = std::move(request.choice);
    const auto calls =
        co_await store::insert_run(*transaction, tenant, std::move(run), std::move(choice));
    if (calls == 0 || calls > most_run_calls) {
        co_await transaction->rollback();
        if (calls == 0)
            co_return fail(ErrorKind::invalid, "run.no_calls", "No analysed call is meant.");
        co_return fail(ErrorKind::invalid,
                       "run.too_many",
                       fmt::format("More than {} calls are meant.", most_run_calls));
    }
    (void)co_await store::lock_run(*transaction, tenant, id);
    co_await advance(*transaction, tenant, id);
    auto entry = audit_of(caller, id);
    entry.action = "run.start";
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    services.wake(judge_queue, tenant);
    co_return calls;
}

Task<RunChange> cancel_run(const Services& services, Caller caller, Uuid run) {
    const auto tenant = caller.tenant;
    auto transaction = co_await services.database.begin(worker_of(tenant));
    const auto state = co_await store::lock_run(*transaction, tenant, run);
    if (!state) co_return RunChange::unknown_run;
    if (*state != "running") co_return RunChange::wrong_state;
    std::vector<Uuid> withdrawn;
    const auto jobs = co_await store::run_jobs(*transaction, tenant, run);
    for (const auto& job : jobs) {
        const bool gone = co_await queue::withdraw(*transaction, tenant, job.job);
        if (gone) withdrawn.push_back(job.call.value);
    }
    co_await store::cancel_run(*transaction, tenant, run, std::move(withdrawn));
    auto entry = audit_of(caller, run);
    entry.action = "run.cancel";
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    co_return RunChange::done;
}

Task<RunChange> promote_run(const Services& services, Caller caller, Uuid run) {
    const auto tenant = caller.tenant;
    auto transaction = co_await services.database.begin(worker_of(tenant));
    const auto state = co_await store::lock_run(*transaction, tenant, run);
    if (!state) co_return RunChange::unknown_run;
    const bool started = co_await store::start_promotion(*transaction, tenant, run);
    if (!started) co_return RunChange::wrong_state;
    const auto job = promote_job(run);
    co_await queue::enqueue(*transaction, tenant, job);
    auto entry = audit_of(caller, run);
    entry.action = "run.promote";
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    services.wake(judge_queue, tenant);
    co_return RunChange::done;
}

Task<void> watch_runs(const Services& services) {
    const auto everywhere =
        services.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    const auto tenants = co_await store::list_tenants(*everywhere);
    for (const auto tenant : tenants) {
        const auto unit = services.database.unit(worker_of(tenant));
        const auto runs = co_await store::open_runs(*unit, tenant);
        for (const auto run : runs) {
            auto transaction = co_await services.database.begin(worker_of(tenant));
            const auto state = co_await store::lock_run(*transaction, tenant, run);
            if (state != "running") continue;
            co_await store::requeue_lost_run_calls(*transaction, tenant, run);
            co_await advance(*transaction, tenant, run);
            co_await transaction->commit();
        }
        if (!runs.empty()) services.wake(judge_queue, tenant);
    }
}

Task<Result<Trial>>
try_scorecard(const Services& services, TenantId tenant, CallId call, JudgePtr judge) {
    CO_TRY(auto loaded, co_await load_input(services, tenant, call));
    const auto input = std::make_shared<const JudgeInput>(std::move(loaded));
    auto work = [judge, input] { return judge->judge(input->transcript, input->context); };
    auto judgement = co_await services.cpu.run(work);
    const auto unit = services.database.unit({.tenant = tenant});
    const auto before = co_await store::run_baseline(*unit, tenant, call);
    Trial out;
    out.comparison = compared(call, before, judgement.evaluation);
    out.document = std::move(judgement.document);
    co_return out;
}

} // namespace hs::pipeline
