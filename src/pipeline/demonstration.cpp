#include "pipeline/demonstration.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "pipeline/given_transcript.hpp"
#include "pipeline/judging.hpp"
#include "store/idempotency.hpp"

namespace hs::pipeline {

namespace {

constexpr std::size_t calls_at_once = 16; // one transaction
constexpr int removed_at_once = 250;
constexpr std::size_t looked_back = 9; // calls, as store::agents_deviations
constexpr std::ptrdiff_t is_habit = 2;
constexpr std::chrono::hours still_open{36};
constexpr const char* resolved_note = "Resolved in the demonstration.";

/// Everything that is stored of one call.
struct JudgedCall {
    store::DemonstrationCall call;
    store::TranscriptInsert transcript;
    store::EvaluationInsert evaluation;
    std::optional<store::DemonstrationEscalation> escalation;
};

/// Codes of the deviations of an agent's last calls.
class Habits {
public:
    [[nodiscard]] std::vector<std::string> codes() const {
        std::map<std::string, std::ptrdiff_t> counted;
        for (const auto& call : calls_)
            for (const auto& code : call)
                ++counted[code];
        std::vector<std::string> out;
        for (const auto& [code, count] : counted)
            if (count >= is_habit) out.push_back(code);
        return out;
    }

    void add(const Evaluation& evaluation) {
        std::set<std::string> codes;
        for (const auto& deviation : evaluation.sop_deviations)
            if (!deviation.what_was_wrong.empty()) codes.insert(deviation.what_was_wrong);
        calls_.push_back(std::move(codes));
        if (calls_.size() > looked_back) calls_.pop_front();
    }

private:
    std::deque<std::set<std::string>> calls_;
};

store::DemonstrationCall call_row(const Services& services,
                                  TenantId tenant,
                                  const StagedCall& staged,
                                  TranscriptId transcript) {
    store::DemonstrationCall row;
    row.id = staged.id;
    row.agent = staged.agent;
    row.city = staged.city;
    row.customer_name_sealed = seal_field(services.keys.tenant_key(tenant),
                                          services.keys.key_id(),
                                          "calls.customer_name:" + staged.id.str(),
                                          staged.customer);
    row.duration_seconds = (staged.transcript.duration_ms + 500) / 1000;
    row.call_timestamp = staged.at;
    row.issue_category = staged.issue;
    row.external_id = staged.external_id;
    row.language = staged.transcript.language;
    row.transcript = transcript;
    return row;
}

std::optional<store::DemonstrationEscalation>
alarm_of(const Services& services, const StagedCall& staged, const store::EvaluationInsert& row) {
    const auto& scores = row.evaluation.scores;
    if (!escalation_flagged(scores)) return std::nullopt;
    const auto ended = staged.at + std::chrono::milliseconds(staged.transcript.duration_ms);
    store::DemonstrationEscalation alarm;
    alarm.id = Uuid::v7(ended);
    alarm.call = staged.id;
    alarm.evaluation = row.id;
    alarm.reason = row.evaluation.why_flagged.value_or("Flagged.");
    alarm.score = static_cast<int>(round_half_away(scores.escalation_risk, 4) * 10000.0 + 0.5);
    alarm.raised_at = ended;
    if (ended < services.clock.now() - still_open) alarm.note = resolved_note;
    return alarm;
}

JudgedCall
judged(const Services& services, TenantId tenant, const StagedCall& staged, Habits& habits) {
    analysis::CallContext context;
    context.issue_category = staged.issue;
    context.issue_is_emergency = staged.issue_is_emergency;
    context.names = {.customer = staged.customer, .agent = staged.agent_name};
    context.agents_deviations = habits.codes();
    auto judgement = services.judge.judge(staged.transcript, context);
    habits.add(judgement.evaluation);
    JudgedCall out;
    out.transcript =
        transcript_insert(services, tenant, staged.id, staged.transcript, {}, context.names);
    out.call = call_row(services, tenant, staged, out.transcript.id);
    // By rules, whatever models there are: judging it again is something new.
    const auto versions =
        out.transcript.sha256 + "|" + services.judge.versions() + "|demonstration";
    const JudgedTranscript of{staged.id, out.transcript.id, sha256_hex(versions)};
    out.evaluation = evaluation_row(services, of, std::move(judgement), "demonstration");
    out.escalation = alarm_of(services, staged, out.evaluation);
    return out;
}

Task<void> store_calls(const Services& services, TenantId tenant, std::vector<JudgedCall> calls) {
    const pg::Scope scope{.tenant = tenant, .role = pg::DbRole::worker};
    auto transaction = co_await services.database.begin(scope);
    for (auto& call : calls) {
        const auto id = call.call.id;
        co_await store::insert_demonstration_call(*transaction, tenant, std::move(call.call));
        co_await store::insert_transcript(*transaction, tenant, std::move(call.transcript));
        co_await store::insert_evaluation(*transaction, tenant, std::move(call.evaluation));
        co_await store::silence_judgement(*transaction, tenant, id);
        if (!call.escalation) continue;
        auto alarm = *std::move(call.escalation);
        co_await store::insert_demonstration_escalation(*transaction, tenant, std::move(alarm));
    }
    co_await transaction->commit();
}

store::AuditEntry audit_entry() {
    store::AuditEntry entry;
    entry.principal = "command line";
    entry.object = "demonstration";
    return entry;
}

} // namespace

Task<std::vector<AgentId>>
demonstration_agents(const Services& services, TenantId tenant, std::vector<store::Agent> wanted) {
    std::vector<AgentId> ids;
    auto transaction = co_await services.database.begin({.tenant = tenant});
    auto entry = audit_entry();
    entry.action = "demonstration.load";
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    for (auto& agent : wanted) {
        const auto known =
            co_await store::agents_named(*transaction, tenant, agent.employee_id.value_or(""));
        if (!known.empty()) {
            ids.push_back(known.front().agent.id);
            continue;
        }
        agent.id = AgentId::make(services.clock.now());
        const auto added = co_await store::insert_agent(*transaction, tenant, agent);
        // The employee id may be that of an agent who is no longer active.
        if (!added) throw std::runtime_error("agent " + agent.name + " cannot be added");
        co_await store::mark_demonstration_agent(*transaction, tenant, *added);
        ids.push_back(*added);
    }
    co_await transaction->commit();
    co_return ids;
}

Task<std::vector<CityId>>
demonstration_cities(const Services& services, TenantId tenant, std::vector<store::City> wanted) {
    std::vector<CityId> ids;
    auto transaction = co_await services.database.begin({.tenant = tenant});
    for (const auto& city : wanted) {
        const auto known = co_await store::cities_named(*transaction, tenant, city.name);
        if (!known.empty()) {
            ids.push_back(known.front().city.id);
            continue;
        }
        const auto added = co_await store::insert_city(*transaction, tenant, city);
        if (!added) throw std::runtime_error("city " + city.name + " cannot be added");
        co_await store::mark_demonstration_city(*transaction, tenant, *added);
        ids.push_back(*added);
    }
    co_await transaction->commit();
    co_return ids;
}

Task<void> add_demonstration_calls(const Services& services,
                                   TenantId tenant,
                                   StageCall stage,
                                   std::size_t count,
                                   OnStored on_stored) {
    Habits habits;
    for (std::size_t from = 0; from < count; from += calls_at_once) {
        const auto to = std::min(count, from + calls_at_once);
        auto work = [&services, tenant, &stage, &habits, from, to] {
            std::vector<JudgedCall> calls;
            for (std::size_t i = from; i < to; ++i)
                calls.push_back(judged(services, tenant, stage(i), habits));
            return calls;
        };
        auto calls = co_await services.cpu.run(work);
        co_await store_calls(services, tenant, std::move(calls));
        on_stored(to - from);
    }
}

Task<RemovedDemonstration> remove_demonstration(const Services& services, TenantId tenant) {
    RemovedDemonstration removed;
    for (;;) {
        const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
        const auto gone =
            co_await store::remove_demonstration_calls(*unit, tenant, removed_at_once);
        removed.calls += gone;
        if (gone == 0) break;
    }
    auto transaction =
        co_await services.database.begin({.tenant = tenant, .role = pg::DbRole::worker});
    removed.directory = co_await store::remove_demonstration_directory(*transaction, tenant);
    auto entry = audit_entry();
    entry.action = "demonstration.remove";
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    co_return removed;
}

} // namespace hs::pipeline
