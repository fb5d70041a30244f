#include "queue/claimer.hpp"

#include <algorithm>
#include <array>

#include "queue/breaks.hpp"
#include "queue/queries.hpp"
#include "queue/transitions.hpp"

namespace hs::queue {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

/// Claims cross tenants, and losing one in a crash only offers the job again.
const pg::Scope claim_scope{std::nullopt, pg::DbRole::worker, true};

/// A transaction may commit a little later than another that took a later run_at.
constexpr auto overlap = 50ms;
constexpr auto full_scan_every = 2s;

pg::Query claim_query() {
    static const std::string text = [] {
        auto sql = unless_broken("skip_locked", sql::claim.sql, "FOR UPDATE SKIP LOCKED", "");
        return unless_broken("random_token",
                             sql,
                             "gen_random_uuid()",
                             "lpad(to_hex(nextval('jobs_id_seq')), 32, '0')::uuid");
    }();
    return {sql::claim.name, text.c_str()};
}

std::vector<Claimed> claimed_of(const pg::Rows& rows, bool alone) {
    std::vector<Claimed> out;
    for (const auto row : rows)
        out.push_back({job_of(row), row.real("waited"), alone});
    return out;
}

Time latest_run_at(const pg::Rows& rows) {
    Time latest = Time::min();
    for (const auto row : rows)
        latest = std::max(latest, row.time("run_at"));
    return latest;
}

} // namespace

Claimer::Claimer(pg::Database& database,
                 Uuid worker,
                 std::chrono::milliseconds lease,
                 std::uint64_t seed)
    : database_(database), worker_(worker),
      lease_seconds_(std::chrono::duration<double>(lease).count()), random_(seed) {}

Task<void> Claimer::refresh() {
    const auto bands = co_await database_.run(claim_scope, sql::ready_bands, pg::Params());
    ring_.clear();
    for (const auto row : bands) {
        ring_.emplace(
            row.text("queue"), int(row.integer("priority")), TenantId{row.uuid("tenant_id")});
    }
    const auto paused = co_await database_.run(claim_scope, sql::paused_queues, pg::Params());
    paused_.clear();
    for (const auto row : paused)
        paused_.insert(row.text("queue"));
    std::erase_if(reach_, [this](const auto& entry) { return !ring_.contains(entry.first); });
}

Task<std::vector<Claimed>> Claimer::round(FreeSlots free) {
    std::vector<Claimed> out;
    std::array bands = {0, 1, 2, 3};
    if (++rounds_ % 8 == 0 && !broken("every_eighth")) std::reverse(bands.begin(), bands.end());
    for (const int priority : bands) {
        for (auto& [queue, slots] : free) {
            if (slots > 0 && !paused_.contains(queue)) co_await deal(queue, priority, slots, out);
        }
    }
    co_return out;
}

std::vector<Claimer::Band> Claimer::tenants_of(const std::string& queue, int priority) {
    std::vector<Band> out;
    const Band first{queue, priority, TenantId{}};
    for (auto it = ring_.lower_bound(first); it != ring_.end(); ++it) {
        if (std::get<0>(*it) != queue || std::get<1>(*it) != priority) break;
        out.push_back(*it);
    }
    if (out.size() > 1 && !broken("ring")) {
        const auto start = random_() % out.size();
        std::rotate(out.begin(), out.begin() + std::ptrdiff_t(start), out.end());
    }
    return out;
}

Task<void> Claimer::deal(std::string queue, int priority, int& free, std::vector<Claimed>& out) {
    const auto tenants = tenants_of(queue, priority);
    if (tenants.empty()) co_return;
    const int count = int(tenants.size());
    const int share = broken("ring") ? free : (free + count - 1) / count;
    for (const auto& band : tenants) {
        if (free <= 0) co_return;
        const int wanted = std::min(share, free);
        auto got = co_await claim(band, wanted);
        if (int(got.size()) < wanted) ring_.erase(band); // until the next look
        free -= int(got.size());
        std::move(got.begin(), got.end(), std::back_inserter(out));
    }
}

Task<std::vector<Claimed>> Claimer::claim(Band band, int wanted) {
    const auto known = reach_.find(band);
    const auto now = steady_clock::now();
    const bool bounded = known != reach_.end() && now - known->second.full_scan < full_scan_every &&
                         !broken("lower_bound");
    if (bounded) {
        auto got = co_await claim_from(band, wanted, known->second.last_run_at - overlap);
        if (!got.empty()) co_return got;
    }
    reach_[band].full_scan = now;
    co_return co_await claim_from(band, wanted, Time::min());
}

Task<std::vector<Claimed>> Claimer::claim_from(Band band, int wanted, Time least) {
    const auto query = claim_query();
    auto values = pg::params(std::get<2>(band),
                             std::get<0>(band),
                             std::get<1>(band),
                             least,
                             wanted,
                             worker_,
                             lease_seconds_);
    const auto rows = co_await database_.run(claim_scope, query, std::move(values));
    if (!rows.empty()) {
        reach_[band].last_run_at = latest_run_at(rows);
    } else {
        reach_.erase(band);
    }
    co_return claimed_of(rows, false);
}

Task<bool> Claimer::has_suspects(std::vector<std::string> queues) {
    const auto rows = co_await database_.run(claim_scope, sql::suspects, pg::params(queues));
    suspects_.clear();
    for (const auto row : rows) {
        if (paused_.contains(row.text("queue"))) continue;
        suspects_.emplace_back(TenantId{row.uuid("tenant_id")}, JobId{row.integer("id")});
    }
    co_return !suspects_.empty();
}

Task<std::optional<Claimed>> Claimer::claim_suspect() {
    while (!suspects_.empty()) {
        const auto [tenant, id] = suspects_.front();
        suspects_.erase(suspects_.begin());
        auto values = pg::params(tenant, id, worker_, lease_seconds_);
        const auto rows =
            co_await database_.run(claim_scope, sql::claim_suspect, std::move(values));
        auto got = claimed_of(rows, true);
        if (!got.empty()) co_return std::move(got.front());
    }
    co_return std::nullopt;
}

} // namespace hs::queue
