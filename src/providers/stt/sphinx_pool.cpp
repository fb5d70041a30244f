#include "providers/stt/sphinx_pool.hpp"

#include <algorithm>
#include <utility>

namespace hs::providers {

Result<std::unique_ptr<SphinxChild>> SphinxPool::take(const std::string& vocabulary,
                                                      const Patience& patience) {
    std::vector<std::unique_ptr<SphinxChild>> gone; // reaped outside the lock
    {
        const std::scoped_lock lock(mutex_);
        const auto dead = std::stable_partition(
            idle_.begin(), idle_.end(), [](const auto& child) { return child->alive(); });
        std::move(dead, idle_.end(), std::back_inserter(gone));
        idle_.erase(dead, idle_.end());
        const auto fits = std::find_if(idle_.begin(), idle_.end(), [&](const auto& child) {
            return child->vocabulary == vocabulary;
        });
        if (const auto chosen = fits != idle_.end() ? fits : idle_.begin(); chosen != idle_.end()) {
            auto child = std::move(*chosen);
            idle_.erase(chosen);
            return child;
        }
    }
    return SphinxChild::start(program_, models_, patience);
}

void SphinxPool::give_back(std::unique_ptr<SphinxChild> child) {
    if (++child->jobs >= jobs_per_child_) return;
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(child));
}

std::vector<pid_t> SphinxPool::idle() const {
    const std::scoped_lock lock(mutex_);
    std::vector<pid_t> out;
    for (const auto& child : idle_)
        out.push_back(child->pid());
    return out;
}

} // namespace hs::providers
