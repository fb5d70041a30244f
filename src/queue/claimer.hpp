/// Decides what to claim next and claims it: a ring of tenants with work, four bands, remembered
/// lower bounds. Internal to src/queue; used from one strand.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "pg/database.hpp"
#include "queue/job.hpp"

namespace hs::queue {

struct Claimed {
    Job job;
    double waited_seconds = 0; // from run_at to the claim
    bool alone = false;        // nothing may run beside it in this process
};

using FreeSlots = std::map<std::string, int>; // queue -> how many may start

class Claimer {
public:
    Claimer(pg::Database& database,
            Uuid worker,
            std::chrono::milliseconds lease,
            std::uint64_t seed = std::random_device{}());

    /// Looks what there is: bands with jobs, paused queues. One probe a (tenant, queue, band).
    Task<void> refresh();
    /// One round over the ring: each tenant at most its share of the free slots, starting at a
    /// random place; bands 0 to 3, every eighth round 3 to 0.
    Task<std::vector<Claimed>> round(FreeSlots free);
    /// Whether jobs that a worker once vanished with are waiting in `queues`.
    Task<bool> has_suspects(std::vector<std::string> queues);
    /// Claims one of those seen by has_suspects.
    Task<std::optional<Claimed>> claim_suspect();

    /// Nothing is known to be claimable now.
    [[nodiscard]] bool ring_empty() const { return ring_.empty(); }

private:
    using Band = std::tuple<std::string, int, TenantId>; // queue, priority, tenant

    struct Reach {
        Time last_run_at{};
        std::chrono::steady_clock::time_point full_scan{};
    };

    Task<void> deal(std::string queue, int priority, int& free, std::vector<Claimed>& out);
    Task<std::vector<Claimed>> claim(Band band, int wanted);
    Task<std::vector<Claimed>> claim_from(Band band, int wanted, Time least);
    [[nodiscard]] std::vector<Band> tenants_of(const std::string& queue, int priority);

    pg::Database& database_;
    Uuid worker_;
    double lease_seconds_;
    std::mt19937_64 random_;
    std::set<Band> ring_;
    std::set<std::string> paused_;
    std::map<Band, Reach> reach_;
    std::vector<std::pair<TenantId, JobId>> suspects_;
    unsigned rounds_ = 0;
};

} // namespace hs::queue
