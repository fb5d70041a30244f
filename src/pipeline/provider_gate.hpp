/// What stands between the jobs and the providers they pay: journal, shared pauses, limits.
///
/// A reply is sealed and committed before anybody reads it, so that a job that runs again after a
/// crash reads the kept one. Trouble at a provider becomes a pause that all workers keep: jobs
/// snooze, nothing is counted against them, and their places are free for others. What requests
/// come to is counted by all workers together: when half of them fail, or five in a row, nobody
/// asks until one probe went well.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/master_key.hpp"
#include "base/metrics.hpp"
#include "pg/database.hpp"
#include "pipeline/provider_limits.hpp"
#include "pipeline/spend_ledger.hpp"
#include "providers/exchange.hpp"
#include "store/provider_calls.hpp"
#include "store/provider_state.hpp"

namespace hs::pipeline {

enum class ProviderHealth { ready, paused, denied };

[[nodiscard]] std::string_view to_string(ProviderHealth health);

struct ProviderGateOptions {
    int at_once = 4;                        // most requests in flight of one key and model
    int models_at_once = 4;                 // the same, of language models
    std::chrono::seconds denied_pause{300}; // after 401 or 403
    std::chrono::seconds default_pause{15}; // after 429 without a time
    std::chrono::seconds longest_quick{1};  // shorter waits are left to a quick repeat
    std::chrono::seconds first_pause{10};   // when the breaker opens; twice as long each time
    std::chrono::seconds longest_pause{300};
    std::chrono::seconds probe_time{60}; // a probe that takes longer is given to somebody else
    std::chrono::seconds probe_wait{10}; // of those who are not the probe
};

class ProviderGate {
public:
    struct Parts {
        pg::Database& database;
        const MasterKey& keys;
        const Clock& clock;
        providers::Transport transport;
        Log log;
        Metrics& metrics;
        SpendLedger* ledger = nullptr; // null: nobody counts money
    };

    ProviderGate(Parts parts, ProviderGateOptions options);

    /// For the requests about one subject (the call) of a tenant. Errors besides the transport's:
    /// rate_limited "<area>.paused", "<area>.denied", "<area>.rate_limited",
    /// "<area>.retry_budget": snooze until then; those of SpendLedger::reserve().
    [[nodiscard]] std::shared_ptr<providers::Exchange>
    exchange(TenantId tenant, std::string subject, std::optional<Uuid> run_id = std::nullopt);

    /// The worst of what this process knows of its providers.
    [[nodiscard]] ProviderHealth health() const;

private:
    friend class JournaledExchange;
    struct Lane;   // one provider, key, address and model
    struct Permit; // the right to send one request
    using PermitPtr = std::shared_ptr<Permit>;

    std::shared_ptr<Lane> lane_of(const providers::ProviderRequest& request);
    /// Waits for a place, then asks whether anybody may go. `request` outlives the task.
    Task<Result<PermitPtr>> admit(const providers::ProviderRequest& request);
    /// It is not sent after all.
    Task<void> withdraw(PermitPtr permit);
    Task<Result<InboundReply>> send(PermitPtr permit, providers::ProviderRequest request);
    /// After each reply of 2xx that somebody reads.
    Task<void> read(PermitPtr permit, bool sound);

    Task<Result<InboundReply>> judge(PermitPtr permit, Result<InboundReply> reply, bool stopped);
    /// How long everybody stays away when this was the failure too many.
    Task<std::optional<std::chrono::seconds>> note(PermitPtr permit, std::string verdict);
    Task<Error> pause(std::shared_ptr<Lane> lane, std::chrono::seconds time, Error why);
    Task<Error> deny(std::shared_ptr<Lane> lane, Error why);

    Parts parts_;
    ProviderGateOptions options_;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Lane>> lanes_; // guarded by mutex_
};

} // namespace hs::pipeline
