/// What stands between the jobs and the providers they pay: journal, shared pauses, limits.
///
/// A reply is sealed and committed before anybody reads it, so that a job that runs again after a
/// crash reads the kept one. Trouble at a provider becomes a pause that all workers keep: jobs
/// snooze, nothing is counted against them, and their places are free for others.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
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

namespace hs::pipeline {

enum class ProviderHealth { ready, paused, denied };

[[nodiscard]] std::string_view to_string(ProviderHealth health);

struct ProviderGateOptions {
    int at_once = 4;                        // requests in flight of one key and model
    int models_at_once = 4;                 // the same, of language models
    std::chrono::seconds denied_pause{300}; // after 401 or 403
    std::chrono::seconds default_pause{15}; // after 429 without a time
    std::chrono::seconds longest_quick{1};  // shorter waits are left to a quick repeat
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
    struct Lane; // one provider, key and model

    std::shared_ptr<Lane> lane_of(const providers::ProviderRequest& request);
    Task<std::optional<Error>> pause_left(std::shared_ptr<Lane> lane);
    Task<Result<InboundReply>> send(std::shared_ptr<Lane> lane,
                                    providers::ProviderRequest request,
                                    std::chrono::milliseconds& took);
    Task<Result<InboundReply>>
    judge(std::shared_ptr<Lane> lane, Result<InboundReply> reply, bool stopped);
    Task<Error> pause(std::shared_ptr<Lane> lane, std::chrono::seconds time, Error why);
    Task<Error> deny(std::shared_ptr<Lane> lane, Error why);

    Parts parts_;
    ProviderGateOptions options_;
    mutable std::mutex mutex_;
    std::map<std::string, std::shared_ptr<Lane>> lanes_; // guarded by mutex_
};

} // namespace hs::pipeline
