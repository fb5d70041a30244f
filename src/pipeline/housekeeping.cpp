#include "pipeline/housekeeping.hpp"

#include <algorithm>

#include "pipeline/evaluate.hpp"
#include "pipeline/objects.hpp"
#include "pipeline/redacted_audio.hpp"
#include "pipeline/upload_steps.hpp"
#include "store/audit.hpp"
#include "store/calls.hpp"
#include "store/events.hpp"
#include "store/idempotency.hpp"
#include "store/judgements.hpp"
#include "store/model_answers.hpp"
#include "store/paid_requests.hpp"
#include "store/provider_calls.hpp"

namespace hs::pipeline {

namespace {

constexpr int page = 500;
/// An upload may take 15 minutes and a store may be slow; nobody writes for a day.
constexpr std::chrono::hours leftover_age{24};
constexpr int event_batch = 5000;
/// One object in a hundred is read whole each day, by a sweeper that comes every hour.
constexpr double hashed_each_hour = 0.01 / 24;

pg::Scope worker_scope(TenantId tenant) {
    return {.tenant = tenant, .role = pg::DbRole::worker};
}

/// What a failed look at an object says of it: a store that does not answer has lost nothing.
std::string trouble_of(const Error& error) {
    if (error.code == "storage.not_found") return "media_missing";
    return error.code == "storage.corrupt" ? "media_corrupt" : "media_unreadable";
}

/// Rows whose object is gone, or does not read as it was written.
Task<void>
check_rows(const Services& services, TenantId tenant, FsckOptions options, FsckReport& report) {
    const auto unit = services.database.unit(worker_scope(tenant));
    std::optional<CallId> after;
    for (;;) {
        const auto objects = co_await store::list_objects(*unit, tenant, after, page);
        if (objects.empty()) co_return;
        for (const auto& object : objects) {
            after = object.call_id;
            if (object.variant == "original") ++report.calls;
            const auto key = stored_key(tenant, object.call_id, object.path, object.variant);
            auto look = [&services, key] { return services.blobs.stat(key); };
            auto stat = co_await services.disk.run(look);
            if (!stat) {
                report.findings.push_back({trouble_of(stat.error()), object.path, ""});
                continue;
            }
            bool sound = stat->size == object.bytes && stat->sha256 == object.sha256;
            const bool whole_one = options.check_hashes ||
                                   sampled(object.path, services.clock.now(), options.hash_share);
            if (sound && whole_one) {
                auto fetch = [&services, key] { return services.blobs.fetch(key); };
                auto whole = co_await services.disk.run(fetch);
                if (!whole && trouble_of(whole.error()) == "media_unreadable") {
                    report.findings.push_back({"media_unreadable", object.path, ""});
                    continue;
                }
                sound = whole.has_value();
            }
            if (!sound) report.findings.push_back({"media_corrupt", object.path, ""});
        }
    }
}

/// Whether an object without a row is old enough: its call id carries the time it was made.
bool older_than(CallId call, Time now, std::chrono::hours age) {
    std::uint64_t milliseconds = 0;
    for (int i = 0; i < 6; ++i)
        milliseconds = (milliseconds << 8U) | call.value.bytes.at(static_cast<std::size_t>(i));
    const Time made{std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds))};
    return now - made >= age;
}

Task<bool> belongs_to_a_row(pg::Session& session, TenantId tenant, CallId call, std::string path) {
    // The sidecar belongs to its call, the audio to the row that names it. A redacted copy no row
    // names: the last one of a call is made from what the call is now.
    if (variant_of_path(path) == "redacted") {
        const auto wanted = co_await redacted_key(session, tenant, call);
        co_return wanted && wanted->path == path;
    }
    if (variant_of_path(path) == "form") {
        const auto media = co_await store::find_media(session, tenant, call);
        co_return media && media->object_path.substr(0, media->object_path.rfind('.')) ==
                               path.substr(0, path.rfind('.'));
    }
    co_return co_await store::object_is_known(session, tenant, path);
}

Task<void>
check_objects(const Services& services, TenantId tenant, FsckOptions options, FsckReport& report) {
    const auto unit = services.database.unit(worker_scope(tenant));
    const std::string prefix = "t/" + tenant.str() + "/";
    std::string after;
    for (;;) {
        auto look = [&services, prefix, after] { return services.blobs.list(prefix, after, page); };
        auto listed = co_await services.disk.run(look);
        if (!listed) report.findings.push_back({"store_unlisted", prefix, ""});
        if (!listed || listed->empty()) co_return;
        for (const auto& path : *listed) {
            after = path;
            ++report.objects;
            const auto call = call_of_path(path);
            bool known = false;
            if (call) known = co_await belongs_to_a_row(*unit, tenant, *call, path);
            if (known) continue;
            if (call && !older_than(*call, services.clock.now(), options.orphan_age)) continue;
            FsckFinding finding{"orphan_object", path, ""};
            if (options.repair) {
                auto move = [&services, path] { return services.blobs.quarantine(path); };
                auto moved = co_await services.disk.run(move);
                if (moved) finding.action = "quarantined";
            }
            report.findings.push_back(std::move(finding));
        }
    }
}

