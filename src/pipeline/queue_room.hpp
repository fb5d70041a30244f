/// Whether a tenant's queue has room for another call, without counting its jobs for every upload.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

#include "base/ids.hpp"

namespace hs::pipeline {

class QueueRoom {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// True when the last count is a second old at most and, with the uploads that were let in
    /// since, still a tenth away from `most`: then one more is let in. Otherwise count, and tell.
    [[nodiscard]] bool let_in(TenantId tenant, std::int64_t most, Time now);

    void counted(TenantId tenant, std::int64_t jobs, Time now);

private:
    struct Count {
        std::int64_t jobs = 0; // let in since included
        Time at;
    };

    std::mutex mutex_;
    std::map<TenantId, Count> counts_;
};

} // namespace hs::pipeline
