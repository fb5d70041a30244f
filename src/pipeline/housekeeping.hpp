/// Looking after what is stored: sweeper, fsck, audit chain, old reservations.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "pipeline/services.hpp"

namespace hs::pipeline {

struct FsckOptions {
    bool repair = false;               // false: report only, change nothing
    bool check_hashes = false;         // read every object whole
    double hash_share = 0;             // of the objects, chosen anew each hour: read those whole
    std::chrono::hours orphan_age{24}; // younger objects may belong to a running upload
};

struct FsckFinding {
    // orphan_object | media_missing | media_corrupt | media_unreadable | store_unlisted |
    // call_without_job
    std::string kind;
    std::string object; // path or call id
    std::string action; // "" | quarantined | requeued
};

struct FsckReport {
    std::size_t calls = 0;
    std::size_t objects = 0;
    std::vector<FsckFinding> findings;
};

/// Whether an object is in the sample of `share` (0 to 1) of the hour of `now`: by chance, but the
/// same for whoever asks again.
[[nodiscard]] bool sampled(const std::string& path, Time now, double share);

/// Compares the audio store with the database, tenant by tenant. Stored state only: nothing is
/// decoded or judged.
Task<FsckReport> check_store(const Services& services, FsckOptions options);

/// Moves audit_outbox rows to audit_log, each hashed with its predecessor (one tenant at a time).
Task<std::size_t> chain_audit(const Services& services);

/// Ends reservations of money that nobody will settle any more; sets the budgets' gauges.
Task<void> sweep_reservations(const Services& services);

/// Removes half-written objects of killed programs.
Task<void> remove_leftovers(const Services& services);

/// Hourly duty of the leader: check_store with repair, half-written objects, expired reservations,
/// tickets and journaled replies, events older than a day.
Task<void> sweep(const Services& services);

} // namespace hs::pipeline
