#include "queue/transitions.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "base/text.hpp"
#include "queue/breaks.hpp"
#include "queue/queries.hpp"

namespace hs::queue {

namespace {

constexpr std::size_t longest_error_text = 1500; // JSON escapes included it stays below 4 KiB
/// Waiting for somebody else's limit for longer than this counts as a failure.
constexpr double longest_snooze_seconds = 24 * 3600;

const char* name_of(Ending ending) {
    switch (ending) {
    case Ending::done: return "done";
    case Ending::dead: return "dead";
    case Ending::cancelled: return "cancelled";
    }
    return "done";
}

pg::Query end_query() {
    static const std::string text = unless_broken("fence",
                                                  sql::end_job.sql,
                                                  "lease_token = $3 AND state = 'running'",
                                                  "$3::uuid IS NOT NULL");
    return {sql::end_job.name, text.c_str()};
}

} // namespace

Job job_of(const pg::Row& row) {
    Job job;
    job.tenant = TenantId{row.uuid("tenant_id")};
    job.id = JobId{row.integer("id")};
    job.queue = row.text("queue");
    job.kind = row.text("kind");
    job.subject = row.text("subject");
    if (auto args = parse_json(row.view("args")); args && args->is_object()) {
        job.args = std::move(args->as_object());
    }
    job.priority = Priority(row.integer("priority"));
    job.runs = int(row.integer("runs"));
    job.failures = int(row.integer("failures"));
    job.crashes = int(row.integer("crashes"));
    job.lease_token = row.uuid("lease_token");
    job.traceparent = row.text("traceparent");
    return job;
}

pg::Scope scope_of(const Job& job) {
    return {job.tenant, pg::DbRole::worker};
}

std::string error_json(const Error& error) {
    json::object out;
    out["code"] = truncate_utf8(error.code, 100);
    out["text"] = truncate_utf8(error.message, longest_error_text);
    return json::serialize(out);
}

Task<bool> end_job(pg::Session& session, const Job& job, Ending ending, const Error* error) {
    std::optional<std::string> code;
    std::optional<std::string> text;
    if (error != nullptr) {
        code = error->code;
        text = error_json(*error);
    }
    auto values =
        pg::params(job.tenant, job.id, job.lease_token, std::string(name_of(ending)), code, text);
    const auto query = end_query();
    const auto rows = co_await session.run(query, std::move(values));
    co_return rows.affected() == 1;
}

Task<bool>
retry_job(pg::Session& session, const Job& job, double delay_seconds, const Error& error) {
    auto values = pg::params(job.tenant, job.id, job.lease_token, delay_seconds, error_json(error));
    const auto rows = co_await session.run(sql::retry_job, std::move(values));
    co_return rows.affected() == 1;
}

Task<bool>
snooze_job(pg::Session& session, const Job& job, double delay_seconds, const Error& error) {
    auto values = pg::params(job.tenant,
                             job.id,
                             job.lease_token,
                             delay_seconds,
                             longest_snooze_seconds,
                             error_json(error));
    const auto rows = co_await session.run(sql::snooze_job, std::move(values));
    co_return rows.affected() == 1;
}

Task<void> hand_back(pg::Database& database, std::vector<Job> jobs) {
    if (jobs.empty() || broken("hand_back")) co_return;
    std::vector<Uuid> tenants;
    std::vector<std::int64_t> ids;
    std::vector<Uuid> tokens;
    for (const auto& job : jobs) {
        tenants.push_back(job.tenant.value);
        ids.push_back(job.id.value);
        tokens.push_back(job.lease_token);
    }
    const pg::Scope scope{std::nullopt, pg::DbRole::worker};
    co_await database.run(scope, sql::hand_back, pg::params(tenants, ids, tokens));
}

double
backoff_seconds(int failures, std::chrono::milliseconds base, std::chrono::milliseconds max) {
    thread_local std::mt19937_64 random(std::random_device{}());
    const double ceiling =
        std::min(std::chrono::duration<double>(max).count(),
                 std::chrono::duration<double>(base).count() * std::exp2(std::min(failures, 30)));
    return std::uniform_real_distribution(0.0, ceiling)(random);
}

} // namespace hs::queue