Task<bool> requeue(const Services& services, TenantId tenant, CallId call) {
    auto transaction = co_await services.database.begin(worker_scope(tenant));
    if (co_await store::has_live_job(*transaction, tenant, call)) co_return false;
    const auto transcript = co_await store::current_transcript(*transaction, tenant, call);
    const auto job =
        transcript ? evaluate_job(call, transcript->id, "requeued") : transcribe_job(call);
    co_await queue::enqueue(*transaction, tenant, job);
    co_await transaction->commit();
    services.wake(job.queue, tenant);
    co_return true;
}

Task<void>
check_jobs(const Services& services, TenantId tenant, FsckOptions options, FsckReport& report) {
    const auto unit = services.database.unit(worker_scope(tenant));
    for (const auto call : co_await store::calls_without_job(*unit, tenant, page)) {
        FsckFinding finding{"call_without_job", call.str(), ""};
        bool requeued = false;
        if (options.repair) requeued = co_await requeue(services, tenant, call);
        if (requeued) finding.action = "requeued";
        report.findings.push_back(std::move(finding));
    }
}

Task<std::vector<TenantId>> all_tenants(const Services& services) {
    const auto unit = services.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    co_return co_await store::list_tenants(*unit);
}

Task<std::size_t> chain_tenant(const Services& services, TenantId tenant) {
    auto transaction = co_await services.database.begin(worker_scope(tenant));
    const auto rows = co_await store::pending_audit(*transaction, tenant, page);
    const auto last = co_await store::audit_head(*transaction, tenant);
    auto head = last.value_or(store::AuditHead{});
    for (const auto& row : rows) {
        Hasher hasher;
        hasher.update(head.hash);
        hasher.update(bytes_of(row.canonical));
        const auto hash = hasher.finish();
        co_await store::append_audit(*transaction, tenant, row.outbox_id, head, hash);
        head = {head.sequence + 1, Bytes(hash.begin(), hash.end())};
    }
    co_await transaction->commit();
    co_return rows.size();
}

} // namespace

/// Whether an object is in this hour's sample of `share`: by chance, but the same for whoever asks
/// again.
bool sampled(const std::string& path, Time now, double share) {
    if (share <= 0) return false;
    const auto hour = std::chrono::duration_cast<std::chrono::hours>(now.time_since_epoch());
    const auto hash = sha256(bytes_of(path + "@" + std::to_string(hour.count())));
    const auto drawn = static_cast<double>((hash[0] << 16U) | (hash[1] << 8U) | hash[2]);
    return drawn < share * 0x1000000;
}

Task<FsckReport> check_store(const Services& services, FsckOptions options) {
    FsckReport report;
    for (const auto tenant : co_await all_tenants(services)) {
        co_await check_rows(services, tenant, options, report);
        co_await check_objects(services, tenant, options, report);
        co_await check_jobs(services, tenant, options, report);
    }
    co_return report;
}

Task<std::size_t> chain_audit(const Services& services) {
    std::size_t chained = 0;
    for (const auto tenant : co_await all_tenants(services)) {
        std::size_t moved = 0;
        do {
            moved = co_await chain_tenant(services, tenant);
            chained += moved;
        } while (moved == page);
    }
    co_return chained;
}

Task<void> sweep_reservations(const Services& services) {
    if (services.ledger == nullptr) co_return;
    auto tenants = co_await all_tenants(services);
    co_await services.ledger->sweep(std::move(tenants));
}

Task<void> remove_leftovers(const Services& services) {
    auto remove = [&services] { return services.blobs.remove_leftovers(leftover_age); };
    const auto removed = co_await services.disk.run(remove);
    if (removed > 0) services.log.info("store.leftovers_removed", {{"files", removed}});
}

Task<void> sweep(const Services& services) {
    FsckOptions options;
    options.repair = true;
    options.hash_share = hashed_each_hour;
    const auto report = co_await check_store(services, options);
    for (const auto& finding : report.findings) {
        services.log.warn(
            "store.finding",
            {{"kind", finding.kind}, {"object", finding.object}, {"action", finding.action}});
    }
    services.metrics.gauge("hacksmart_orphans", "Findings of the last sweep")
        .set(static_cast<double>(report.findings.size()));
    for (const auto tenant : co_await all_tenants(services)) {
        const auto unit = services.database.unit(worker_scope(tenant));
        co_await store::purge_reservations(*unit, tenant);
        co_await store::purge_provider_calls(*unit, tenant);
        co_await store::purge_model_answers(*unit, tenant);
        co_await store::purge_paid_requests(*unit, tenant);
        co_await store::purge_tickets(*unit, tenant);
        std::int64_t purged = event_batch;
        while (purged == event_batch)
            purged = co_await store::purge_events(*unit, tenant, event_batch);
    }
    co_await remove_leftovers(services);
    services.log.info("store.swept", {{"calls", report.calls}, {"objects", report.objects}});
}

} // namespace hs::pipeline
