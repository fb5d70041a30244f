#include "pipeline/queue_room.hpp"

namespace hs::pipeline {

namespace {

constexpr std::chrono::seconds good_for(1);

} // namespace

bool QueueRoom::let_in(TenantId tenant, std::int64_t most, Time now) {
    const std::scoped_lock lock(mutex_);
    const auto found = counts_.find(tenant);
    if (found == counts_.end() || now - found->second.at > good_for) return false;
    // Other servers let calls in as well; near the limit only a count is good enough.
    if (found->second.jobs >= most - most / 10) return false;
    ++found->second.jobs;
    return true;
}

void QueueRoom::counted(TenantId tenant, std::int64_t jobs, Time now) {
    const std::scoped_lock lock(mutex_);
    counts_[tenant] = {jobs + 1, now};
}

} // namespace hs::pipeline
